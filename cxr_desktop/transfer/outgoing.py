"""The DICOM objects at paths, as they are to be sent."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from cxr_desktop.dicom.content import ContentKind, content_kind, first_bytes
from cxr_desktop.dicom.failure import Unreadable, naming
from cxr_desktop.dicom.refusal import Refused
from cxr_desktop.transfer.quiet import quieten_network

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

NO_OBJECT = (
    "this is no DICOM object. Choose one; reports in the format sr or encapsulated-pdf are such objects."
)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """content: the object as a file, which is what is sent."""

    content: bytes
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    study_uid: str


def objects_at(paths: Iterable[Path]) -> Iterator[Path | Refused]:
    """Files to send: those named, and the DICOM files of folders, at any depth and by name.

    What was named and is no DICOM object comes as Refused; other files of a folder are passed over.
    """
    for path in paths:
        if path.is_dir():
            yield from _of_folder(path)
        else:
            problem = _problem(path)
            yield Refused(path, problem) if problem else path


def read_outgoing(path: Path) -> Outgoing:
    """Raises DicomReadError, naming the file, where it is damaged or lacks what identifies an object."""
    import pydicom

    quieten_network()
    with naming(path):
        content = path.read_bytes()
        dataset = pydicom.dcmread(BytesIO(content), force=True)
        if "TransferSyntaxUID" not in dataset.file_meta:
            content = _with_meta(dataset)
        missing = [
            name for name in ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID") if not dataset.get(name)
        ]
        if missing:
            raise Unreadable(f"it has no {' and no '.join(missing)}, without which nobody can keep it.")
        return Outgoing(
            content,
            str(dataset.SOPClassUID),
            str(dataset.SOPInstanceUID),
            str(dataset.file_meta.TransferSyntaxUID),
            str(dataset.StudyInstanceUID),
        )


def _of_folder(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = Path(parent, name)
            if not name.startswith(".") and not name.upper().startswith("DICOMDIR") and not _problem(path):
                yield path


def _problem(path: Path) -> str:
    try:
        kind = content_kind(first_bytes(path))
    except Unreadable as error:
        return str(error)
    return "" if kind in (ContentKind.DICOM, ContentKind.BARE_DICOM) else NO_OBJECT


def _with_meta(dataset: Dataset) -> bytes:
    """A data set without file meta information as a whole file."""
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

    implicit, little = dataset.original_encoding
    explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else explicit
    written = BytesIO()
    dataset.save_as(written, enforce_file_format=True)
    return written.getvalue()
