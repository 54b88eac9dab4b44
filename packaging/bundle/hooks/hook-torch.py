"""torch: what is imported, its sources (TorchScript reads them) and its libraries; no headers, tools or tests."""

import importlib.util
from pathlib import Path

from PyInstaller.utils.hooks import collect_dynamic_libs, collect_submodules

module_collection_mode = "pyz+py"
hiddenimports = collect_submodules("torch._dynamo.polyfills")  # found by name at run time
bindepend_symlink_suppression = ["**/torch/lib/*.so*"]
binaries = [
    (source, target)
    for source, target in collect_dynamic_libs(
        "torch", search_patterns=["*.so", "*.so.*", "*.dll", "*.dylib"]
    )
    if "test" not in source.replace("\\", "/").split("torch/", 1)[-1]
]

_folder = Path(importlib.util.find_spec("torch").submodule_search_locations[0])
datas = [
    (str(path), "torch/bin") for path in _folder.glob("bin/torch_shm_manager*")
]  # importing torch looks for it

# NVIDIA's libraries that others open by name at run time, and no recipe sees: cuDNN's parts and nvrtc's.
_nvidia = _folder.parent / "nvidia"
_opened = [
    path
    for pattern in ("*/lib/libcudnn_*.so*", "*/lib/libnvrtc-builtins.so*")
    for path in _nvidia.glob(pattern)
]
if _nvidia.is_dir() and not _opened:
    raise SystemExit(f"{_nvidia} holds no cuDNN; a bundle without it computes nothing on a GPU")
binaries += [(str(path), str(path.parent.relative_to(_folder.parent))) for path in _opened]
