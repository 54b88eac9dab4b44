"""Objects without pixels (reports, presentation states): read whole, their kind checked."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset

from cxr_desktop.dicom.content import ContentKind, all_bytes, content_kind, refuse_unless_image
from cxr_desktop.dicom.dataset import inflated
from cxr_desktop.dicom.elements import integer, items, text
from cxr_desktop.dicom.failure import Unreadable
from cxr_desktop.dicom.quiet import quieten
from cxr_desktop.domain.presentation import ImageReference


def read_object(path: Path, kinds: Mapping[str, str], wanted: str) -> Dataset:
    """All elements of a DICOM file whose SOP Class UID is a key of kinds. wanted: what they are, in words.

    Raises Unreadable for any other file, or what pydicom raises on damage.
    """
    quieten()
    data = all_bytes(path)
    kind = content_kind(data[:256])
    refuse_unless_image(kind)
    if kind is ContentKind.RASTER:
        raise Unreadable(f"this is a picture, not {wanted}. Choose another file.")
    dataset = pydicom.dcmread(BytesIO(inflated(data)), force=True)
    sop_class = text(dataset, "SOPClassUID")
    if sop_class not in kinds:
        name = pydicom.uid.UID(sop_class).name if sop_class else "an object of no known kind"
        raise Unreadable(f"this is {name}, not {wanted}. Choose another file.")
    return dataset


def referenced_images(item: Dataset, keyword: str) -> tuple[ImageReference, ...]:
    """The images that the sequence of that keyword refers to, with their frames."""
    return tuple(
        ImageReference(text(one, "ReferencedSOPInstanceUID"), _frames(one))
        for one in items(item, keyword)
        if text(one, "ReferencedSOPInstanceUID")
    )


def _frames(item: Dataset) -> tuple[int, ...]:
    found = text(item, "ReferencedFrameNumber").split("\\")
    if len(found) == 1:
        number = integer(item, "ReferencedFrameNumber", 0)
        return (number,) if number else ()
    return tuple(int(part) for part in found if part.strip().isdigit())
