"""The file of several frames that was read last, so that turning them over does not read it again."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cxr_desktop.domain import Radiograph

if TYPE_CHECKING:
    from cxr_desktop.dicom import RadiographFile


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    path: Path
    stamp: tuple[int, int]
    file: RadiographFile


class LastFile:
    """Threads may share it: one reads from the kept file at a time. A file that changed is read again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: _Kept | None = None

    def frame(self, path: Path, index: int) -> Radiograph:
        """A frame of the file at path. Raises DicomReadError as `read_radiograph` does."""
        from cxr_desktop.dicom import RadiographFile

        stamp = _stamp(path)
        kept = self._kept
        if kept is not None and kept.path == path and kept.stamp == stamp:
            with self._lock:
                return kept.file.frame(index)
        file = RadiographFile.open(path)
        radiograph = file.frame(index)
        if index > 0 and stamp is not None:  # so not for a thumbnail, which takes the first
            self._kept = _Kept(path, stamp, file)
        return radiograph


def _stamp(path: Path) -> tuple[int, int] | None:
    """Time of the last change and size; None where the file cannot be asked."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
