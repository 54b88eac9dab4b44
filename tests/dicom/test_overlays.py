"""Overlay planes against dcmtk, which burns them into the gray that it writes."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian

from cxr_desktop.dicom import read_radiograph
from cxr_desktop.dicom.overlays import frame_overlays
from cxr_desktop.domain import Overlay, OverlayKind

PYDICOM_FILES = Path(pydicom.__file__).parent / "data" / "test_files"
ROWS, COLUMNS = 37, 53
RNG = np.random.default_rng(3)
PIXELS = RNG.integers(0, 3000, (ROWS, COLUMNS), dtype=np.uint16)
PLANE = RNG.random((ROWS, COLUMNS)) > 0.7
WINDOW = {"WindowCenter": 1500, "WindowWidth": 3000}

Burn = Callable[..., NDArray[np.uint8]]


@pytest.fixture
def burned(tmp_path: Path) -> Burn:
    """burned(path, *options) -> (rows, columns) uint8 by dcm2pnm with the overlays in white."""
    program = shutil.which("dcm2pnm")
    if program is None:
        pytest.skip("dcm2pnm (Debian package dcmtk) is not installed")

    def burn(path: Path, *options: str, groups: tuple[str, ...] = ("0",)) -> NDArray[np.uint8]:
        target = tmp_path / "burned.pgm"
        shown = [part for group in groups for part in ("--display-overlay", group)]
        command = [program, "+op", *shown, "--ovl-replace", *options, str(path), str(target)]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        with Image.open(target) as image:
            return np.asarray(image.convert("L"))

    return burn


def plane_elements(
    bits: NDArray[np.bool_], group: int = 0x6000, origin: tuple[int, int] = (1, 1), kind: str = "G"
) -> Dataset:
    """The elements of a plane, (rows, columns) or (frames, rows, columns)."""
    found = Dataset()
    found.add_new((group, 0x0010), "US", bits.shape[-2])
    found.add_new((group, 0x0011), "US", bits.shape[-1])
    found.add_new((group, 0x0022), "LO", "A description")
    found.add_new((group, 0x0040), "CS", kind)
    found.add_new((group, 0x0050), "SS", list(origin))
    found.add_new((group, 0x0100), "US", 1)
    found.add_new((group, 0x0102), "US", 0)
    packed = np.packbits(bits.ravel(), bitorder="little").tobytes()
    found.add_new((group, 0x3000), "OW", packed + b"\0" * (len(packed) % 2))
    return found


def add(path: Path, *planes: Dataset, **also: object) -> Path:
    dataset = pydicom.dcmread(path)
    for plane in planes:
        dataset.update(plane)
    for tag, value in also.items():
        setattr(dataset, tag, value)
    dataset.save_as(path)
    return path


def shown_with(radiograph) -> NDArray[np.uint8]:
    """The gray with all planes in white, as dcmtk burns them."""
    gray = radiograph.display(radiograph.grayscale.vois[0]).copy()
    for overlay in radiograph.overlays:
        gray[overlay.on_image(radiograph.rows, radiograph.columns)] = 255
    return gray


def assert_same(found, expected):
    assert np.abs(found.astype(int) - expected.astype(int)).max() <= 1


@pytest.mark.parametrize("origin", [(1, 1), (5, 9), (-3, -6), (20, 30)])
def test_a_plane_of_its_own_equals_dcmtk(write_dicom, burned, origin):
    path = add(write_dicom(PIXELS, BitsStored=12, **WINDOW), plane_elements(PLANE, origin=origin))
    radiograph = read_radiograph(path)
    (overlay,) = radiograph.overlays
    assert (overlay.row, overlay.column) == (origin[0] - 1, origin[1] - 1)
    assert np.array_equal(overlay.bits, PLANE)
    assert overlay.label == "A description"
    assert overlay.kind is OverlayKind.GRAPHICS
    assert_same(shown_with(radiograph), burned(path, "+Wi", "1"))


def test_planes_of_several_groups_and_sizes_equal_dcmtk(write_dicom, burned):
    small = PLANE[:11, :19]
    path = add(
        write_dicom(PIXELS, BitsStored=12, **WINDOW),
        plane_elements(small, 0x6000, (3, 4)),
        plane_elements(~small, 0x6002, (25, 30)),
        plane_elements(small, 0x601E, (14, 1), kind="R"),
    )
    radiograph = read_radiograph(path)
    assert [overlay.group for overlay in radiograph.overlays] == [0x6000, 0x6002, 0x601E]
    assert radiograph.overlays[2].kind is OverlayKind.REGION
    assert_same(shown_with(radiograph), burned(path, "+Wi", "1"))


@pytest.mark.parametrize("position", [12, 15])
def test_a_plane_in_unused_pixel_bits_equals_dcmtk_and_leaves_the_gray_alone(write_dicom, burned, position):
    words = PIXELS | (PLANE.astype(np.uint16) << position)
    path = write_dicom(words, BitsStored=12, **WINDOW)
    elements = plane_elements(PLANE)
    del elements[0x6000, 0x3000]
    elements[0x6000, 0x0100].value = 16
    elements[0x6000, 0x0102].value = position
    radiograph = read_radiograph(add(path, elements))
    assert np.array_equal(radiograph.pixels, PIXELS)
    assert np.array_equal(radiograph.overlays[0].bits, PLANE)
    assert_same(shown_with(radiograph), burned(path, "+Wi", "1"))


@pytest.mark.parametrize("frame", [0, 1, 2, 3])
def test_each_frame_has_its_own_plane_as_in_dcmtk(write_dicom, burned, frame):
    """Three planes from the second frame on; frames of 37 x 53 bits do not end on whole bytes."""
    frames = RNG.integers(0, 3000, (4, ROWS, COLUMNS), dtype=np.uint16)
    planes = RNG.random((3, ROWS, COLUMNS)) > 0.6
    elements = plane_elements(planes)
    elements.add_new((0x6000, 0x0015), "IS", 3)
    elements.add_new((0x6000, 0x0051), "US", 2)
    path = add(write_dicom(frames, BitsStored=12, **WINDOW), elements)
    radiograph = read_radiograph(path, frame)
    assert len(radiograph.overlays) == (frame > 0)
    if frame:
        assert np.array_equal(radiograph.overlays[0].bits, planes[frame - 1])
    assert_same(shown_with(radiograph), burned(path, "+Wi", "1", "--frame", str(frame + 1)))


def test_a_plane_that_names_no_frame_lies_on_all(write_dicom):
    frames = RNG.integers(0, 3000, (3, ROWS, COLUMNS), dtype=np.uint16)
    path = add(write_dicom(frames, BitsStored=12, **WINDOW), plane_elements(PLANE))
    for frame in range(3):
        assert np.array_equal(read_radiograph(path, frame).overlays[0].bits, PLANE)


def test_big_endian_words_hold_the_same_plane(write_dicom, tmp_path):
    path = write_dicom(PIXELS, syntax=ExplicitVRBigEndian, BitsStored=12, **WINDOW)
    elements = plane_elements(PLANE)
    packed = np.frombuffer(elements[0x6000, 0x3000].value, "<u2").astype(">u2").tobytes()
    elements[0x6000, 0x3000].value = packed
    radiograph = read_radiograph(add(path, elements))
    assert np.array_equal(radiograph.overlays[0].bits, PLANE)


@pytest.mark.parametrize("path", sorted(PYDICOM_FILES.glob("*overlay*.dcm")), ids=lambda path: path.name)
def test_pydicoms_own_overlays(path):
    dataset = pydicom.dcmread(path)
    radiograph = read_radiograph(path)
    groups = [group for group in range(0x6000, 0x6020, 2) if (group, 0x3000) in dataset]
    assert [overlay.group for overlay in radiograph.overlays] == groups
    for overlay in radiograph.overlays:
        expected = dataset.overlay_array(overlay.group)
        expected = expected[0] if expected.ndim == 3 else expected
        assert np.array_equal(overlay.bits, expected.astype(bool))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda plane: plane.__delitem__((0x6000, 0x0010)),
        lambda plane: setattr(plane[0x6000, 0x3000], "value", b"\0\0"),
        lambda plane: setattr(plane[0x6000, 0x0011], "value", 65535),
        lambda plane: setattr(plane[0x6000, 0x0050], "value", [1, 2, 3]),
    ],
)
def test_a_damaged_plane_is_left_out_and_told(write_dicom, spoil):
    plane = plane_elements(PLANE)
    spoil(plane)
    radiograph = read_radiograph(add(write_dicom(PIXELS, BitsStored=12, **WINDOW), plane))
    assert radiograph.overlays == ()
    assert any("Overlay 6000 is damaged" in note for note in radiograph.notes)


@pytest.mark.parametrize(
    ("high", "stored", "position", "planes"),
    [(15, 16, 3, 0), (11, 12, 0, 0), (11, 12, 11, 0), (11, 12, 12, 1), (15, 12, 3, 1), (15, 12, 4, 0)],
)
def test_bits_that_belong_to_the_gray_are_no_plane(write_dicom, high, stored, position, planes):
    elements = plane_elements(PLANE)
    del elements[0x6000, 0x3000]
    elements[0x6000, 0x0102].value = position
    path = write_dicom(PIXELS, BitsStored=stored, HighBit=high, **WINDOW)
    assert len(read_radiograph(add(path, elements)).overlays) == planes


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(1, 19), st.integers(1, 23), st.integers(0, 2**32 - 1), st.data())
def test_any_frame_of_any_size_unpacks_to_what_was_packed(frames, rows, columns, seed, data):
    planes = np.random.default_rng(seed).random((frames, rows, columns)) > 0.5
    index = data.draw(st.integers(0, frames - 1))
    elements = plane_elements(planes)
    elements.add_new((0x6000, 0x0015), "IS", frames)
    notes: list[str] = []
    (overlay,) = frame_overlays(elements, np.zeros((rows, columns), np.uint16), index, range(16), notes)
    assert np.array_equal(overlay.bits, planes[index])
    assert not notes


@given(st.integers(-30, 30), st.integers(-30, 30), st.integers(1, 12), st.integers(1, 12), st.integers(0, 99))
def test_a_plane_s_place_on_the_image_pixel_by_pixel(row, column, rows, columns, seed):
    bits = np.random.default_rng(seed).random((rows, columns)) > 0.5
    expected = np.zeros((14, 17), bool)
    for y in range(rows):
        for x in range(columns):
            if 0 <= y + row < 14 and 0 <= x + column < 17:
                expected[y + row, x + column] = bits[y, x]
    assert np.array_equal(Overlay(bits, row, column).on_image(14, 17), expected)
