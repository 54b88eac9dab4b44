"""torchvision: its compiled operators where they fit the torch at hand; the sources for TorchScript."""

import importlib.util
import subprocess
import sys
from pathlib import Path

module_collection_mode = "pyz+py"
_fits = subprocess.run([sys.executable, "-c", "import torchvision"], capture_output=True).returncode == 0
_found = importlib.util.find_spec("torchvision")
_folder = Path(_found.submodule_search_locations[0])
_operators = sorted(
    path for path in _folder.glob("_C*") if path.suffix in (".so", ".pyd")
)  # also _C_stable.so
if _fits and not _operators:
    raise SystemExit(
        f"torchvision's compiled operators are not in {_folder}; a bundle without them cannot start"
    )
binaries = [(str(path), "torchvision") for path in _operators if _fits]
excludedimports = [] if _fits else ["torchvision._C"]
