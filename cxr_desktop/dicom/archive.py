"""Images out of .zip archives, whose names and sizes are not believed."""

from __future__ import annotations

import errno
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from lzma import LZMAError
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from cxr_desktop.dicom.content import LARGEST_FILE, SNIFFED, ContentKind, content_kind
from cxr_desktop.dicom.failure import DAMAGE, Unreadable
from cxr_desktop.dicom.refusal import Refused

MOST_MEMBERS = 100_000
LARGEST_TOTAL = 8 * 2**30
SWELLING, SWELLING_FROM = 500, 64 * 2**20
"""A blank image shrinks so far and no further; a small one may, as it costs nothing."""
TOO_LARGE = "it grows too large when unpacked, so it was not opened."
_IMAGES = (ContentKind.DICOM, ContentKind.BARE_DICOM, ContentKind.RASTER)
_DAMAGE = (zipfile.BadZipFile, LZMAError, *DAMAGE)
_ENCRYPTED = 0x1
_CHUNK = 2**20


def unpacked_images(archive: Path, unpack: Path | None) -> Iterator[Path | Refused]:
    """Images of an archive, written below a new folder in unpack; Refused for what may not be.

    Members are judged by content; others are passed over. None leaves the folder, none grows
    beyond 1 GiB or to 500 times its size, and all together not beyond 8 GiB, whatever the archive declares.
    A damaged member is refused, and the others are unpacked.
    """
    if unpack is None:
        yield Refused(archive, "archives cannot be opened here. Unpack it and open the folder.")
        return
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if not member.is_dir()]
            if len(members) > MOST_MEMBERS:
                yield Refused(archive, f"it holds {len(members):,} files. Unpack it and open its folders.")
                return
            root = Path(tempfile.mkdtemp(prefix=f"{archive.stem[:32]}-", dir=unpack))
            found = False
            for item in _unpacked(opened, sorted(members, key=lambda m: m.filename), archive, root):
                found = True
                yield item
            if not found:
                yield Refused(archive, "it holds no image. Choose an archive of radiographs.")
    except _DAMAGE as error:
        yield Refused(archive, _cannot("the archive is damaged or cannot be unpacked", error))


def _unpacked(
    opened: zipfile.ZipFile, members: list[zipfile.ZipInfo], archive: Path, root: Path
) -> Iterator[Path | Refused]:
    left = LARGEST_TOTAL
    for member in members:
        shown = archive / member.filename
        relative = _inside(member.filename)
        target = None if relative is None else _free(root / relative)
        if relative is None or target is None:
            yield Refused(shown, "its path leads out of the archive, so it was not unpacked.")
        elif member.flag_bits & _ENCRYPTED:
            yield Refused(shown, "it is encrypted. Unpack the archive with its password first.")
        elif relative.name.startswith(".") or relative.name.upper() == "DICOMDIR":
            continue
        else:
            try:
                written = _write(opened, member, target, min(left, LARGEST_FILE))
            except Unreadable as error:
                yield Refused(shown, str(error))
            except _DAMAGE as error:
                with suppress(OSError):
                    target.unlink()
                yield Refused(shown, _cannot("it is damaged in the archive", error))
            else:
                left -= written
                if written:
                    yield target


def _cannot(what: str, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "there is no room on the disk to unpack it. Make room and open it again."
    return f"{what} ({type(error).__name__}). Copy it again."


def _inside(name: str) -> PurePosixPath | None:
    """The member's path, or None where it is absolute, climbs, or names a drive.

    Other colons, as of a time, become underscores: some systems take what follows them for a part of the file.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    drive = PureWindowsPath(name).drive
    unsafe = path.is_absolute() or ".." in path.parts or drive or "\0" in name or not path.parts
    return None if unsafe else PurePosixPath(str(path).replace(":", "_"))


def _free(path: Path) -> Path:
    """The path, or one beside it where a member of that name was unpacked before."""
    free, number = path, 1
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return free


def _write(opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, most: int) -> int:
    """Bytes written; 0 for a member that is no image. Raises Unreadable where it is not to be unpacked."""
    with opened.open(member) as stream:
        start = stream.read(SNIFFED)
        kind = content_kind(start)
        if kind is ContentKind.ZIP:
            raise Unreadable("it is an archive within the archive. Unpack that one first.")
        if kind not in _IMAGES:
            return 0
        most = min(most, max(SWELLING * member.compress_size, SWELLING_FROM))
        if member.file_size > most:
            raise Unreadable(TOO_LARGE)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as copy:
            copy.write(start)
            size = len(start) + _copied(stream, copy, most - len(start))
    if size > most:
        target.unlink()
        raise Unreadable(TOO_LARGE)
    return size


def _copied(stream: IO[bytes], copy: IO[bytes], most: int) -> int:
    """Copies until the end or until one chunk beyond most."""
    size = 0
    while size <= most and (chunk := stream.read(_CHUNK)):
        copy.write(chunk)
        size += len(chunk)
    return size
