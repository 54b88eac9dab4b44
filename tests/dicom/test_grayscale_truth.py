"""The display equals that of dcmtk and of pydicom within one gray level."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.pixels import apply_modality_lut, apply_voi_lut
from pydicom.uid import ExplicitVRLittleEndian, JPEGTransferSyntaxes

from cxr_desktop.dicom import DicomReadError, read_radiograph
from cxr_desktop.domain.grayscale import VoiTable, Window
from cxr_desktop.domain.radiograph import Radiograph

PYDICOM_FILES = Path(pydicom.__file__).parent / "data" / "test_files"
LARGER_FILES = find_spec("data_store")  # the package pydicom-data
RAMP = np.arange(4096, dtype=np.uint16).reshape(64, 64)


def voi_item(entries: NDArray[np.generic], first: int, bits: int, explanation: str = "") -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", "SS" if first < 0 else "US", [len(entries) % 65536, first, bits])
    item.add_new("LUTData", "OW", entries.astype("<u2").tobytes())
    item.LUTExplanation = explanation
    return item


def by_pydicom(path: Path) -> NDArray[np.uint8]:
    """The file through pydicom's own Modality and VOI LUT functions, scaled as PS3.3 C.11.2 says."""
    dataset = pydicom.dcmread(path, force=True)
    values = apply_modality_lut(dataset.pixel_array, dataset)
    if values.ndim == 3:
        values = values[0]
    shown = apply_voi_lut(values, dataset).astype(float)
    if "VOILUTSequence" in dataset:
        low, high = 0.0, 2.0 ** dataset.VOILUTSequence[0].LUTDescriptor[2] - 1
    elif "WindowCenter" in dataset:
        low, high = pydicom_output_range(dataset)
    else:
        low, high = 0.0, 2.0**dataset.BitsStored - 1
    gray = np.clip((shown - low) / (high - low), 0, 1) * 255
    return np.rint(255 - gray if dataset.PhotometricInterpretation == "MONOCHROME1" else gray).astype(
        np.uint8
    )


def pydicom_output_range(dataset: Dataset) -> tuple[float, float]:
    """The range that apply_windowing scales to: that of the modality values."""
    signed = dataset.PixelRepresentation == 1
    low = -(2.0 ** (dataset.BitsStored - 1)) if signed else 0.0
    high = low + 2.0**dataset.BitsStored - 1
    slope, intercept = float(dataset.get("RescaleSlope", 1)), float(dataset.get("RescaleIntercept", 0))
    return low * slope + intercept, high * slope + intercept


def assert_same_gray(found: NDArray[np.uint8], expected: NDArray[np.uint8]) -> None:
    assert found.shape == expected.shape
    assert int(np.abs(found.astype(int) - expected.astype(int)).max()) <= 1


def monochrome_files() -> list[Path]:
    """pydicom's own test files that hold a monochrome image this program opens."""
    found = []
    larger = Path(LARGER_FILES.origin).parent.rglob("*.dcm") if LARGER_FILES and LARGER_FILES.origin else ()
    for path in (*sorted(PYDICOM_FILES.glob("*.dcm")), *sorted(larger)):
        try:
            radiograph = read_radiograph(path)
        except DicomReadError:
            continue
        if radiograph.header.photometric_interpretation.startswith("MONOCHROME"):
            found.append(path)
    return found


def dcmtk_options(radiograph: Radiograph) -> list[str]:
    """What makes dcmj2pnm render with the transformation that the radiograph shows by default."""
    voi = radiograph.default_voi()
    if isinstance(voi, VoiTable):
        return ["--use-voi-lut", "1"]
    if voi.explanation.startswith(("no window", "full range")):
        return ["--linear-function", "--set-window", *decimal_window(radiograph)]
    return ["--use-window", "1"]


def decimal_window(radiograph: Radiograph) -> tuple[str, str]:
    """A LINEAR window (C.11.2.1.2.1) equal to the exact one that spans low to high."""
    voi = radiograph.default_voi()
    assert isinstance(voi, Window)
    return f"{voi.centre + 0.5}", f"{voi.width + 1}"


# dcmtk reads 32-bit big-endian pixels in pairs of 16-bit words and shows noise.
# It knows no window of a functional group, and pydicom finds no pixels in the one that is too short.
NOT_FOR_DCMTK = (
    "rtdose_expb.dcm",
    "rtdose_expb_1frame.dcm",
    "eCT_Supplemental.dcm",
    "emri_small_jpeg_2k_lossless_too_short.dcm",
)


