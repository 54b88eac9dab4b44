"""Boxes from annotation files and from structured reports alike."""

from __future__ import annotations

from pathlib import Path

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
