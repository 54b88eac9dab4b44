"""What an evaluation said of each image, read back from its folder."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cxr_desktop.cohort.plan import LOCATION_PRIOR, RANDOM
from cxr_desktop.domain.errors import IndexFileError

LOOKED_THERE = 0.25
"""IoU of the best box with a reader's from which a map looked at the right place."""
POINT = 0.5
"""Score from which a finding counts as predicted, where the evaluation states no operating point."""
_WRONG_REASON = "right, looked elsewhere"
_WRONG = ("false positive", "false negative")


@dataclass(frozen=True, slots=True)
class NetworkResult:
    """What the network made of an image.

    score: the highest of its labels', `target` that label. predicted: it lies above the operating point.
    disagrees: the network and the truth that the evaluation knew differ. wrong_reason: it was right
    on a label with boxes while every map lay elsewhere. iou: the best with a reader's box, None without.
    """

    image: str
    sha256: str
    target: str
    score: float
    predicted: bool
    disagrees: bool = False
    wrong_reason: bool = False
    iou: float | None = None


def read_results(folder: Path) -> tuple[NetworkResult, ...]:
    """Of the images in predictions.csv, in its order, with per_image.csv and, where there is one, reasons.csv.

    Raises IndexFileError for a folder that no evaluation wrote.
    """
    predictions = _rows(folder / "predictions.csv", ("image", "image_sha256"))
    boxes = _by_image(_rows(folder / "per_image.csv", ("image", "method", "iou", "score")))
    reasons_file = folder / "reasons.csv"
    reasons = _by_image(_rows(reasons_file, ("image",))) if reasons_file.is_file() else {}
    return tuple(
        _result(row, boxes.get(row["image"], ()), reasons.get(row["image"], ())) for row in predictions
    )


def _result(
    row: Mapping[str, str], boxes: Iterable[Mapping[str, str]], reasons: Iterable[Mapping[str, str]]
) -> NetworkResult:
    scores = {n: _number(v) for n, v in row.items() if n not in ("image", "image_sha256")}
    known = {label: score for label, score in scores.items() if score is not None}
    target, score = max(known.items(), key=lambda one: one[1], default=("", 0.0))
    made = [one for one in boxes if one["method"] not in (LOCATION_PRIOR, RANDOM)]
    overlaps = [iou for one in made if (iou := _number(one["iou"])) is not None]
    best = max(overlaps, default=None)
    told = list(reasons)
    if told:
        predicted = any(_number(one.get("predicted", "")) == 1 for one in told)
        disagrees = any(one.get("outcome", "") in _WRONG for one in told)
        quadrants = {one.get("quadrant", "") for one in told} - {""}
        wrong_reason = quadrants == {_WRONG_REASON}
    else:
        spoken = [value for one in made if (value := _number(one["score"])) is not None]
        predicted = (max(spoken) if spoken else score) >= POINT
        disagrees = best is not None and not predicted
        wrong_reason = best is not None and predicted and best < LOOKED_THERE
    return NetworkResult(
        row["image"], row["image_sha256"], target, score, predicted, disagrees, wrong_reason, best
    )


def _by_image(rows: Iterable[Mapping[str, str]]) -> dict[str, list[Mapping[str, str]]]:
    found: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        found.setdefault(row["image"], []).append(row)
    return found


def _rows(path: Path, needed: Iterable[str]) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = [name for name in needed if name not in (reader.fieldnames or ())]
            rows = [{name: value or "" for name, value in row.items() if name} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise IndexFileError(
            f"{path} cannot be read ({error}); choose the folder that 'evaluate' wrote"
        ) from error
    if missing:
        raise IndexFileError(f"{path} lacks the column {missing[0]}; choose the folder that 'evaluate' wrote")
    return rows


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
