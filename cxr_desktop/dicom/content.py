"""The bytes of a file, read once, and what they are, judged by the bytes and not by the name."""

from __future__ import annotations

import hashlib
import stat
import threading
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Literal, TypeVar

import numpy as np

from cxr_desktop.dicom.failure import Unreadable

LARGEST_FILE = 2**30
PREAMBLE = 128

_RASTER_MAGICS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_CMS_OID = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
# First elements of data sets written without the Part 10 header: group 0002 or 0008, low element.
_BARE_GROUPS = (b"\x02\x00", b"\x08\x00", b"\x00\x02", b"\x00\x08")
SNIFFED = 256
Taken = TypeVar("Taken")


class NoFile(Unreadable):
    """A pipe, a socket or a device: opening one may wait for ever."""


class ContentKind(StrEnum):
    """What the first bytes of a file announce."""

    DICOM = "DICOM"
    BARE_DICOM = "DICOM without header"
    RASTER = "raster image"
    ENCRYPTED = "encrypted DICOM"
    ZIP = "zip archive"
    EMPTY = "empty"
    OTHER = "other"


def content_kind(start: bytes) -> ContentKind:
    """The kind of a file, from its first SNIFFED bytes."""
    if not start:
        return ContentKind.EMPTY
    if start[PREAMBLE : PREAMBLE + 4] == b"DICM":
        return ContentKind.DICOM
    if start.startswith(_RASTER_MAGICS):
        return ContentKind.RASTER
    if start.startswith(b"PK\x03\x04") or start.startswith(b"PK\x05\x06"):
        return ContentKind.ZIP
    if start.startswith(b"\x30") and _CMS_OID in start[:64]:
        return ContentKind.ENCRYPTED
    return ContentKind.BARE_DICOM if _is_bare_dicom(start) else ContentKind.OTHER


def _is_bare_dicom(start: bytes) -> bool:
    """Whether an element of group 0002 or 0008 begins the file, with a length that can be."""
    if len(start) < 8 or start[:2] not in _BARE_GROUPS:
        return False
    order: Literal["little", "big"] = "little" if start[0] else "big"
    element = int.from_bytes(start[2:4], order)
    explicit = start[4:6].isalpha() and start[4:6].isupper()
    length = int.from_bytes(start[4:8], order)
    return element <= 0x0100 and (explicit or length <= 1024)


def first_bytes(path: Path, count: int = SNIFFED) -> bytes:
    """The first bytes of the file at path. Raises Unreadable where it cannot be opened."""
    return _read(path, lambda stream: stream.read(count))


def all_bytes(path: Path) -> bytes:
    """All bytes of the file at path. Raises Unreadable where it cannot be read or is too large."""
    return _read(path, _whole)


def large_bytes(path: Path) -> memoryview:
    """As `all_bytes`, read-only, in memory that numpy asks the system to lay out in large pages.

    Of a file of 30 MB those are 15, where bytes take 7,000 small ones, each cleared at its first touch: on a
    worker's thread that is three times what the reading costs.
    """
    return _read(path, _whole_in_large_pages)


def _whole(stream: BinaryIO) -> bytes:
    _size(stream)
    return stream.read()


def _whole_in_large_pages(stream: BinaryIO) -> memoryview:
    memory = np.empty(_size(stream), np.uint8).data
    filled = 0
    while filled < len(memory):
        count = stream.readinto(memory[filled:])  # type: ignore[attr-defined]
        if not count:
            break  # the file has become shorter
        filled += count
    return memory[:filled].toreadonly()


def _size(stream: BinaryIO) -> int:
    size = stream.seek(0, 2)
    _refuse_too_large(size)
    stream.seek(0)
    return size


def _read(path: Path, take: Callable[[BinaryIO], Taken]) -> Taken:
    try:
        _refuse_endless(path.stat().st_mode)
        with path.open("rb") as stream:
            return take(stream)
    except FileNotFoundError as error:
        raise Unreadable("there is no such file. Check the path.") from error
    except (IsADirectoryError, PermissionError) as error:  # Windows says the second of a folder, too
        if path.is_dir():
            raise Unreadable("this is a folder. Give a file in it, or open the folder as a study.") from error
        raise Unreadable(
            "the file may not be read by this user. Change its permissions or copy it."
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Unreadable(
            f"the file cannot be read ({reason}). Check the disk or the network share."
        ) from error


def _refuse_endless(mode: int) -> None:
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise NoFile("this is a pipe, a socket or a device, not a file. Choose a file.")


def _refuse_too_large(size: int) -> None:
    if size > LARGEST_FILE:
        raise Unreadable(
            f"the file holds {size / 2**30:.1f} GiB, and no more than 1 GiB is read. "
            "Export the frames of interest as single images."
        )


def refuse_unless_image(kind: ContentKind) -> None:
    """Raise Unreadable with the cure for content that holds no image."""
    if kind is ContentKind.EMPTY:
        raise Unreadable("the file is empty. Copy it again from its source.")
    if kind is ContentKind.ENCRYPTED:
        raise Unreadable("the file is encrypted (a CMS envelope, PS3.15). Decrypt it first.")
    if kind is ContentKind.ZIP:
        raise Unreadable("this is a .zip archive. Open it as a study, or unpack it first.")
    if kind is ContentKind.OTHER:
        raise Unreadable("this is neither DICOM nor a PNG, JPEG or TIFF image. Choose such a file.")


class Sha256:
    """SHA-256 of bytes, worked out when it is first asked for, so that the image is on the screen before.

    Called, it gives the digest (any thread, once for all); it travels to other processes as text.
    """

    def __init__(self, data: bytes | memoryview) -> None:
        self._lock = threading.Lock()
        self._data: bytes | memoryview | None = data
        self._digest = ""

    def __call__(self) -> str:
        with self._lock:
            if self._data is not None:
                self._digest, self._data = hashlib.sha256(self._data).hexdigest(), None
        return self._digest

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (self(),)
