"""The shipped demo study: valid DX objects, invented identities, boxes and credits, made reproducibly."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.uid import DigitalXRayImageStorageForPresentation, JPEGLSLossless

from cxr_desktop.dicom import find_instances, read_radiograph
from cxr_desktop.domain.study import group_studies

REPOSITORY = Path(__file__).parents[2]
STUDY = REPOSITORY / "resources" / "demo" / "study"
MAKER = REPOSITORY / "packaging" / "demo_study"
SOURCE = REPOSITORY.parent / "shared" / "data" / "nih"
FILES = sorted(STUDY.glob("*.dcm"))


def boxes() -> list[dict[str, str]]:
    with (STUDY / "boxes.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
class TestEachImage:
    def test_is_valid_by_dciodvfy(self, path):
        program = shutil.which("dciodvfy")
        if program is None:
            pytest.skip("dciodvfy (Debian package dicom3tools) is not installed")
        done = subprocess.run([program, "-new", str(path)], capture_output=True, text=True, check=False)
        report = done.stdout + done.stderr
        assert "DXImageForPresentation" in report
        assert "Error" not in report
        assert "Warning" not in report

    def test_is_shown_as_it_is_stored(self, path):
        radiograph = read_radiograph(path)
        np.testing.assert_array_equal(radiograph.display(), radiograph.pixels)
        assert radiograph.pixels.shape == (1024, 1024)
        assert radiograph.notes == ()
        assert radiograph.header.view_position in ("PA", "AP")

    def test_says_what_it_is(self, path):
        dataset = pydicom.dcmread(path, stop_before_pixels=True)
        assert dataset.SOPClassUID == DigitalXRayImageStorageForPresentation
        assert dataset.file_meta.TransferSyntaxUID == JPEGLSLossless
        assert dataset.PatientIdentityRemoved == "YES"
        assert str(dataset.PatientName).startswith("Demo^")
        assert dataset.SOPInstanceUID.startswith("2.25.")
        assert "NIH ChestX-ray14" in dataset.DerivationDescription


class TestStudy:
    def test_is_small_and_complete(self):
        assert len(FILES) == 7
        assert sum(path.stat().st_size for path in STUDY.iterdir()) < 8 * 2**20
        views = {read_radiograph(path).header.view_position for path in FILES}
        assert views == {"PA", "AP"}

    def test_boxes_are_nihs_and_lie_in_the_images(self):
        assert len({box["image"] for box in boxes()}) >= 2
        assert {box["image"] for box in boxes()} < {path.name for path in FILES}
        for box in boxes():
            x, y, width, height = (float(box[key]) for key in ("x", "y", "width", "height"))
            assert box["source"] == "NIH"
            assert 0 <= x < x + width <= 1024
            assert 0 <= y < y + height <= 1024

    def test_one_patient_has_a_prior(self):
        headers = list(find_instances([STUDY]))
        dates: dict[str, set[str]] = {}
        for header in headers:
            dates.setdefault(header.patient_id, set()).add(header.study_date)
        assert max(len(found) for found in dates.values()) == 2
        assert len(group_studies(headers)) == len(FILES)

    def test_credits_name_the_source(self):
        text = (STUDY / "CREDITS.md").read_text(encoding="utf-8")
        for words in ("NIH Clinical Center", "https://nihcc.app.box.com/v/ChestXray-NIHCC", "CVPR 2017"):
            assert words in text
        assert all(f"`{path.name}`" in text for path in FILES)


@pytest.mark.skipif(not SOURCE.is_dir(), reason=f"{SOURCE} is absent")
class TestMaking:
    def test_again_gives_the_same_bytes(self, tmp_path):
        command = [sys.executable, str(MAKER / "make.py"), "--source", str(SOURCE), "--out", str(tmp_path)]
        subprocess.run(command, check=True, capture_output=True)
        made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
        assert made == {path.name: path.read_bytes() for path in STUDY.iterdir()}

    def test_pixels_are_those_of_nih(self):
        for image in tomllib.loads((MAKER / "images.toml").read_text(encoding="utf-8"))["image"]:
            with Image.open(SOURCE / "dev" / image["source"]) as original:
                pixels = np.asarray(original)
            np.testing.assert_array_equal(read_radiograph(STUDY / image["file"]).pixels, pixels)
