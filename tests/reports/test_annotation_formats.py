"""Formats of annotation tools, read back as those tools read them."""

from __future__ import annotations

import csv
import json
from xml.etree import ElementTree

import pytest

from cxr_desktop.domain import Box, Reading
from cxr_desktop.reports import export


@pytest.fixture
def analysis(make_analysis):
    return make_analysis(
        rows=200,
        columns=400,
        references=(Box(40, 20, 80, 50, "Nodule", None, "NIH"),),
        readings=(Reading("Dr. Chen", (Box(-10.5, 0, 30.25, 20, "Lung Opacity"),)),),
    )


def test_csv_has_the_columns_that_boxes_are_read_from(analysis, tmp_path):
    (path,) = export(analysis, ["csv"], tmp_path)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[:7] == ["image", "label", "x", "y", "width", "height", "source"]
    assert [row["source"] for row in rows] == ["NIH", "Dr. Chen", "gradcam", "rap"]
    assert [float(rows[1][key]) for key in ("x", "y", "width", "height")] == [-10.5, 0, 30.25, 20]
    assert rows[0]["image"] == "case-7.dcm"
    assert rows[0]["score"] == ""


def test_coco(analysis, tmp_path):
    (path,) = export(analysis, ["coco"], tmp_path)
    document = json.loads(path.read_text("utf-8"))
    names = {category["id"]: category["name"] for category in document["categories"]}
    assert list(names.values()) == ["Lung Opacity", "Nodule"]
    assert document["images"] == [{"id": 1, "file_name": "case-7.dcm", "width": 400, "height": 200}]
    first = document["annotations"][0]
    assert (names[first["category_id"]], first["bbox"], first["area"]) == ("Nodule", [40, 20, 80, 50], 4000)
    assert len({annotation["id"] for annotation in document["annotations"]}) == 4
    assert document["annotations"][2]["score"] == 0.9


def test_voc_counts_pixels_from_one_and_stays_on_the_image(analysis, tmp_path):
    (path,) = export(analysis, ["voc"], tmp_path)
    root = ElementTree.parse(path).getroot()
    assert [root.findtext(f"size/{name}") for name in ("width", "height", "depth")] == ["400", "200", "1"]
    corners = [
        [int(box.findtext(name)) for name in ("xmin", "ymin", "xmax", "ymax")] for box in root.iter("bndbox")
    ]
    assert corners[0] == [41, 21, 120, 70]
    assert corners[1] == [1, 1, 20, 20]
    assert [found.findtext("name") for found in root.iter("object")][:2] == ["Nodule", "Lung Opacity"]


def test_voc_drops_characters_that_xml_forbids(make_analysis, tmp_path):
    references = (Box(1, 1, 5, 5, "a\x07b <&>", None, "NIH"),)
    (path,) = export(make_analysis(references=references), ["voc"], tmp_path)
    assert ElementTree.parse(path).getroot().findtext("object/name") == "a b <&>"


def test_yolo_readers_whose_names_look_alike_on_a_disk_keep_files_of_their_own(make_analysis, tmp_path):
    drawn = {
        "A/B": Box(1, 2, 30, 40, "Mass"),
        "A:B": Box(5, 6, 70, 80, "Two\nlines"),
        "a_b": Box(9, 9, 9, 9, "x"),
    }
    readings = tuple(Reading(reader, (box,)) for reader, box in drawn.items())
    names, *files = export(make_analysis(readings=readings), ["yolo"], tmp_path)
    assert "Two lines" in names.read_text().splitlines()
    told = {path.name: path.read_text() for path in files}
    files_of_readers = ("case-7.A_B.yolo.txt", "case-7.A_B-2.yolo.txt", "case-7.a_b-3.yolo.txt")
    assert len({told[name] for name in files_of_readers}) == 3


def test_yolo_shares_lead_back_to_the_box(analysis, tmp_path):
    names, *files = export(analysis, ["yolo"], tmp_path)
    assert names.read_text("utf-8").split("\n")[:2] == ["Lung Opacity", "Nodule"]
    assert [path.name for path in files] == [
        "case-7.NIH.yolo.txt",
        "case-7.Dr. Chen.yolo.txt",
        "case-7.gradcam.yolo.txt",
        "case-7.rap.yolo.txt",
    ]
    number, x, y, width, height = map(float, files[0].read_text().split())
    assert number == 1
    assert [x * 400 - width * 200, y * 200 - height * 100, width * 400, height * 200] == pytest.approx(
        [40, 20, 80, 50], abs=1e-3
    )


def test_a_case_without_boxes_gives_valid_empty_files(make_analysis, tmp_path):
    analysis = make_analysis(boxes=0, references=())
    written = export(analysis, ["csv", "coco", "voc", "yolo"], tmp_path)
    assert written[0].read_text().count("\n") == 1
    assert json.loads(written[1].read_text())["annotations"] == []
    assert ElementTree.parse(written[2]).getroot().find("object") is None
    assert all(path.read_text() == "" for path in written[4:])
