"""Rarer forms of monochrome images, against dcmtk and, where it renders them, pydicom: within one gray level."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels import apply_modality_lut
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from cxr_desktop.dicom import read_radiograph

RAMP = np.arange(4096, dtype=np.uint16).reshape(64, 64)
SIGNED = RAMP.astype(np.int16) - 2048
WINDOW = {"WindowCenter": 1800, "WindowWidth": 1500}
SYNTAXES = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian)


def table(entries: NDArray[np.integer], first: int, bits: int, **more: str) -> list[Dataset]:
    """A Modality or VOI LUT Sequence of one item."""
    item = Dataset()
    item.add_new("LUTDescriptor", "SS" if first < 0 else "US", [len(entries), first, bits])
    item.add_new("LUTData", "US", [int(entry) for entry in entries])
    for keyword, value in more.items():
        setattr(item, keyword, value)
    return [item]


def curve(count: int, bits: int) -> NDArray[np.uint16]:
    return ((np.linspace(0, 1, count) ** 1.7) * (2**bits - 1)).astype(np.uint16)


@dataclass(frozen=True)
class Form:
    """An image and what its header says; options: what makes dcmtk render that."""

    pixels: NDArray[np.integer]
    header: dict[str, Any]
    options: tuple[str, ...] = ("--use-window", "1")
    syntaxes: tuple[UID, ...] = field(default=SYNTAXES)


dirty = RAMP | np.uint16(0xA000)
TO_VALUES = {"ModalityLUTSequence": table(curve(4096, 12), 0, 16, ModalityLUTType="US")}
BY_TABLE = ("--use-voi-lut", "1")
FORMS = {
    "signed": Form(SIGNED, {"BitsStored": 12, "WindowCenter": -200, "WindowWidth": 900}),
    "signed in 16 bits, rescaled": Form(
        SIGNED * 9,
        {"RescaleSlope": 0.25, "RescaleIntercept": -100, "WindowCenter": -90.5, "WindowWidth": 3000},
    ),
    "high bits in use": Form(dirty, {"BitsStored": 12, **WINDOW}),
    "high bits in use, signed": Form(
        (dirty & 0xAFFF).view(np.int16), {"BitsStored": 12, "WindowCenter": 100, "WindowWidth": 2500}
    ),
    "shifted to the top": Form(RAMP << 4, {"BitsStored": 12, "HighBit": 15, **WINDOW}),
    "shifted by two, bits on both sides": Form(
        (RAMP << 2) | np.uint16(0xC003), {"BitsStored": 12, "HighBit": 13, **WINDOW}
    ),
    "ten of 16 bits": Form(RAMP >> 2, {"BitsStored": 10, "WindowCenter": 400, "WindowWidth": 300}),
    "six of eight bits": Form(
        (RAMP >> 6).astype(np.uint8), {"BitsStored": 6, "WindowCenter": 30, "WindowWidth": 40}
    ),
    "32 bits": Form(
        RAMP.astype(np.uint32) * 1000,
        {"WindowCenter": 2_000_000, "WindowWidth": 3_000_000},
        syntaxes=SYNTAXES[:2],  # dcmtk reads the others in pairs of 16-bit words
    ),
    "width of one": Form(RAMP, {"BitsStored": 12, "WindowCenter": 2000, "WindowWidth": 1}),
    "wider than the values": Form(RAMP, {"BitsStored": 12, "WindowCenter": 9000, "WindowWidth": 20000}),
    "negative slope": Form(RAMP, {"BitsStored": 12, "RescaleSlope": -1, "RescaleIntercept": 4095, **WINDOW}),
    "sigmoid, inverted": Form(
        RAMP,
        {"BitsStored": 12, "VOILUTFunction": "SIGMOID", "PhotometricInterpretation": "MONOCHROME1", **WINDOW},
        ("--sigmoid-function", "--use-window", "1"),
    ),
    "modality table": Form(RAMP, {"BitsStored": 12, **TO_VALUES, **WINDOW}),
    "modality table of eight bits": Form(
        RAMP,
        {
            "BitsStored": 12,
            "ModalityLUTSequence": table(curve(4096, 8), 0, 8, ModalityLUTType="US"),
            "WindowCenter": 100,
            "WindowWidth": 120,
        },
    ),
    "modality table from below zero": Form(
        SIGNED,
        {
            "BitsStored": 12,
            "ModalityLUTSequence": table(curve(3000, 14), -1500, 16, ModalityLUTType="US"),
            "WindowCenter": 8000,
            "WindowWidth": 9000,
        },
    ),
    "modality table, then VOI table": Form(
        RAMP, {"BitsStored": 12, **TO_VALUES, "VOILUTSequence": table(curve(2000, 16), 500, 16)}, BY_TABLE
    ),
    "VOI table of eight bits": Form(
        RAMP, {"BitsStored": 12, "VOILUTSequence": table(curve(3000, 8), 200, 8)}, BY_TABLE
    ),
    "VOI table below zero": Form(
        SIGNED, {"BitsStored": 12, "VOILUTSequence": table(curve(3000, 16), -1700, 16)}, BY_TABLE
    ),
    "VOI table after rescaling": Form(
        RAMP,
        {
            "BitsStored": 12,
            "RescaleSlope": 2,
            "RescaleIntercept": -1000,
            "VOILUTSequence": table(curve(5000, 12), -500, 12),
        },
        BY_TABLE,
    ),
    "VOI table, low values white": Form(
        RAMP,
        {
            "BitsStored": 12,
            "PhotometricInterpretation": "MONOCHROME1",
            "VOILUTSequence": table(curve(4096, 10), 0, 10),
        },
        BY_TABLE,
    ),
    "VOI table, inverse presentation": Form(
        RAMP,
        {
            "BitsStored": 12,
            "PresentationLUTShape": "INVERSE",
            "VOILUTSequence": table(curve(4096, 12), 0, 12),
        },
        BY_TABLE,
    ),
}


@pytest.mark.parametrize("name", FORMS)
class TestForms:
    def test_equals_dcmtk(self, write_dicom, render_with_dcmtk, name):
        form = FORMS[name]
        for syntax in form.syntaxes:
            path = write_dicom(form.pixels, syntax, **form.header)
            shown = read_radiograph(path).display().astype(int)
            assert np.ptp(shown) > 50
            assert np.abs(shown - render_with_dcmtk(path, *form.options)).max() <= 1, syntax.name

    def test_modality_values_equal_pydicoms(self, write_dicom, name):
        form = FORMS[name]
        if "HighBit" in form.header:
            pytest.skip("pydicom leaves pixels that are shifted up as they are")
        path = write_dicom(form.pixels, **form.header)
        dataset = pydicom.dcmread(path)
        expected = apply_modality_lut(dataset.pixel_array, dataset)
        np.testing.assert_allclose(read_radiograph(path).pixels, expected, rtol=1e-6)


def test_padding_apart_signed_pixels_equal_dcmtk(write_dicom, render_with_dcmtk):
    pixels = SIGNED.copy()
    pixels[:20, :9] = -2000
    path = write_dicom(pixels, PixelPaddingValue=-2000, WindowCenter=0, WindowWidth=3000)
    radiograph = read_radiograph(path)
    shown = radiograph.display().astype(int)
    padding = pixels == -2000
    assert (radiograph.valid == ~padding).all()
    assert (shown[padding] == 0).all()
    assert np.abs(shown - render_with_dcmtk(path, "--use-window", "1"))[~padding].max() <= 1


@pytest.mark.parametrize(("keyword", "dtype"), [("FloatPixelData", "<f4"), ("DoubleFloatPixelData", "<f8")])
def test_floating_point_pixels_are_windowed_by_the_formula(write_dicom, keyword, dtype):
    """dcmtk renders none of them: the window of PS3.3 C.11.2.1.3.2, worked out here."""
    values = (RAMP / 4095 * 2 - 1).astype(dtype)
    path = write_dicom(RAMP, WindowCenter=0.1, WindowWidth=0.8, VOILUTFunction="LINEAR_EXACT")
    dataset = pydicom.dcmread(path)
    del dataset.PixelData
    dataset.BitsAllocated = 8 * values.itemsize
    setattr(dataset, keyword, values.tobytes())
    dataset.save_as(path)
    expected = np.clip((values - 0.1) / 0.8 + 0.5, 0, 1) * 255
    assert np.abs(read_radiograph(path).display() - expected).max() <= 1
