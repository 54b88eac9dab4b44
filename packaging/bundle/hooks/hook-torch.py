"""torch: what is imported, its sources (TorchScript reads them) and its libraries; no headers, tools or tests."""

from PyInstaller.utils.hooks import collect_dynamic_libs

module_collection_mode = "pyz+py"
bindepend_symlink_suppression = ["**/torch/lib/*.so*"]
binaries = [
    (source, target)
    for source, target in collect_dynamic_libs("torch", search_patterns=["*.so", "*.so.*", "*.dll", "*.dylib"])
    if "test" not in source.replace("\\", "/").split("torch/", 1)[-1]
]
