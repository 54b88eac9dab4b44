"""Enhanced multi-frame objects: what they say frame by frame, as if it stood in the data set itself."""

from __future__ import annotations

from pydicom.dataset import Dataset

from cxr_desktop.dicom.elements import items

FUNCTIONAL_GROUP_KEYWORDS = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
_GROUPS = ("PixelValueTransformationSequence", "FrameVOILUTSequence", "PixelMeasuresSequence")


def frame_attributes(dataset: Dataset, index: int) -> Dataset:
    """The data set with the grayscale and size attributes of frame index laid over it (PS3.3 C.7.6.16).

    A frame's own group outranks the shared one. An object without functional groups comes back as it is.
    """
    per_frame = items(dataset, "PerFrameFunctionalGroupsSequence")
    groups = [*items(dataset, "SharedFunctionalGroupsSequence")[:1], *per_frame[index : index + 1]]
    if not groups:
        return dataset
    merged = Dataset(dataset)
    for group in groups:
        for keyword in _GROUPS:
            for item in items(group, keyword)[:1]:
                merged.update(item)
    return merged
