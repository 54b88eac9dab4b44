"""What a damaged bundle says: which part failed, and how to mend it."""

from __future__ import annotations

import os
import sys
import zlib
from contextlib import suppress
from pathlib import Path
from traceback import walk_tb

LIBRARIES = "libraries.txt"
"""In the folder of the bundle's parts, where `report.py` writes it: `SIZE NAME` of every library."""
IMPORTERS = "pyimod"
"""What the names of PyInstaller's own modules begin with."""

DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")

AGAIN = (
    "Install CXR Desktop again with its .deb, archive or installer; readings and settings stay. "
    "'cxr-desktop doctor' names every changed or missing file."
)


def cut_short() -> str:
    """A sentence on the first library that is not as long as it was built; '' where all are.

    Who reads beyond the end of a library is ended by the system without a word, so this comes first. Signing
    alters libraries of macOS, which watches over them itself.
    """
    if sys.platform == "darwin":
        return ""
    folder = Path(getattr(sys, "_MEIPASS", ""))
    try:
        lines = (folder / LIBRARIES).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        return _damaged(str(error))
    for line in lines:
        size, _, name = line.partition(" ")
        path = folder / name
        if not path.is_file() or path.stat().st_size != int(size):
            return _damaged(f"{path} is {'cut short' if path.is_file() else 'missing'}")
    return ""


def sentence_on(error: ImportError | OSError | zlib.error) -> str:
    """A sentence where the error comes of a missing or altered part of the bundle; '' for any other."""
    if isinstance(error, zlib.error):
        return _damaged(f"{sys.executable} is altered, {error}") if _is_of_importing(error) else ""
    if isinstance(error, FileNotFoundError) and not _is_bundled(error.filename):
        return ""
    # The loader's errors on libraries have no number; those on users' files have one.
    if not isinstance(error, (ImportError, FileNotFoundError)) and error.errno is not None:
        return ""
    return _damaged(str(error))


def tell(sentence: str) -> None:
    """To standard error, and in a dialog where a window was wanted and Qt still works."""
    sys.stderr.write(f"cxr-desktop: {sentence}\n")
    wanted = len(sys.argv) < 2 or sys.argv[1] in ("open", "demo")
    if not wanted or (sys.platform.startswith("linux") and not any(map(os.environ.get, DISPLAYS))):
        return
    with suppress(ImportError):
        from PySide6.QtWidgets import QApplication, QMessageBox

        _application = QApplication.instance() or QApplication(sys.argv[:1])
        QMessageBox.critical(None, "CXR Desktop", sentence)


def _damaged(what: str) -> str:
    return f"this installation of CXR Desktop is damaged: {what}. {AGAIN}"


def _is_of_importing(error: BaseException) -> bool:
    """Whether the program's own modules could not be unpacked; users' files are packed as well."""
    frames = (frame for frame, _line in walk_tb(error.__traceback__))
    return any(Path(frame.f_code.co_filename).name.startswith(IMPORTERS) for frame in frames)


def _is_bundled(name: object) -> bool:
    folder = getattr(sys, "_MEIPASS", None)
    return folder is not None and isinstance(name, str) and Path(name).is_relative_to(folder)
