"""Where a millimetre comes from (PS3.3 10.7.1)."""

from __future__ import annotations

import numpy as np
import pytest

from cxr_desktop.dicom import read_radiograph

PIXELS = np.zeros((4, 4), dtype=np.uint8)


@pytest.mark.parametrize(
    ("attributes", "row", "column", "words"),
    [
        ({"PixelSpacing": [0.2, 0.1]}, 0.2, 0.1, "calibration not stated"),
        (
            {
                "PixelSpacing": [0.1, 0.1],
                "PixelSpacingCalibrationType": "GEOMETRY",
                "ImagerPixelSpacing": [0.1, 0.1],
            },
            0.1,
            0.1,
            "geometric magnification",
        ),
        (
            {"PixelSpacing": [0.1, 0.1], "PixelSpacingCalibrationType": "FIDUCIAL"},
            0.1,
            0.1,
            "object of known size",
        ),
        # equal and without calibration, it is the detector's (10.7.1.3)
        ({"PixelSpacing": [0.1, 0.1], "ImagerPixelSpacing": [0.1, 0.1]}, 0.1, 0.1, "at the detector"),
        ({"PixelSpacing": [0.1, 0.1], "NominalScannedPixelSpacing": [0.1, 0.1]}, 0.1, 0.1, "on the film"),
        ({"PixelSpacing": [0.2, 0.2], "NominalScannedPixelSpacing": [0.1, 0.1]}, 0.2, 0.2, "not stated"),
        ({"ImagerPixelSpacing": [0.2, 0.4]}, 0.2, 0.4, "at the detector"),
        (
            {"ImagerPixelSpacing": [0.2, 0.4], "EstimatedRadiographicMagnificationFactor": 1.25},
            0.16,
            0.32,
            "estimated magnification of 1.25",
        ),
        ({"NominalScannedPixelSpacing": [0.3, 0.3]}, 0.3, 0.3, "film"),
    ],
)
def test_origin_is_told(write_dicom, attributes, row, column, words):
    spacing = read_radiograph(write_dicom(PIXELS, **attributes)).spacing
    assert spacing is not None
    assert (spacing.row, spacing.column) == pytest.approx((row, column))
    assert words in spacing.origin


@pytest.mark.parametrize("attributes", [{}, {"PixelSpacing": [0, 0]}, {"PixelSpacing": [0.1, -1]}])
def test_without_a_possible_spacing_there_are_pixels_only(write_dicom, attributes):
    assert read_radiograph(write_dicom(PIXELS, **attributes)).spacing is None


def test_oblong_pixels_of_unknown_size_are_said(write_dicom):
    radiograph = read_radiograph(write_dicom(PIXELS, PixelAspectRatio=[2, 1]))
    assert radiograph.spacing is None
    assert any("not square (aspect ratio 2:1)" in note for note in radiograph.notes)
