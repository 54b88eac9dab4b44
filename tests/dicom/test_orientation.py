"""Which way the patient lies, how wide a pixel is, what was stored (PS3.3 C.7.6.1.1.1, C.7.6.3.1.7, C.11.1)."""

from __future__ import annotations

import numpy as np
import pytest

from cxr_desktop.dicom import read_radiograph

PIXELS = np.arange(16, dtype=np.int16).reshape(4, 4)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, ("", "")),
        ({"PatientOrientation": ["L", "F"]}, ("L", "F")),
        ({"PatientOrientation": ["LP", "FA"]}, ("LP", "FA")),
        ({"PatientOrientation": ["L", ""]}, ("", "")),
        ({"PatientOrientation": ["LE", "V"]}, ("", "")),  # of an animal
        ({"ImageOrientationPatient": [1, 0, 0, 0, 0, -1]}, ("L", "F")),
        ({"ImageOrientationPatient": [0, -1, 0, 0, 0, -1]}, ("A", "F")),
        ({"ImageOrientationPatient": [0.9, 0.43, 0, 0, 0, -1]}, ("LP", "F")),
        ({"PatientOrientation": ["R", "F"], "ImageOrientationPatient": [1, 0, 0, 0, 1, 0]}, ("R", "F")),
    ],
)
def test_letters_are_the_headers_or_none(write_dicom, attributes, expected):
    assert read_radiograph(write_dicom(PIXELS, **attributes)).orientation == expected


@pytest.mark.parametrize(
    ("attributes", "aspect"),
    [({}, 1), ({"PixelSpacing": [0.3, 0.1]}, 3), ({"PixelAspectRatio": [2, 1]}, 2)],
)
def test_the_aspect_of_a_pixel_is_known_with_and_without_its_size(write_dicom, attributes, aspect):
    assert read_radiograph(write_dicom(PIXELS, **attributes)).pixel_aspect == pytest.approx(aspect)


def test_stored_values_are_kept_where_the_modality_lut_changes_them(write_dicom):
    changed = read_radiograph(write_dicom(PIXELS, RescaleSlope=0.5, RescaleIntercept=-3))
    assert np.array_equal(changed.stored, PIXELS)
    assert changed.pixels[1, 1] == -0.5
    assert read_radiograph(write_dicom(PIXELS, name="same.dcm")).stored is None
