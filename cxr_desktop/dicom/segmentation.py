"""DICOM segmentations read back: which pixels of which image each segment covers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.errors import InvalidDicomError
from pydicom.filereader import read_file_meta_info

from cxr_desktop.dicom.failure import naming
from cxr_desktop.dicom.object import read_object

_SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
KINDS = {_SEGMENTATION: "Segmentation"}
_HALF = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class SegmentMask:
    """image: SOP Instance UID. mask: (rows, columns) of it; a fractional segment where it is at least half.

    by_people: drawn or corrected by somebody, not by an algorithm alone.
    """

    image: str
    label: str
    mask: NDArray[np.bool_]
    by_people: bool


def read_segmentation(path: Path) -> tuple[SegmentMask, ...]:
    """Each segment on each of the images it was drawn on. Raises DicomReadError naming the file."""
    with naming(path):
        dataset = read_object(path, KINDS, "a segmentation")
        return tuple(_masks(dataset))


def is_segmentation(path: Path) -> bool:
    """Whether a DICOM file says so; False for one that cannot be read."""
    try:
        return str(read_file_meta_info(path).MediaStorageSOPClassUID) == _SEGMENTATION
    except (OSError, AttributeError, InvalidDicomError):
        return False


def _masks(dataset: Any) -> Iterator[SegmentMask]:
    from highdicom.seg import SegmentAlgorithmTypeValues, Segmentation

    found = Segmentation.from_dataset(dataset)
    images = list(dict.fromkeys(uid for _, _, uid in found.get_source_image_uids()))
    pixels = found.get_pixels_by_source_instance(
        images, ignore_spatial_locations=True, assert_missing_frames_are_empty=True
    )
    for place, number in enumerate(found.segment_numbers):
        about = found.get_segment_description(number)
        people = about.algorithm_type is not SegmentAlgorithmTypeValues.AUTOMATIC
        for image, planes in zip(images, pixels, strict=True):
            yield SegmentMask(str(image), str(about.segment_label), planes[..., place] >= _HALF, people)