def decompressed(path: Path, folder: Path) -> Path:
    """A copy that dcmtk can open: JPEG 2000, JPEG-LS and RLE decoded by pydicom."""
    dataset = pydicom.dcmread(path, force=True)
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax.is_encapsulated and syntax not in JPEGTransferSyntaxes[:4]:
        dataset.PixelData = dataset.pixel_array.tobytes()
        dataset["PixelData"].is_undefined_length = False
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    target = folder / "decompressed.dcm"
    dataset.save_as(target)
    return target


@pytest.mark.parametrize("path", monochrome_files(), ids=lambda path: path.name)
class TestPydicomsOwnFiles:
    def test_equals_dcmtk(self, path, render_with_dcmtk, tmp_path):
        radiograph = read_radiograph(path)
        if path.name in NOT_FOR_DCMTK or radiograph.bits_stored == 1:
            pytest.skip("dcmtk does not render this pixel type")
        rendered = render_with_dcmtk(decompressed(path, tmp_path), *dcmtk_options(radiograph))
        assert_same_gray(radiograph.display(), rendered)

    def test_modality_values_equal_pydicoms(self, path):
        dataset = pydicom.dcmread(path, force=True)
        if "SharedFunctionalGroupsSequence" in dataset:
            pytest.skip("pydicom applies no rescaling of functional groups")
        try:
            stored = dataset.pixel_array
        except (RuntimeError, AttributeError, ValueError) as error:
            pytest.skip(f"pydicom does not decode it here: {error}")
        values = apply_modality_lut(stored, dataset)
        values = values[0] if values.ndim == 3 else values
        np.testing.assert_allclose(read_radiograph(path).pixels, values, rtol=1e-6)


