"""The images and presentation states that a DICOMDIR lists (PS3.3 F, PS3.10 8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cxr_desktop.dicom.content import all_bytes
from cxr_desktop.dicom.dataset import parse
from cxr_desktop.dicom.elements import items, text, texts
from cxr_desktop.dicom.failure import naming
from cxr_desktop.dicom.refusal import Refused
from cxr_desktop.domain.errors import DicomReadError

_RECORDS = "DirectoryRecordSequence"
_KINDS = {"IMAGE": "image", "PRESENTATION": "presentation state"}


@dataclass(frozen=True, slots=True)
class Listed:
    """A file that is there. image: what its record says."""

    path: Path
    image: bool


def listed_files(path: Path) -> Iterator[Listed | Refused]:
    """Files of the IMAGE and PRESENTATION records of the DICOMDIR at path; Refused for each that is not there."""
    try:
        with naming(path):
            records = items(parse(all_bytes(path), (_RECORDS,)).dataset, _RECORDS)
            typed = [(text(r, "DirectoryRecordType"), texts(r, "ReferencedFileID")) for r in records]
    except DicomReadError as error:
        yield Refused(path, str(error).removeprefix(f"{path}: "))
        return
    if not any(kind == "IMAGE" for kind, _ in typed):
        yield Refused(path, "this DICOMDIR lists no images. Open the folder beside it instead.")
    for kind, parts in typed:
        if kind in _KINDS:
            found, name = _located(path.parent, parts), "/".join(parts)
            missing = f"the listed {_KINDS[kind]} {name} is not there. Copy the whole medium."
            yield Refused(path, missing) if found is None else Listed(found, kind == "IMAGE")


def _located(folder: Path, parts: tuple[str, ...]) -> Path | None:
    """The file, its name in capitals as listed or in small letters as some systems copy it."""
    if not parts or any(part in ("", ".", "..") or "/" in part or "\\" in part for part in parts):
        return None
    for spelled in (parts, tuple(part.lower() for part in parts)):
        candidate = folder.joinpath(*spelled)
        if candidate.is_file():
            return candidate
    return None
