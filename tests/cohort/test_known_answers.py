"""Every measure of an evaluation against hand arithmetic: drawn images and boxes, a network whose map is the image.

The network's score for a label is a weighted sum of the pixels, so that input x gradient is the weighted image itself.
Rectangles of relevance are drawn as gray values, and cut at three quarters of the brightest.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from cxr_desktop.classifiers import Classifier
from cxr_desktop.classifiers.card import InputSpec, ModelCard, ModelLabel
from cxr_desktop.cohort.evaluation import evaluate
from cxr_desktop.cohort.plan import LOCATION_PRIOR, RANDOM, EvaluationPlan
from cxr_desktop.cohort.protocols import parse_protocols
from cxr_desktop.dicom import read_radiograph
from cxr_desktop.domain import OperatingPoint

SIDE = 40
METHOD = "input_x_gradient"
LABELS = ("Lung Opacity", "Nodule", "Effusion")
BRIGHT, SECOND = 255, 240
WEAKER = SECOND / BRIGHT

Rectangle = tuple[int, int, int, int]  # x, y, width, height
RELEVANCE: dict[str, list[tuple[Rectangle, int]]] = {
    "one.png": [((10, 10, 10, 10), BRIGHT)],
    "two.png": [((4, 4, 8, 8), BRIGHT), ((24, 20, 8, 16), SECOND)],
    "miss.png": [((2, 30, 6, 6), BRIGHT)],
    "none.png": [((10, 10, 10, 10), BRIGHT)],
    "black.png": [],
}
BOXES = """image,label,x,y,width,height
one.png,Lung Opacity,10,10,10,20
one.png,Pneumonia,10,10,10,10
two.png,Lung Opacity,4,4,8,8
two.png,Lung Opacity,24,28,8,8
two.png,Nodule,24,20,8,16
miss.png,Lung Opacity,20,5,10,10
black.png,Lung Opacity,5,5,10,10
"""
INDEX = """image,Lung Opacity
one.png,
two.png,
miss.png,
none.png,0
black.png,
"""


class Weighted(nn.Module):
    """Scores by sums of pixels: of all, of the right half, of none; positive from 50 white pixels on."""

    def __init__(self) -> None:
        super().__init__()
        self.flatten = nn.Flatten()
        self.sum = nn.Linear(SIDE * SIDE, len(LABELS))
        weights = torch.zeros(len(LABELS), SIDE, SIDE)
        weights[0] = 1
        weights[1, :, SIDE // 2 :] = 1
        with torch.no_grad():
            self.sum.weight.copy_(weights.flatten(1))
            self.sum.bias.fill_(-50)

    def forward(self, x: Tensor) -> Tensor:
        return self.sum(self.flatten(x))


def open_weighted(_name: str, _device: str) -> Classifier:
    card = ModelCard(
        name="weighted",
        title="Weighted sum",
        version="1",
        architecture="torchscript",
        directory=Path(),
        weights_file="",
        weights_sha256="0" * 64,
        labels=tuple(ModelLabel(label) for label in LABELS),
        input=InputSpec(SIDE, SIDE, 1, mean=(0.0,), std=(1.0,)),
        operating_points=tuple(OperatingPoint(label, "balanced", 0.5) for label in LABELS),
    )
    return Classifier(card, Weighted().eval().requires_grad_(False), torch.device("cpu"))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("known")
    images = folder / "images"
    images.mkdir()
    for name, rectangles in RELEVANCE.items():
        pixels = np.zeros((SIDE, SIDE), np.uint8)
        for (x, y, width, height), gray in rectangles:
            pixels[y : y + height, x : x + width] = gray
        Image.fromarray(pixels).save(images / name)
    (folder / "boxes.csv").write_text(BOXES, "utf-8")
    (folder / "index.csv").write_text(INDEX, "utf-8")
    plan = EvaluationPlan(
        index=folder / "index.csv",
        images=images,
        boxes=folder / "boxes.csv",
        out=folder / "out",
        methods=(METHOD,),
        device="cpu",
        protocols=parse_protocols("absolute:0.75,relative:0.75,best"),
        examples=0,
        units=0,
    )
    result = evaluate(plan, open_model=open_weighted)
    assert result.failures == ()
    return plan.out


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@dataclass(frozen=True)
class Expected:
    """Of one box, worked out by hand. hit: the brightest rectangle lies in the box."""

    image: str
    label: str
    iou: float
    iobb: float
    hit: int
    energy: float
    auprc: float

    @property
    def dice(self) -> float:
        return 2 * self.iou / (1 + self.iou)


TWO_INSIDE, TWO_ALL = 64 + 64 * WEAKER, 64 + 128 * WEAKER
ONE_RANKED = 0.5 * 1 + 0.5 * 200 / 1600
"""Half of the box's 200 pixels come first and alone; the others tie with all the black ones."""

