"""Boxes from annotation files and from structured reports alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest

from cxr_desktop.cohort.box_input import read_box_input
from cxr_desktop.dicom import read_radiograph
from cxr_desktop.domain import Analysis, Box, ModelIdentity, Prediction, Reading
from cxr_desktop.domain.errors import BoxFileError
from cxr_desktop.reports import export

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo" / "study"


def test_a_table_is_read_as_before():
    assert read_box_input(DEMO / "boxes.csv")["two.dcm"][0].source == "NIH"


def test_a_report_gives_what_people_drew(tmp_path):
    radiograph = read_radiograph(DEMO / "two.dcm")
    drawn = Box(10.5, 20.25, 100, 200, "Nodule")
    analysis = Analysis(
        radiograph,
        Prediction(ModelIdentity("demo", "1", "ab" * 32), {"Lung Opacity": 0.5}),
        maps=(),
        localized=(),
        readings=(Reading("Reader A", (drawn,)),),
        created="2026-03-01T10:30:05+01:00",
    )
    (report,) = export(analysis, ["sr"], tmp_path)
    table = read_box_input(report)
    (found,) = table.boxes_for(Path("renamed.dcm"), radiograph.header.sop_instance_uid)
    assert (found.x, found.y, found.width, found.height) == (10.5, 20.25, 100, 200)
    assert (found.label, found.source) == ("Nodule", "Reader A")


def test_an_image_is_no_file_of_boxes():
    with pytest.raises(BoxFileError, match=r"two\.dcm.*not a structured report"):
        read_box_input(DEMO / "two.dcm")


def segmentation(folder: Path, kinds: tuple[str, str]) -> tuple[Path, str]:
    """Two segments on the bundled image as highdicom writes them, and the image's UID."""
    highdicom = pytest.importorskip("highdicom")
    from pydicom.sr.codedict import codes

    source = pydicom.dcmread(DEMO / "two.dcm")
    masks = np.zeros((1, source.Rows, source.Columns, 2), np.uint8)
    masks[0, 100:200, 300:350, 0] = 1
    masks[0, 500:540, 10:60, 1] = masks[0, 600:700, 10:60, 1] = 1
    algorithm = highdicom.AlgorithmIdentificationSequence("made", codes.DCM.ArtificialIntelligence, "1")
    described = [
        highdicom.seg.SegmentDescription(
            number,
            label,
            codes.SCT.MorphologicallyAbnormalStructure,
            codes.SCT.Tumor,
            kind,
            None if kind == "MANUAL" else algorithm,
        )
        for number, (label, kind) in enumerate(zip(("Nodule", "Mass"), kinds, strict=True), start=1)
    ]
    path = folder / "masks.dcm"
    highdicom.seg.Segmentation(
        [source],
        masks,
        "BINARY",
        described,
        *(highdicom.UID(), 1, highdicom.UID(), 1, "maker", "model", "1", "serial"),
    ).save_as(path)
    return path, source.SOPInstanceUID


def test_a_segmentation_gives_the_boxes_of_its_pieces(tmp_path):
    path, uid = segmentation(tmp_path, ("MANUAL", "MANUAL"))
    nodule = Box(300, 100, 50, 100, "Nodule")
    assert dict(read_box_input(path)) == {
        uid: (nodule, Box(10, 500, 50, 40, "Mass"), Box(10, 600, 50, 100, "Mass"))
    }
    assert read_box_input(path, form="dicom-seg").boxes_for(Path("renamed.dcm"), uid)[0] == nodule


def test_what_people_drew_goes_before_what_was_made(tmp_path):
    path, uid = segmentation(tmp_path, ("MANUAL", "AUTOMATIC"))
    assert [box.label for box in read_box_input(path)[uid]] == ["Nodule"]


def test_another_object_is_no_segmentation(tmp_path):
    with pytest.raises(BoxFileError, match=r"two\.dcm.*not a segmentation"):
        read_box_input(DEMO / "two.dcm", form="dicom-seg")
