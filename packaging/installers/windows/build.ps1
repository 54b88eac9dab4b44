# Build the Windows bundle and installer, on Windows with Python 3.11 and NSIS:  build.ps1
# Not run on the machines where this program is developed; a Windows CI runner runs it. The cpu edition alone:
# PyPI has no torch for NVIDIA's GPUs on Windows, and an installer of NSIS holds 2 GB at most.
$ErrorActionPreference = "Stop"
Set-Location (Join-Path $PSScriptRoot "..\..\..")
$folder = "build\bundle"
$version = (Select-String -Path cxr_desktop\__init__.py -Pattern '__version__ = "(.*)"').Matches[0].Groups[1].Value
$lock = "packaging\bundle\locks\windows-amd64-cpu.txt"

# A program's failure is no error to PowerShell: without this, what lacks its licence would be handed out.
function Invoke-Step([scriptblock]$Step) { & $Step; if ($LASTEXITCODE) { throw "failed:$Step" } }

Invoke-Step { py -3.11 -m venv "$folder\venv" }
$python = "$folder\venv\Scripts\python.exe"
Invoke-Step { & $python -m pip install --quiet --no-deps --require-hashes -r $lock }
Invoke-Step { & $python packaging\installers\icons.py "$folder\icons" }
Copy-Item "$folder\icons\cxr-desktop.ico" packaging\installers\windows\cxr-desktop.ico
$env:CXR_BUNDLE_SOURCES = "$folder\sources.json"
Invoke-Step { & $python -m PyInstaller --noconfirm --distpath "$folder\dist" --workpath "$folder\work" packaging\bundle\cxr_desktop.spec }
$bundle = (Resolve-Path "$folder\dist\cxr-desktop").Path
Invoke-Step { & $python packaging\bundle\notices.py "$folder\sources.json" $bundle }
Invoke-Step { & $python packaging\bundle\report.py $bundle "$bundle\files.sha256" }
$icon = (Resolve-Path "$folder\icons\cxr-desktop.ico").Path
$out = Join-Path (Resolve-Path $folder).Path "cxr-desktop-$version-windows-cpu-setup.exe"
Invoke-Step { makensis "-DVERSION=$version" "-DBUNDLE=$bundle" "-DICON=$icon" "-DOUT=$out" packaging\installers\windows\cxr-desktop.nsi }
