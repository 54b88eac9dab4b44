"""What the bundle holds and what it leaves out, each with its reason."""

from __future__ import annotations

import re
import subprocess
import sys

RESOURCES = ("demo", "icons", "input_check", "labels", "models", "theme")
"""Folders of resources/ that the program reads; screenshots are the README's."""

METADATA = (
    "torch", "torchvision", "timm", "pydicom", "PySide6-Essentials", "reportlab",
    "numpy", "scipy", "pillow", "safetensors", "highdicom", "dicom-anonymizer", "imagecodecs",
    "pynetdicom", "dicomweb-client", "cryptography", "pypdfium2",
)  # fmt: skip
"""Packages whose version `doctor` states."""

IMAGE_CODECS = ("_imcd", "_jpeg2k", "_jpegls", "_jpeg8", "_shared", "_shared_cython")
"""imagecodecs loads its codecs by name at the first use; these are DICOM's."""

EXTRAS = ("torchxrayvision", "distributed", "pyarrow", "fsspec", "s3fs")
"""What the program uses where it is installed, and the installer goes without."""

EXCLUDED_MODULES = (
    *EXTRAS,
    "tkinter", "IPython", "matplotlib", "pandas", "pytest", "setuptools", "pip",  # never imported by the program
    "SimpleITK", "skimage", "sklearn", "cv2",  # tests and training
    "triton", "torch.utils.tensorboard", "torch.utils.benchmark",
    "huggingface_hub", "networkx",  # fetching and graphs: never at run time
    "jpeg_ls",  # writes JPEG-LS for highdicom; the program writes none and reads it with imagecodecs
    "reportlab.graphics.testdrawings", "PIL._avif", "PIL._tkinter_finder",
    "PySide6.QtNetwork", "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtOpenGL", "PySide6.QtDBus",
    "PySide6.QtTest", "PySide6.QtSql",
)  # fmt: skip

REPLACED = ("torchvision._meta_registrations",)
"""Modules that `without_operators.py` stands in for."""

_UNWANTED = tuple(
    re.compile(pattern)
    for pattern in (
        r"libQt6(Quick|Qml|Pdf|VirtualKeyboard|Network|Sql|Test|OpenGL|EglF[Ss]|ShaderTools)",
        r"PySide6/Qt/plugins/(platforminputcontexts/libqtvirtualkeyboard|networkinformation|tls|egldeviceintegrations)",
        r"PySide6/Qt/plugins/platforms/libq(eglfs|linuxfb|minimalegl|vnc|vkkhrdisplay)",
        r"PySide6/Qt/plugins/imageformats/libq(pdf|tiff|webp|icns|tga|wbmp)",
        r"PySide6/Qt/(translations|qml|resources)/",
        r"torch/(include|test|share)/",
        r"torch/bin/(?!torch_shm_manager)",
        r"torch/lib/lib(torchbind_test|jitbackend_test|backend_with_compiler|aoti_custom_ops)",
        r"torchvision/image(_stable)?\.",
        r"torchvision\.libs/",  # serves image. alone
        r"pillow\.libs/libavif|PIL/_avif",
        r"PySide6/Qt/plugins/platformthemes/libqgtk3",  # with its libraries:
        r"^lib(gtk|gdk|gdk_pixbuf|pango|pangocairo|pangoft2|cairo|cairo-gobject|atk|gio|gmodule|thai|datrie|fribidi)-?[0-9.]*\.so",
        r"\.dist-info/(RECORD|INSTALLER|REQUESTED)$",  # of the build's own folder: no two builds would be alike
        r"(^|/)tests?/",
        r"\.(pyi|h|hpp|cuh|cmake|a|lib)$",
    )
)


def is_wanted(target: str) -> bool:
    """Whether a file, named by its place in the bundle, is needed there."""
    name = target.replace("\\", "/")
    return not any(pattern.search(name) for pattern in _UNWANTED)


def operators_fit() -> bool:
    """Whether torchvision's compiled operators load beside the torch at hand; they do not beside another build."""
    tried = subprocess.run([sys.executable, "-c", "import torchvision"], capture_output=True, check=False)
    return tried.returncode == 0
