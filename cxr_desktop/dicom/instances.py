"""The images in files, folders, DICOMDIR media and .zip archives."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydicom.uid import UID, MediaStorageDirectoryStorage

from cxr_desktop.dicom.archive import unpacked_images
from cxr_desktop.dicom.content import ContentKind, NoFile, content_kind, first_bytes
from cxr_desktop.dicom.dicomdir import listed_files
from cxr_desktop.dicom.failure import Unreadable, naming
from cxr_desktop.dicom.header import header_of
from cxr_desktop.dicom.layout import a_or_an
from cxr_desktop.dicom.plain_header import LONGEST
from cxr_desktop.dicom.presentation_state import KINDS
from cxr_desktop.dicom.refusal import Refused
from cxr_desktop.domain.errors import DicomReadError
from cxr_desktop.domain.progress import Progress
from cxr_desktop.domain.radiograph import InstanceHeader


class KnownHeaders(Protocol):
    """Headers read earlier, of files that have not changed since."""

    def known(self, path: Path) -> InstanceHeader | None: ...
    def note(self, header: InstanceHeader) -> None: ...


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A file to look into. named: the person chose it, and so is told of anything amiss with it."""

    path: Path
    named: bool


def find_instances(
    paths: Iterable[Path | str],
    progress: Progress | None = None,
    *,
    unpack: Path | None = None,
    earlier: KnownHeaders | None = None,
    state: Callable[[Path], None] | None = None,
) -> Iterator[InstanceHeader | Refused]:
    """Headers of the images at paths, in the order given and by name within a folder.

    A path is an image, a folder (searched to any depth), a DICOMDIR or a .zip archive. unpack: an
    existing folder of the caller's that images of archives are written to; archives are refused
    without it. What was named and cannot be shown comes as Refused; so do damaged DICOM files met
    in a folder, while its other files (texts, reports, programs) are passed over. earlier: headers
    that need not be read again, and where others are noted. state: called with each file that holds
    a grayscale presentation state, which is then not refused. Raises nothing for a file, and Cancelled
    where progress raises it.
    """
    candidates: list[_Candidate | Refused] = []
    for path in paths:
        for candidate in _candidates(Path(path), unpack):
            candidates.append(candidate)
            if progress is not None:
                progress(0.0)
    for done, candidate in enumerate(candidates):
        if progress is not None:
            progress(done / len(candidates))
        found = candidate if isinstance(candidate, Refused) else _read(candidate, earlier, state)
        if found is not None:
            yield found
    if progress is not None:
        progress(1.0)


def _read(
    candidate: _Candidate, earlier: KnownHeaders | None, state: Callable[[Path], None] | None
) -> InstanceHeader | Refused | None:
    """As `_looked_into`, from what was read earlier where that is at hand."""
    known = earlier.known(candidate.path) if earlier is not None else None
    if known is not None:
        return known
    found = _looked_into(candidate, state)
    if earlier is not None and isinstance(found, InstanceHeader):
        earlier.note(found)
    return found


def _candidates(path: Path, unpack: Path | None) -> Iterator[_Candidate | Refused]:
    if path.is_dir():
        yield from _walked(path)
        return
    try:
        kind = content_kind(first_bytes(path))
    except Unreadable as error:
        yield Refused(path, str(error))
        return
    if kind is ContentKind.ZIP:
        for item in unpacked_images(path, unpack):
            yield item if isinstance(item, Refused) else _Candidate(item, named=True)
    elif kind is ContentKind.DICOM and path.name.upper().startswith("DICOMDIR"):
        for listed in listed_files(path):
            yield listed if isinstance(listed, Refused) else _Candidate(listed.path, named=listed.image)
    else:
        yield _Candidate(path, named=True)


def _walked(folder: Path) -> Iterator[_Candidate | Refused]:
    closed: list[Refused] = []

    def note(error: OSError) -> None:
        closed.append(Refused(Path(error.filename), "the folder may not be read. Change its permissions."))

    for parent, folders, files in os.walk(folder, onerror=note):
        folders.sort()
        yield from (
            _Candidate(Path(parent, name), named=False) for name in sorted(files) if not name.startswith(".")
        )
    yield from closed


def _looked_into(
    candidate: _Candidate, state: Callable[[Path], None] | None
) -> InstanceHeader | Refused | None:
    """The file's header, why it cannot be shown, or None for a passed-over file of a folder."""
    path = candidate.path
    if not _is_text(str(path)):
        return Refused(path, "its path is not UTF-8, so that no report can name it. Rename the file.")
    try:
        start = first_bytes(path, LONGEST)
        if not candidate.named and not _promises_image(path, start):
            return None
        with naming(path):
            header = header_of(path, start)
    except NoFile as error:
        return Refused(path, str(error)) if candidate.named else None
    except Unreadable as error:
        return Refused(path, str(error))
    except DicomReadError as error:
        return Refused(path, str(error).removeprefix(f"{path}: "))
    if state is not None and header.sop_class_uid in KINDS:
        state(path)
        return None
    if header.rows > 0 and header.columns > 0:
        return header
    is_image = "Image" in UID(header.sop_class_uid).name
    return Refused(path, _no_image(header)) if candidate.named or is_image else None


def _is_text(name: str) -> bool:
    """False for a path of bytes that are no characters, which Python carries as lone surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _promises_image(path: Path, start: bytes) -> bool:
    """Whether a file met in a folder is an image, or by its name should be one."""
    kind = content_kind(start)
    wanted = kind in (ContentKind.DICOM, ContentKind.BARE_DICOM, ContentKind.RASTER, ContentKind.ENCRYPTED)
    return wanted or path.suffix.lower() in (".dcm", ".dicom")


def _no_image(header: InstanceHeader) -> str:
    kind = UID(header.sop_class_uid)
    if kind == MediaStorageDirectoryStorage:
        return "this is a DICOMDIR whose name hides it. Rename it to DICOMDIR and open it again."
    name = kind.name.removesuffix(" Storage") if kind else ""
    if name and "Image" not in name and not kind.is_private:
        return f"this is {a_or_an(name)} object, which holds no image. Choose an image."
    return f"the image is {header.rows} x {header.columns} pixels. Export it again from its source."