TWO_RANKED = 0.5 * 1 + 0.5 * 128 / 192
"""The 64 brightest lie in a box, then 64 of the next 128; nothing is left for the black ones."""

BY_HAND = (
    Expected("one.png", "Lung Opacity", 100 / 200, 1, 1, 1, ONE_RANKED),
    Expected("one.png", "Pneumonia", 1, 1, 1, 1, ONE_RANKED),
    Expected("two.png", "Lung Opacity", 1, 1, 1, TWO_INSIDE / TWO_ALL, TWO_RANKED),
    Expected("two.png", "Lung Opacity", 64 / 128, 0.5, 0, TWO_INSIDE / TWO_ALL, TWO_RANKED),
    Expected("two.png", "Nodule", 1, 1, 1, 1, 1),
    Expected("miss.png", "Lung Opacity", 0, 0, 0, 0, 100 / 1600),
    Expected("black.png", "Lung Opacity", 0, 0, 0, 0, 100 / 1600),
)


def test_each_box_by_hand(results: Path) -> None:
    rows = [row for row in table(results / "per_image.csv") if row["method"] == METHOD]
    found = {(row["image"], row["label"], float(row["x"])): row for row in rows}
    assert len(found) == len(rows) == len(BY_HAND)
    places = [10, 10, 4, 24, 24, 20, 5]
    for one, x in zip(BY_HAND, places, strict=True):
        row = found[one.image, one.label, x]
        assert float(row["iou"]) == pytest.approx(one.iou, abs=1e-6), one
        assert float(row["iobb"]) == pytest.approx(one.iobb, abs=1e-6), one
        assert float(row["dice"]) == pytest.approx(one.dice, abs=1e-6), one
        assert int(row["hit"]) == one.hit, one
        assert float(row["energy_inside"]) == pytest.approx(one.energy, abs=1e-5), one
        assert float(row["auprc"]) == pytest.approx(one.auprc, abs=1e-5), one


def boxes_of(label: str) -> list[Expected]:
    return [one for one in BY_HAND if label in ("all", one.label)]


@pytest.mark.parametrize(
    ("label", "images", "accuracy"),
    [
        # Over all boxes 0.5, 1, 1, 0.5, 1, 0, 0.
        ("all", 4, [5 / 7] * 5 + [3 / 7] * 2),
        ("Lung Opacity", 4, [3 / 5] * 5 + [1 / 5] * 2),
        ("Pneumonia", 1, [1] * 7),
        ("Nodule", 1, [1] * 7),
    ],
)
def test_each_row_of_the_summary_by_hand(
    results: Path, label: str, images: int, accuracy: list[float]
) -> None:
    (row,) = [
        row for row in table(results / "summary.csv") if (row["method"], row["label"]) == (METHOD, label)
    ]
    boxes = boxes_of(label)

    def mean(value: Callable[[Expected], float]) -> float:
        return sum(value(one) for one in boxes) / len(boxes)

    assert (int(row["n"]), int(row["images"])) == (len(boxes), images)
    assert float(row["mean_iou"]) == pytest.approx(mean(lambda one: one.iou), abs=1e-6)
    told = [float(row[f"acc@{limit / 10:g}"]) for limit in range(1, 8)]
    assert told == pytest.approx(accuracy, abs=1e-6)
    assert float(row["pointing_hit"]) == pytest.approx(mean(lambda one: one.hit), abs=1e-6)
    assert float(row["mean_iobb"]) == pytest.approx(mean(lambda one: one.iobb), abs=1e-6)
    assert float(row["mean_dice"]) == pytest.approx(mean(lambda one: one.dice), abs=1e-6)
    # Energy and AUPRC belong to maps, of which an image has one a label of the model, not to boxes.
    maps = {(one.image, one.label == "Nodule"): one for one in boxes}.values()
    assert float(row["energy_inside"]) == pytest.approx(sum(m.energy for m in maps) / len(maps), abs=1e-5)
    assert float(row["auprc"]) == pytest.approx(sum(m.auprc for m in maps) / len(maps), abs=1e-5)


