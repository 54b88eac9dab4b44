"""The images that a DICOMDIR lists (PS3.3 F, PS3.10 8)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cxr_desktop.dicom.content import all_bytes
from cxr_desktop.dicom.dataset import parse
from cxr_desktop.dicom.elements import items, text, texts
from cxr_desktop.dicom.failure import naming
from cxr_desktop.dicom.refusal import Refused
from cxr_desktop.domain.errors import DicomReadError

_RECORDS = "DirectoryRecordSequence"


def listed_images(path: Path) -> Iterator[Path | Refused]:
    """Files of the IMAGE records of the DICOMDIR at path; Refused for each that is not there."""
    try:
        with naming(path):
            records = items(parse(all_bytes(path), (_RECORDS,)).dataset, _RECORDS)
            identifiers = [
                texts(r, "ReferencedFileID") for r in records if text(r, "DirectoryRecordType") == "IMAGE"
            ]
    except DicomReadError as error:
        yield Refused(path, str(error).removeprefix(f"{path}: "))
        return
    if not identifiers:
        yield Refused(path, "this DICOMDIR lists no images. Open the folder beside it instead.")
    for parts in identifiers:
        found = _located(path.parent, parts)
        name = "/".join(parts)
        yield found or Refused(path, f"the listed image {name} is not there. Copy the whole medium.")


def _located(folder: Path, parts: tuple[str, ...]) -> Path | None:
    """The file, its name in capitals as listed or in small letters as some systems copy it."""
    if not parts or any(part in ("", ".", "..") or "/" in part or "\\" in part for part in parts):
        return None
    for spelled in (parts, tuple(part.lower() for part in parts)):
        candidate = folder.joinpath(*spelled)
        if candidate.is_file():
            return candidate
    return None
