"""Readers compared over images: counted by hand, and on the images that two public groups have both boxed."""

from __future__ import annotations

import csv
import json
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sklearn.metrics import cohen_kappa_score

from cxr_desktop.cli import main
from cxr_desktop.cohort.agreement import measure_agreement
from cxr_desktop.cohort.index import IndexRow
from cxr_desktop.cohort.reader_study import read_study
from cxr_desktop.domain import Box, Decision, Settlement
from cxr_desktop.domain.errors import BoxFileError
from cxr_desktop.library import AddBox, Commit, ReadingStore, Settle, StoredEvent
from cxr_desktop.localization import read_boxes

HEAD = "image,label,x,y,width,height,source"
SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "nih"

BOXES = f"""{HEAD}
a.png,Pneumonia,0,0,100,100,NIH
a.png,Lung Opacity,0,0,100,50,RSNA
a.png,Lung Opacity,300,300,50,50,RSNA
b.png,Effusion,10,10,40,40,NIH
b.png,Effusion,10,10,40,40,RSNA
c.png,Effusion,10,10,40,40,NIH
"""


def written(folder: Path, text: str, name: str = "boxes.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_labels_meet_under_the_broadest_in_use(tmp_path):
    study = read_study([written(tmp_path, BOXES)])
    assert study.readers == ("NIH", "RSNA")
    assert study.labels == ("Effusion", "Lung Opacity")
    assert study.folded == {"Pneumonia": "Lung Opacity"}
    assert study.read_by(study.readers) == ("a.png", "b.png")
    assert study.of("a.png", "NIH", "Lung Opacity") == (Box(0, 0, 100, 100, "Lung Opacity", source="NIH"),)


def test_pairs_are_counted(tmp_path):
    found = measure_agreement(read_study([written(tmp_path, BOXES)]), 0.5)
    rows = {row.label: row for row in found.pairs}
    assert list(rows) == ["all", "Effusion", "Lung Opacity"]
    opacity = rows["Lung Opacity"]
    assert (opacity.both, opacity.only_a, opacity.only_b, opacity.neither) == (1, 0, 0, 1)
    assert (opacity.boxes_a, opacity.boxes_b) == (1, 2)
    assert opacity.iou.value == pytest.approx(0.5)
    assert opacity.found.f1.value == pytest.approx(2 / 3)
    assert opacity.f1[0.7].value == 0
    assert opacity.kappa.value == pytest.approx(1)


def test_an_index_names_images_read_without_a_box(tmp_path):
    index = [IndexRow(name, {}) for name in ("a.png", "b.png", "c.png", "d.png")]
    found = measure_agreement(read_study([written(tmp_path, BOXES)], index))
    effusion = next(row for row in found.pairs if row.label == "Effusion")
    assert (effusion.both, effusion.only_a, effusion.only_b, effusion.neither) == (1, 1, 0, 2)
    first, second = [0, 1, 1, 0], [0, 1, 0, 0]
    assert effusion.kappa.value == pytest.approx(cohen_kappa_score(first, second))


def test_a_file_without_a_column_for_it_is_one_reader(tmp_path):
    head = "image,label,x,y,width,height\n"
    one = written(tmp_path, head + "a.png,Mass,0,0,9,9\n", "chen.csv")
    two = written(tmp_path, head + "a.png,Mass,1,0,9,9\n", "okafor.csv")
    study = read_study([one, two])
    assert study.readers == ("chen", "okafor")
    with pytest.raises(BoxFileError, match=r"chen\.csv: boxes of 1 reader"):
        read_study([one])


def test_scored_boxes_have_an_froc(tmp_path):
    text = f"{HEAD},score\na.png,Mass,0,0,9,9,AI,0.9\na.png,Mass,50,50,9,9,AI,0.2\na.png,Mass,0,0,9,9,Dr A,\n"
    found = measure_agreement(read_study([written(tmp_path, text)]))
    (row,) = [row for row in found.frocs if row.label == "Mass"]
    assert (row.found, row.reference) == ("AI", "Dr A")
    assert [value.value for value in row.curve.sensitivity] == [1] * 7


class Page(HTMLParser):
    """Collects tags, and addresses that a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.fetched += [value for name, value in attrs if name in ("src", "href")]


def test_the_command_writes_tables_consensus_and_a_page(tmp_path, capsys):
    text = BOXES.replace("NIH", "<b>NIH</b>")
    out = tmp_path / "out"
    assert main(["agree", str(written(tmp_path, text)), "--out", str(out), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["readers"] == ["<b>NIH</b>", "RSNA"]
    assert printed["files"] == sorted(path.name for path in out.iterdir())
    (row,) = [row for row in table(out / "agreement.csv") if row["label"] == "Effusion"]
    assert (row["images"], row["f1"], row["mean_matched_iou"]) == ("2", "1", "1")
    fused = read_boxes(out / "consensus.csv")
    assert fused["b.png"] == (Box(10, 10, 40, 40, "Effusion", 1.0, "consensus"),)
    coco = json.loads((out / "consensus.coco.json").read_text())
    assert [one["file_name"] for one in coco["images"]] == ["a.png", "b.png"]
    assert {one["bbox"][0] for one in coco["annotations"]} == {0, 10, 300}
    page = Page()
    markup = (out / "agreement.html").read_text(encoding="utf-8")
    page.feed(markup)
    assert "b" not in page.tags
    assert page.fetched == []
    assert "prefers-color-scheme: dark" in markup
    assert len(markup) < 30_000


@pytest.mark.parametrize("limit", ["0", "1.2"])
def test_an_iou_that_is_none_is_wrong_usage(tmp_path, capsys, limit):
    assert main(["agree", str(written(tmp_path, BOXES)), "--out", str(tmp_path / "o"), "--iou", limit]) == 2
    assert "--iou" in capsys.readouterr().err


@pytest.mark.skipif(not SHARED.is_dir(), reason="the NIH images with boxes are not beside the checkout")
def test_the_six_images_that_nih_and_rsna_both_boxed(tmp_path):
    files = [SHARED / "train_boxes.csv", SHARED / "dev_boxes.csv"]
    options = ["--images", str(SHARED / "train"), "--out", str(tmp_path)]
    assert main(["agree", *map(str, files), *options]) == 0
    rows = {row["label"]: row for row in table(tmp_path / "agreement.csv")}
    assert list(rows) == ["all", "Lung Opacity"]
    opacity = rows["Lung Opacity"]
    assert (opacity["images"], opacity["both"]) == ("6", "6")
    assert {opacity["boxes_a"], opacity["boxes_b"]} == {"6", "10"}
    assert float(opacity["mean_matched_iou_low"]) < float(opacity["mean_matched_iou"]) < 0.7
    assert opacity["cohen_kappa"] == "", "every one of the six carries boxes of both: kappa is not defined"
    coco = json.loads((tmp_path / "consensus.coco.json").read_text())
    assert len(coco["images"]) == 6
    assert {(one["width"], one["height"]) for one in coco["images"]} == {(512, 512), (0, 0)}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the NIH images with boxes are not beside the checkout")
def test_the_six_images_as_two_readers_of_the_library(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CXR_DESKTOP_DATA", str(tmp_path / "data"))
    files = [str(SHARED / name) for name in ("train_boxes.csv", "dev_boxes.csv")]
    both = [
        str(SHARED / part / image)
        for part, table in zip(("train", "dev"), files, strict=True)
        for image, boxes in read_boxes(Path(table)).items()
        if {box.source for box in boxes} == {"NIH", "RSNA"}
    ]
    assert len(both) == 6
    assert main(["readings", "import", *files, "--images", *both, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["readings"] == 12
    assert main(["agree", "--library", "--out", str(tmp_path / "library")]) == 0
    assert main(["agree", *files, "--out", str(tmp_path / "files")]) == 0
    for name, columns in (
        ("agreement.csv", ("label", "images", "matched", "mean_matched_iou", "f1", "f1@0.3")),
        ("readers.csv", ("label", "images", "krippendorff_alpha_count")),
        ("consensus.csv", ("image", "label", "x", "y", "width", "height", "score", "majority")),
    ):
        kept, read = (
            sorted(tuple(row[column] for column in columns) for row in table(tmp_path / folder / name))
            for folder in ("library", "files")
        )
        assert kept == read, name
    coco = json.loads((tmp_path / "library" / "consensus.coco.json").read_text())
    assert {(one["width"], one["height"]) for one in coco["images"]} == {(512, 512), (1024, 1024)}


def test_a_library_of_one_reader_has_no_agreement(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CXR_DESKTOP_DATA", str(tmp_path / "data"))
    assert main(["agree", "--library", "--out", str(tmp_path / "out")]) == 1
    assert "readings of no reader" in capsys.readouterr().err
    assert main(["agree", "--out", str(tmp_path / "out")]) == 2


def test_what_an_adjudicator_decided_is_written_beside_the_consensus(tmp_path, monkeypatch):
    monkeypatch.setenv("CXR_DESKTOP_DATA", str(tmp_path / "data"))
    first, second = Box(0, 0, 100, 100, "Mass"), Box(0, 0, 100, 80, "Mass")
    settled = Settle(Settlement(("A", "B"), Decision.FIRST, first, second), (first,))
    with closing(ReadingStore(tmp_path / "data")) as store:
        for reader, event in (("A", AddBox(first)), ("B", AddBox(second)), ("C (adjudication)", settled)):
            store.append(StoredEvent("f" * 64, reader, event))
            store.append(StoredEvent("f" * 64, reader, Commit()))
    assert main(["agree", "--library", "--out", str(tmp_path / "out")]) == 0
    (row,) = table(tmp_path / "out" / "adjudicated.csv")
    assert (row["label"], row["height"], row["reader"]) == ("Mass", "100", "C (adjudication)")
    (pair,) = [row for row in table(tmp_path / "out" / "agreement.csv") if row["label"] == "Mass"]
    assert (pair["reader_a"], pair["reader_b"], pair["f1"]) == ("A", "B", "1")
    assert read_boxes(tmp_path / "out" / "adjudicated.csv")["f" * 12][0].source == "C (adjudication)"
