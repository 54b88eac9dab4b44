"""The folder that objects from other systems are put into, one file each, whole or not there."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from cxr_desktop.dicom.failure import DAMAGE
from cxr_desktop.transfer.failure import NotKept, TransferError

_UID = re.compile(r"[0-9]+(\.[0-9]+)*")
_LONGEST_UID = 64


@dataclass(frozen=True, slots=True)
class Received:
    """An object that came in. new: False where the very same file was there already."""

    path: Path
    sop_instance_uid: str
    study_uid: str
    new: bool


Told = Callable[[Received], None]


class Inbox:
    """A folder for each study, a file for each object; the same object again takes its own place.

    told: called for everything that came in, on whatever thread it came in. Private to the user.
    """

    def __init__(self, folder: Path, told: Told | None = None) -> None:
        self._folder = folder
        self._told = told
        self._one_by_one = threading.Lock()
        self.received: dict[str, Received] = {}
        self.problem: TransferError | None = None

    def require_writable(self) -> None:
        """Raises NotKept before anything is asked for, where nothing could be kept."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._folder):
                pass
        except OSError as error:
            raise self._not_kept(error) from error

    def take(self, content: bytes) -> Received:
        """Keep a DICOM file. Raises NotKept, which stays in `problem`, and TransferError for what is no object."""
        sop, study = _identity(content)
        folder = self._folder / _safe(study)
        target = folder / f"{_safe(sop)}.dcm"
        try:
            with self._one_by_one:
                new = not _holds(target, content)
                if new:
                    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                    _write(target, content)
        except OSError as error:
            self.problem = self._not_kept(error)
            raise self.problem from error
        received = Received(target, sop, study, new)
        self.received[sop] = received
        if self._told is not None:
            self._told(received)
        return received

    def _not_kept(self, error: OSError) -> NotKept:
        return NotKept(
            f"what comes in cannot be kept in {self._folder} ({error.strerror}); check the folder's permissions "
            "and free space. What came before is kept"
        )


def _identity(content: bytes) -> tuple[str, str]:
    import pydicom

    try:
        dataset = pydicom.dcmread(
            BytesIO(content), specific_tags=["SOPInstanceUID", "StudyInstanceUID"], stop_before_pixels=True
        )
        sop, study = str(dataset.get("SOPInstanceUID", "")), str(dataset.get("StudyInstanceUID", ""))
    except DAMAGE as error:
        raise TransferError(
            f"an object that came in is damaged ({type(error).__name__}); have it sent again"
        ) from error
    if not sop or not study:
        raise TransferError(
            "an object that came in has no SOP Instance UID or Study Instance UID; it was not kept"
        )
    return sop, study


def _safe(uid: str) -> str:
    """The UID, as the name of a file; what comes from the network must not lead out of the folder."""
    if _UID.fullmatch(uid) and len(uid) <= _LONGEST_UID:
        return uid
    return f"uid-{hashlib.sha256(uid.encode()).hexdigest()[:32]}"


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except FileNotFoundError:
        return False


def _write(target: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(target)
    except OSError:
        with suppress(OSError):
            Path(name).unlink()
        raise
