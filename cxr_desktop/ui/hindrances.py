"""What keeps this installation or this account from working as it should, in words with the cure."""

from __future__ import annotations

import tempfile
from pathlib import Path

from cxr_desktop.ui.translation import tr

NEEDED = 64 * 1024
"""Bytes: less than a day's readings take; a disk without them is full."""


def saving_problem(folder: Path) -> str:
    """Why nothing can be kept in the data folder, and what to do; '' where it can be written."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(NEEDED))
    except OSError as error:
        return tr(
            "Nothing can be kept on this computer: {folder} cannot be written ({value}). Readings of "
            "this session will be lost when the window is closed. Free some space or have the "
            "permissions of that folder corrected, or set CXR_DESKTOP_DATA to a folder of your own."
        ).format(folder=folder, value=error.strerror or error)
    return ""


def reason(error: BaseException) -> str:
    """What an error says, with the cure where it comes of a damaged installation."""
    # The loader's errors on libraries have no number; those on users' files have one.
    if isinstance(error, ImportError) or (isinstance(error, OSError) and error.errno is None):
        return tr(
            "This installation is damaged ({error}). Install CXR Desktop again; 'cxr-desktop doctor' "
            "names every changed or missing file."
        ).format(error=error)
    return str(error)