def test_a_label_without_boxes_has_no_row_and_an_image_without_any_no_box(results: Path) -> None:
    labels = {row["label"] for row in table(results / "summary.csv")}
    assert labels == {"all", "Lung Opacity", "Pneumonia", "Nodule"}
    assert "none.png" not in {row["image"] for row in table(results / "per_image.csv")}
    assert {row["method"] for row in table(results / "summary.csv")} == {METHOD, LOCATION_PRIOR, RANDOM}


def test_other_protocols_by_hand(results: Path) -> None:
    """Smoothing blurs an edge to 0.83 inside and 0.17 outside: three quarters of the maximum give the same boxes.

    No other cut frames a box better: lower ones add the blur all round, higher ones lose the edges.
    """
    rows = {
        (row["protocol"], row["label"]): row
        for row in table(results / "protocols.csv")
        if row["method"] == METHOD
    }
    for protocol in ("absolute:0.75", "relative:0.75", "best"):
        for label in ("all", "Lung Opacity", "Pneumonia", "Nodule"):
            boxes = boxes_of(label)
            expected = sum(one.iou for one in boxes) / len(boxes)
            assert float(rows[protocol, label]["mean_iou"]) == pytest.approx(expected, abs=1e-6)
    assert rows["best", "all"]["upper_bound"] == "1"


def test_right_and_wrong_and_where_by_hand(results: Path) -> None:
    """50 white pixels are shown: one (100), two (184), none (100); not miss (36) and black (0)."""
    rows = {row["image"]: row for row in table(results / "reasons.csv") if row["target"] == "Lung Opacity"}
    told = {image: (row["outcome"], row["look"]) for image, row in rows.items()}
    assert told == {
        "one.png": ("true positive", "looked there"),
        "two.png": ("true positive", "looked there"),
        "miss.png": ("false negative", "looked elsewhere"),
        "none.png": ("false positive", "no box to look at"),
        "black.png": ("false negative", "looked elsewhere"),
    }
    assert float(rows["one.png"]["best_iou_of_boxes"]) == 1
    assert {row["outcome"] for row in table(results / "reasons.csv") if row["target"] == "Effusion"} == {
        "truth unknown"
    }


def test_the_network_sees_the_image_as_drawn(results: Path) -> None:
    radiograph = read_radiograph(results.parent / "images" / "two.png")
    seen = open_weighted("", "").preprocess(radiograph)[0, 0].numpy()
    assert sorted(set(seen.ravel().tolist())) == pytest.approx([0, WEAKER, 1])
    assert (seen[20:36, 24:32] == np.float32(WEAKER)).all()


def test_the_rules_are_written_in_the_report(results: Path) -> None:
    page = unescape((results / "summary.html").read_text("utf-8"))
    for rule in (
        "Every reader's box counts once",
        "says nothing of that label",
        "whose finding the model misses counts",
        "A label without any box has no row",
        "An image on which nothing is cut",
        "2 x IoU / (1 + IoU)",
    ):
        assert rule in page, rule
