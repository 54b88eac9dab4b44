"""Images out of .zip archives, whose names and sizes are not believed."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from cxr_desktop.dicom.content import LARGEST_FILE, SNIFFED, ContentKind, content_kind
from cxr_desktop.dicom.failure import DAMAGE
from cxr_desktop.dicom.refusal import Refused

MOST_MEMBERS = 100_000
LARGEST_TOTAL = 8 * 2**30
_IMAGES = (ContentKind.DICOM, ContentKind.BARE_DICOM, ContentKind.RASTER)
_ENCRYPTED = 0x1
_CHUNK = 2**20


def unpacked_images(archive: Path, unpack: Path | None) -> Iterator[Path | Refused]:
    """Images of an archive, written below a new folder in unpack; Refused for what may not be.

    Members are judged by content; others are passed over. None leaves the folder, none grows
    beyond 1 GiB, and all together not beyond 8 GiB, whatever the archive declares.
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
            yield from _unpacked(opened, sorted(members, key=lambda m: m.filename), archive, root)
    except (zipfile.BadZipFile, *DAMAGE) as error:
        yield Refused(
            archive, f"the archive is damaged or cannot be unpacked ({type(error).__name__}). Copy it again."
        )


def _unpacked(
    opened: zipfile.ZipFile, members: list[zipfile.ZipInfo], archive: Path, root: Path
) -> Iterator[Path | Refused]:
    left = LARGEST_TOTAL
    for member in members:
        shown = archive / member.filename
        relative = _inside(member.filename)
        if relative is None:
            yield Refused(shown, "its path leads out of the archive, so it was not unpacked.")
        elif member.flag_bits & _ENCRYPTED:
            yield Refused(shown, "it is encrypted. Unpack the archive with its password first.")
        elif relative.name.startswith(".") or relative.name.upper() == "DICOMDIR":
            continue
        else:
            written = _write(opened, member, root / relative, min(left, LARGEST_FILE))
            if written is None:
                yield Refused(shown, "it grows too large when unpacked, so it was not opened.")
            elif written:
                left -= written
                yield root / relative


def _inside(name: str) -> PurePosixPath | None:
    """The member's path, or None where it is absolute, climbs, or names a drive."""
    path = PurePosixPath(name.replace("\\", "/"))
    unsafe = path.is_absolute() or ".." in path.parts or any(c in name for c in ":\0") or not path.parts
    return None if unsafe else path


def _write(opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, most: int) -> int | None:
    """Bytes written; 0 for a member that is no image, None where it would exceed most."""
    with opened.open(member) as stream:
        start = stream.read(SNIFFED)
        if content_kind(start) not in _IMAGES:
            return 0
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as copy:
            copy.write(start)
            size = len(start) + _copied(stream, copy, most - len(start))
    if size > most:
        target.unlink()
        return None
    return size


def _copied(stream: IO[bytes], copy: IO[bytes], most: int) -> int:
    """Copies until the end or until one chunk beyond most."""
    size = 0
    while size <= most and (chunk := stream.read(_CHUNK)):
        copy.write(chunk)
        size += len(chunk)
    return size
