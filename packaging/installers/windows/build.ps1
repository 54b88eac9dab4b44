# Build the Windows bundle and installer, on Windows with Python 3.11 and NSIS:  build.ps1 [cpu|cuda]
# Not run on the machines where this program is developed; a Windows CI runner runs it.
param([string]$Edition = "cpu")
$ErrorActionPreference = "Stop"
Set-Location (Join-Path $PSScriptRoot "..\..\..")
$folder = "build\bundle"
$version = (Select-String -Path cxr_desktop\__init__.py -Pattern '__version__ = "(.*)"').Matches[0].Groups[1].Value
$lock = "packaging\bundle\locks\windows-amd64-$Edition.txt"
if (-not (Test-Path $lock)) { throw "there is no $lock; write it with: python packaging\bundle\lock.py $Edition windows-amd64" }

py -3.11 -m venv "$folder\venv"
$python = "$folder\venv\Scripts\python.exe"
& $python -m pip install --quiet --no-deps --require-hashes -r $lock
& $python packaging\installers\icons.py "$folder\icons"
Copy-Item "$folder\icons\cxr-desktop.ico" packaging\installers\windows\cxr-desktop.ico
$env:CXR_BUNDLE_SOURCES = "$folder\sources.json"
& $python -m PyInstaller --noconfirm --distpath "$folder\dist" --workpath "$folder\work" packaging\bundle\cxr_desktop.spec
if ($LASTEXITCODE) { throw "PyInstaller failed" }
& $python packaging\bundle\notices.py "$folder\sources.json" "$folder\dist\cxr-desktop"
& $python packaging\bundle\report.py "$folder\dist\cxr-desktop" "$folder\dist\cxr-desktop\files.sha256"
$bundle = (Resolve-Path "$folder\dist\cxr-desktop").Path
if ($Edition -eq "cuda") {  # larger than an installer of NSIS can be
    tar -a -cf "$folder\cxr-desktop-$version-windows-cuda.zip" -C "$folder\dist" cxr-desktop
    exit $LASTEXITCODE
}
$icon = (Resolve-Path "$folder\icons\cxr-desktop.ico").Path
$out = Join-Path (Resolve-Path $folder).Path "cxr-desktop-$version-windows-$Edition-setup.exe"
makensis "-DVERSION=$version" "-DBUNDLE=$bundle" "-DICON=$icon" "-DOUT=$out" packaging\installers\windows\cxr-desktop.nsi
if ($LASTEXITCODE) { throw "makensis failed" }