class TestRealRadiographs:
    @pytest.mark.parametrize(
        "name",
        ["RG1_J2KI.dcm", "cxr_jpeg_mono1.dcm", "cxr_jpeg_mono2.dcm", "JLSL_16_15_1_1F.dcm", "JPEG-LL.dcm"],
    )
    def test_equals_dcmtk(self, shared_dicom, name, render_with_dcmtk, tmp_path):
        radiograph = read_radiograph(shared_dicom / name)
        copy = decompressed(shared_dicom / name, tmp_path)
        assert_same_gray(radiograph.display(), render_with_dcmtk(copy, *dcmtk_options(radiograph)))

    @pytest.mark.parametrize("name", ["RG1_J2KI.dcm", "cxr_jpeg_mono1.dcm", "cxr_jpeg_mono2.dcm"])
    def test_equals_pydicom(self, shared_dicom, name):
        assert_same_gray(read_radiograph(shared_dicom / name).display(), by_pydicom(shared_dicom / name))

    def test_bone_is_bright_where_low_values_mean_white(self, shared_dicom):
        gray = read_radiograph(shared_dicom / "RG1_J2KI.dcm").display()
        rows, columns = gray.shape
        mediastinum = gray[rows // 3 : rows // 2, columns * 45 // 100 : columns * 55 // 100]
        lungs = gray[rows // 3 : rows // 2, columns // 5 : columns * 2 // 5]
        assert mediastinum.mean() > lungs.mean() + 20


class TestVoi:
    """Each transformation on a synthetic 12-bit ramp, against dcmtk and the formulas of the standard."""

    @pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
    @pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
    def test_window_equals_dcmtk_and_pydicom(self, write_dicom, render_with_dcmtk, function, photometric):
        path = write_dicom(
            RAMP,
            BitsStored=12,
            PhotometricInterpretation=photometric,
            WindowCenter=1500.5,
            WindowWidth=900,
            VOILUTFunction=function,
        )
        gray = read_radiograph(path).display()
        assert_same_gray(gray, by_pydicom(path))
        if function != "LINEAR_EXACT":  # which this dcmtk reads as LINEAR
            chosen = ["--sigmoid-function"] if function == "SIGMOID" else []
            assert_same_gray(gray, render_with_dcmtk(path, *chosen, "--use-window", "1"))

    @pytest.mark.parametrize(("slope", "intercept"), [(1, -1024), (0.5, 0), (-2, 4096)])
    def test_window_is_in_modality_units(self, write_dicom, render_with_dcmtk, slope, intercept):
        centre = 2000 * slope + intercept
        path = write_dicom(
            RAMP,
            BitsStored=12,
            RescaleSlope=slope,
            RescaleIntercept=intercept,
            WindowCenter=centre,
            WindowWidth=1000,
        )
        gray = read_radiograph(path).display()
        assert_same_gray(gray, render_with_dcmtk(path, "--use-window", "1"))
        if slope > 0:  # pydicom's output range turns over with a negative slope
            assert_same_gray(gray, by_pydicom(path))

    @pytest.mark.parametrize(("bits", "first"), [(8, 0), (8, 300), (12, 1000), (16, 0), (10, 4000)])
    def test_table_equals_dcmtk_and_pydicom(self, write_dicom, render_with_dcmtk, bits, first):
        entries = ((np.linspace(0, 1, 500) ** 2) * (2**bits - 1)).astype(np.uint16)
        path = write_dicom(RAMP, BitsStored=12, VOILUTSequence=[voi_item(entries, first, bits)])
        gray = read_radiograph(path).display()
        assert_same_gray(gray, render_with_dcmtk(path, "--use-voi-lut", "1"))
        if bits > 8:  # of which pydicom takes every word for two entries
            assert_same_gray(gray, by_pydicom(path))

    def test_table_of_bytes_in_words(self, write_dicom, render_with_dcmtk):
        entries = np.arange(256, dtype=np.uint8)
        item = voi_item(entries, 0, 8)
        item.add_new("LUTData", "OW", entries.tobytes())
        path = write_dicom(RAMP, BitsStored=12, VOILUTSequence=[item])
        np.testing.assert_array_equal(read_radiograph(path).display(), np.minimum(RAMP, 255))
        assert_same_gray(read_radiograph(path).display(), render_with_dcmtk(path, "--use-voi-lut", "1"))

    def test_zero_entries_stand_for_65536(self, write_dicom):
        entries = np.arange(65536, dtype=np.uint16)[::-1]
        path = write_dicom(RAMP, VOILUTSequence=[voi_item(entries, 0, 16)])
        (table,) = read_radiograph(path).grayscale.vois
        assert isinstance(table, VoiTable)
        assert len(table.entries) == 65536
        assert int(table.entries[0]) == 65535

    def test_table_begins_below_zero(self, write_dicom):
        signed = RAMP.astype(np.int16) - 2048
        entries = np.arange(4096, dtype=np.uint16)
        path = write_dicom(signed, VOILUTSequence=[voi_item(entries, -2048, 12)])
        np.testing.assert_array_equal(
            read_radiograph(path).display(), np.rint(RAMP / 4095 * 255).astype(np.uint8)
        )

    def test_all_choices_are_offered_in_order_with_their_names(self, write_dicom):
        path = write_dicom(
            RAMP,
            BitsStored=12,
            WindowCenter=[1000, 2000],
            WindowWidth=[400, 4000],
            WindowCenterWidthExplanation=["LUNG", "BONE"],
            VOILUTSequence=[voi_item(np.arange(4096, dtype=np.uint16), 0, 12, "NORMAL")],
        )
        assert [voi.explanation for voi in read_radiograph(path).grayscale.vois] == ["NORMAL", "LUNG", "BONE"]

    @pytest.mark.parametrize(
        ("characters", "names"),
        [("ISO_IR 192", ["Lunge für alle", "標準\0"]), (["", "ISO 2022 IR 87"], ["肺野", "構造"])],
    )
    def test_names_of_windows_are_read_in_the_file_s_characters(self, write_dicom, characters, names):
        path = write_dicom(
            RAMP,
            BitsStored=12,
            WindowCenter=[1000, 2000],
            WindowWidth=[400, 4000],
            SpecificCharacterSet=characters,
            WindowCenterWidthExplanation=names,
        )
        vois = read_radiograph(path).grayscale.vois
        assert [voi.explanation for voi in vois] == [name.strip("\0") for name in names]

    def test_bad_windows_are_left_out_and_said(self, write_dicom):
        path = write_dicom(
            RAMP, BitsStored=12, WindowCenter=[1000, 2000, 5], WindowWidth=[0, 3000], VOILUTFunction="CURVED"
        )
        radiograph = read_radiograph(path)
        assert radiograph.grayscale.vois == (Window(2000, 3000, explanation="window 2"),)
        assert len(radiograph.notes) == 3

    def test_malformed_decimals_are_left_out(self, write_dicom):
        path = write_dicom(RAMP, BitsStored=12, WindowCenter="2048", WindowWidth="4096")
        path.write_bytes(path.read_bytes().replace(b"2048", b"2,48"))
        radiograph = read_radiograph(path)
        assert "percentile" in radiograph.grayscale.vois[0].explanation
        assert any("left out" in note for note in radiograph.notes)

    def test_window_beside_the_pixels_is_replaced_but_still_offered(self, write_dicom):
        path = write_dicom(RAMP, BitsStored=12, WindowCenter=40000, WindowWidth=100)
        radiograph = read_radiograph(path)
        assert np.ptp(radiograph.display()) > 200
        assert radiograph.grayscale.vois[1] == Window(40000, 100, explanation="window 1")
        assert any("shows nothing" in note for note in radiograph.notes)

    def test_no_window_leaves_eight_bits_as_they_are(self, write_dicom):
        pixels = np.arange(50, 178, dtype=np.uint8).reshape(8, 16)
        np.testing.assert_array_equal(read_radiograph(write_dicom(pixels)).display(), pixels)

    def test_no_window_spans_percentiles_of_more_bits(self, write_dicom):
        pixels = np.random.default_rng(0).normal(2000, 100, (400, 400)).astype(np.uint16)
        pixels[0, 0] = 65535
        window = read_radiograph(write_dicom(pixels)).default_voi()
        low, high = np.percentile(pixels, (0.5, 99.5))
        assert isinstance(window, Window)
        assert window.centre - window.width / 2 == pytest.approx(low, abs=2)
        assert window.centre + window.width / 2 == pytest.approx(high, abs=2)
        assert "percentile" in window.explanation


class TestColour:
    @pytest.mark.parametrize(
        "name", ["SC_rgb_jpeg_gdcm.dcm", "SC_rgb_rle.dcm", "SC_rgb_jpeg_dcmtk.dcm", "examples_palette.dcm"]
    )
    def test_luminance_equals_that_of_dcmtks_rendering(self, dcmtk_tool, tmp_path, name):
        dcmtk_tool("dcmj2pnm", "--write-raw-pnm", PYDICOM_FILES / name, tmp_path / "colour.ppm")
        with Image.open(tmp_path / "colour.ppm") as image:
            assert_same_gray(read_radiograph(PYDICOM_FILES / name).display(), np.asarray(image.convert("L")))


class TestPolarity:
    @pytest.mark.parametrize(
        ("photometric", "shape", "inverted"),
        [
            ("MONOCHROME2", None, False),
            ("MONOCHROME2", "IDENTITY", False),
            ("MONOCHROME1", None, True),
            ("MONOCHROME1", "INVERSE", True),
            ("MONOCHROME2", "INVERSE", True),
            ("MONOCHROME1", "IDENTITY", False),
        ],
    )
    def test_inverted_at_most_once_as_dcmtk_does(
        self, write_dicom, render_with_dcmtk, photometric, shape, inverted
    ):
        told = {} if shape is None else {"PresentationLUTShape": shape}
        path = write_dicom(
            RAMP,
            BitsStored=12,
            PhotometricInterpretation=photometric,
            WindowCenter=2048,
            WindowWidth=4096,
            **told,
        )
        radiograph = read_radiograph(path)
        assert radiograph.grayscale.inverted is inverted
        assert_same_gray(radiograph.display(), render_with_dcmtk(path, "--use-window", "1"))
        contradiction = (photometric == "MONOCHROME1") is not inverted
        assert any("contradict" in note for note in radiograph.notes) is contradiction

    def test_inversion_comes_after_the_voi_table(self, write_dicom):
        entries = ((np.arange(4096) / 4095) ** 2 * 4095).astype(np.uint16)
        path = write_dicom(
            RAMP,
            BitsStored=12,
            PhotometricInterpretation="MONOCHROME1",
            VOILUTSequence=[voi_item(entries, 0, 12)],
        )
        expected = np.rint((1 - entries[RAMP] / 4095) * 255)
        assert int(np.abs(read_radiograph(path).display() - expected).max()) <= 1
