"""Files of several frames: each read alone, at the rate the file asks for, under a key of its own."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, JPEGLSLossless, RLELossless

from cxr_desktop.dicom import DicomReadError, RadiographFile, read_header, read_radiograph

PYDICOM_FILES = Path(pydicom.__file__).parent / "data" / "test_files"
FRAMES = np.random.default_rng(4).integers(0, 4096, (5, 64, 70), dtype=np.uint16)
FRAMES.sort(axis=2)  # compressible, and different in each frame


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless, JPEG2000Lossless, JPEGLSLossless])
def test_every_frame_is_read_from_bytes_read_once(write_dicom, syntax):
    path = write_dicom(FRAMES, syntax=syntax, BitsStored=12)
    file = RadiographFile.open(path)
    path.unlink()
    for index in (3, 0, 4, 1, 2):
        radiograph = file.frame(index)
        assert np.array_equal(radiograph.pixels, FRAMES[index])
        assert radiograph.frame == index
        assert radiograph.header.frames == 5
    with pytest.raises(DicomReadError, match="no frame 5"):
        file.frame(5)


@pytest.mark.parametrize(
    "path",
    [p for p in sorted(PYDICOM_FILES.glob("*.dcm")) if "frame" in p.name and "1frame" not in p.name],
    ids=lambda path: path.name,
)
def test_pydicoms_own_files_frame_by_frame(path):
    dataset = pydicom.dcmread(path, force=True)
    count = read_header(path).frames
    if dataset.PhotometricInterpretation not in ("MONOCHROME1", "MONOCHROME2") or count < 2:
        pytest.skip("not of several gray frames")
    expected = dataset.pixel_array
    file = RadiographFile.open(path)
    for index in range(count):
        radiograph = file.frame(index)
        stored = radiograph.pixels if radiograph.stored is None else radiograph.stored
        assert np.array_equal(stored, expected[index])


def test_pages_of_a_tiff_are_frames(tmp_path):
    pages = [Image.fromarray((page // 16).astype(np.uint8)) for page in FRAMES]
    pages[0].save(tmp_path / "pages.tif", save_all=True, append_images=pages[1:])
    file = RadiographFile.open(tmp_path / "pages.tif")
    assert np.array_equal(file.frame(3).pixels, FRAMES[3] // 16)
    assert file.frame(3).header.frames == 5


@pytest.mark.parametrize(
    ("told", "rate"),
    [
        ({"RecommendedDisplayFrameRate": 15, "CineRate": 30}, 15),
        ({"CineRate": 30, "FrameTime": 100}, 30),
        ({"FrameTime": 40}, 25),
        ({"FrameTimeVector": [0, 50, 50, 50, 50]}, 20),
        ({"FrameTime": 0}, 0),
        ({"FrameTime": "1E12"}, 0),
        ({"CineRate": "0"}, 0),
        ({"FrameTime": -5}, 0),
        ({"CineRate": 100000}, 0),
        ({}, 0),
    ],
)
def test_the_rate_comes_from_the_header(write_dicom, told, rate):
    assert read_radiograph(write_dicom(FRAMES, **told), 2).frame_rate == pytest.approx(rate)


def test_one_frame_has_no_rate(write_dicom):
    assert read_radiograph(write_dicom(FRAMES[0], CineRate=30)).frame_rate == 0


def test_frames_share_the_file_s_digest_and_no_key(write_dicom):
    path = write_dicom(FRAMES)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    radiographs = [read_radiograph(path, index) for index in range(5)]
    assert {radiograph.sha256 for radiograph in radiographs} == {digest}
    assert radiographs[0].key == digest, "what was kept of files of one frame is found again"
    assert len({radiograph.key for radiograph in radiographs}) == 5


def test_the_digest_travels_to_other_processes_as_text(write_dicom):
    radiograph = read_radiograph(write_dicom(FRAMES), 1)
    again = pickle.loads(pickle.dumps(radiograph))
    assert again.sha256 == radiograph.sha256
    assert np.array_equal(again.pixels, radiograph.pixels)
