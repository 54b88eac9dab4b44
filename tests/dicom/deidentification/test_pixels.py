"""Blanked rectangles, hidden bits, and where lettering is suspected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image, ImageDraw, ImageFont
from pydicom.pixels import pixel_array
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from cxr_desktop.dicom import DicomReadError, read_radiograph
from cxr_desktop.dicom.deidentification import Action, Options, deidentify, suggested_text
from cxr_desktop.domain.box import Box
from cxr_desktop.reports.fonts import font_path

REPOSITORY = Path(__file__).parents[3]
SHARED = REPOSITORY.parent / "shared" / "data" / "dicom"
DEMO = REPOSITORY / "resources" / "demo" / "study"
Save = Callable[..., Path]


WHEEL = Path(pydicom.__file__).parent / "data" / "test_files"
BOX = Box(3, 2, 5, 4)
INSIDE = (slice(2, 6), slice(3, 8))


def outside(values: np.ndarray) -> np.ndarray:
    mask = np.ones(values.shape[:2], bool)
    mask[INSIDE] = False
    return values[mask]


@pytest.mark.parametrize(
    "syntax",
    [
        ExplicitVRLittleEndian,
        ImplicitVRLittleEndian,
        ExplicitVRBigEndian,
        JPEGLSLossless,
        JPEG2000Lossless,
        RLELossless,
    ],
    ids=lambda uid: uid.name,
)
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_a_rectangle_is_blanked_to_black_and_nothing_else(
    radiograph, save: Save, tmp_path, syntax, photometric
) -> None:
    dataset = radiograph()
    dataset.PhotometricInterpretation = photometric
    before = np.frombuffer(dataset.PixelData, np.uint16).reshape(64, 64)
    if syntax == ExplicitVRBigEndian:
        dataset["PixelData"].value = before.astype(">u2").tobytes()
    copy = deidentify(save(dataset, syntax=syntax), tmp_path, Options(clean=(BOX,)))
    written = pydicom.dcmread(copy.path)
    after = pixel_array(written)  # pydicom's own reading of what the transfer syntax claims
    np.testing.assert_array_equal(outside(after), outside(before))
    black = before.max() if photometric == "MONOCHROME1" else before.min()
    assert set(after[INSIDE].ravel()) == {black}
    assert written.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert written.BurnedInAnnotation == "NO"
    assert [item.CodeValue for item in written.DeidentificationMethodCodeSequence] == ["113100", "113101"]
    actions = {one.action for one in copy.changes if one.name == "Pixel Data"}
    assert (Action.DECOMPRESSED in actions) == syntax.is_compressed


@pytest.mark.parametrize(("stored", "high", "lowest"), [(12, 11, -2048), (12, 15, -2048), (16, 15, -32768)])
def test_signed_values_of_a_stream_keep_their_bits(
    radiograph, save: Save, tmp_path, stored, high, lowest
) -> None:
    """A stream holds values, wherever the header says that their bits lie in a word."""
    dataset = radiograph()
    values = np.random.default_rng(2).integers(-2000, 2000, (64, 64), dtype=np.int16)
    values[0, 0] = lowest
    dataset["PixelData"].value = values.tobytes()
    dataset.PixelRepresentation, dataset.BitsStored, dataset.HighBit = 1, stored, stored - 1
    path = save(dataset, syntax=JPEG2000Lossless)
    headed = pydicom.dcmread(path)
    headed.HighBit = high
    headed.save_as(path)
    copy = deidentify(path, tmp_path)
    written = pydicom.dcmread(copy.path)
    assert (written.BitsAllocated, written.BitsStored, written.HighBit) == (16, stored, stored - 1)
    np.testing.assert_array_equal(read_radiograph(copy.path).pixels, values)


@pytest.mark.parametrize(
    "name",
    ["SC_rgb_jpeg_dcmtk.dcm", "examples_palette.dcm", "examples_ybr_color.dcm", "SC_rgb_rle_2frame.dcm"],
)
def test_colour_is_blanked_in_every_frame(radiograph, tmp_path: Path, name: str) -> None:
    copy = deidentify(WHEEL / name, tmp_path, Options(clean=(BOX,)))
    frames = max(int(pydicom.dcmread(copy.path).get("NumberOfFrames", 1)), 1)
    for frame in range(frames):
        before, after = read_radiograph(WHEEL / name, frame).pixels, read_radiograph(copy.path, frame).pixels
        assert len(np.unique(after[INSIDE])) == 1
        np.testing.assert_array_equal(outside(after), outside(before))


def test_bits_beside_the_stored_ones_are_cleared(radiograph, save: Save, tmp_path: Path) -> None:
    dataset = radiograph()
    before = np.frombuffer(dataset.PixelData, np.uint16).reshape(64, 64)
    hidden = before | np.uint16(0xF000)  # an overlay of old kind in the high bits
    dataset["PixelData"].value = hidden.tobytes()
    copy = deidentify(save(dataset), tmp_path)
    stored = np.frombuffer(pydicom.dcmread(copy.path).PixelData, np.uint16).reshape(64, 64)
    np.testing.assert_array_equal(stored, before)
    assert any(one.action is Action.CLEARED for one in copy.changes)


def test_lossy_data_stay_marked_as_lossy(tmp_path: Path) -> None:
    source = SHARED / "cxr_jpeg_mono2.dcm"
    if not source.exists():
        pytest.skip(f"{source} is absent")
    assert pydicom.dcmread(deidentify(source, tmp_path).path).LossyImageCompression == "01"


def test_lossy_data_that_do_not_say_so_are_marked(tmp_path: Path) -> None:
    unmarked = pydicom.dcmread(WHEEL / "SC_rgb_jpeg_dcmtk.dcm")
    for keyword in ("LossyImageCompression", "LossyImageCompressionRatio", "LossyImageCompressionMethod"):
        if keyword in unmarked:
            delattr(unmarked, keyword)
    unmarked.save_as(tmp_path / "in.dcm")
    written = pydicom.dcmread(deidentify(tmp_path / "in.dcm", tmp_path / "out").path)
    assert (written.LossyImageCompression, written.LossyImageCompressionMethod) == ("01", "ISO_10918_1")
    assert written.LossyImageCompressionRatio > 1


def test_a_rectangle_off_the_image_is_refused(radiograph, save: Save, tmp_path: Path) -> None:
    with pytest.raises(DicomReadError, match=r"in\.dcm: the rectangle 90,2,5,4 .* 64 x 64 pixels"):
        deidentify(save(radiograph()), tmp_path / "out", Options(clean=(Box(90, 2, 5, 4),)))
    assert not (tmp_path / "out").exists()


def test_what_may_be_burned_in_is_noted(radiograph, save: Save, tmp_path: Path) -> None:
    dataset = radiograph()
    dataset.BurnedInAnnotation = "YES"
    copy = deidentify(save(dataset), tmp_path)
    assert "burned into its pixels" in copy.notes[0]
    assert pydicom.dcmread(copy.path).BurnedInAnnotation == "YES"


@pytest.mark.parametrize("name", ["six.dcm", "three.dcm", "two.dcm"])
@pytest.mark.parametrize("ink", [255, 0])
def test_printed_text_is_suggested_and_little_else(radiograph, name: str, ink: int) -> None:
    shown = read_radiograph(DEMO / name).display()
    picture = Image.fromarray(shown)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((6, 6, 420, 50), fill=255 - ink)  # a ground as acquisition consoles lay it
    draw.text((12, 14), "MÜLLER Anna 12.03.1951", ink, ImageFont.truetype(str(font_path("regular")), 24))
    lettered = np.asarray(picture)
    text = np.zeros(shown.shape, bool)
    text[8:48, 8:418] = lettered[8:48, 8:418] == ink
    covered = np.zeros(shown.shape, bool)
    for box in suggested_text(lettered):
        covered[int(box.y) : int(box.bottom), int(box.x) : int(box.right)] = True
    assert (covered & text).sum() >= 0.99 * text.sum()
    assert covered.mean() < 0.06


def test_nothing_is_suggested_on_an_empty_image() -> None:
    assert suggested_text(np.zeros((64, 64), np.uint8)) == ()
    assert suggested_text(np.full((1, 3), 200, np.uint8)) == ()
