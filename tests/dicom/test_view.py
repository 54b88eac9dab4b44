"""The view of an image that tells it by a code alone, as a DX image may (PS3.3 C.8.11.5)."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom.dataset import Dataset

from cxr_desktop.dicom import read_header, read_radiograph

PIXELS = np.zeros((4, 4), dtype=np.uint8)


def code(value: str, scheme: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator = value, scheme
    return item


@pytest.mark.parametrize(
    ("value", "scheme", "view"),
    [
        ("399348003", "SCT", "AP"),
        ("R-10206", "SRT", "AP"),
        ("272479007", "SCT", "PA"),
        ("R-10214", "SRT", "PA"),
        ("399173006", "SCT", "LL"),
        ("R-10236", "SRT", "LL"),
        ("399198007", "SCT", "RL"),
        ("399067008", "SCT", "LATERAL"),
        ("1234", "99LOCAL", ""),
    ],
)
def test_a_code_alone_tells_the_view(write_dicom, value, scheme, view):
    path = write_dicom(PIXELS, ViewCodeSequence=[code(value, scheme)])
    assert read_header(path).view_position == view
    assert read_radiograph(path).header.view_position == view


def test_the_view_position_goes_before_the_code(write_dicom):
    path = write_dicom(PIXELS, ViewPosition="PA", ViewCodeSequence=[code("399173006", "SCT")])
    assert read_header(path).view_position == "PA"
