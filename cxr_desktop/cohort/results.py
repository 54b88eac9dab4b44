"""What an evaluation said of each image, read back from its folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cxr_desktop.cohort.plan import LOCATION_PRIOR, RANDOM
from cxr_desktop.cohort.study_file import read_rows
from cxr_desktop.domain.reasons import Outcome, Quadrant

_WRONG = (Outcome.FALSE_POSITIVE, Outcome.FALSE_NEGATIVE)
_NAMES = ("image", "image_sha256")


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
    """Of the images in predictions.csv, in its order, with per_image.csv and reasons.csv.

    Raises StudyFileError for a folder that no evaluation wrote.
    """
    predictions = read_rows(folder / "predictions.csv", _NAMES)
    boxes = _by_image(read_rows(folder / "per_image.csv", ("image", "method", "iou")))
    reasons = _by_image(read_rows(folder / "reasons.csv", ("image", "predicted", "outcome", "quadrant")))
    return tuple(
        _result(row, boxes.get(row["image"], ()), reasons.get(row["image"], ())) for row in predictions
    )


def _result(
    row: Mapping[str, str], boxes: Iterable[Mapping[str, str]], reasons: Iterable[Mapping[str, str]]
) -> NetworkResult:
    scores = {name: float(text) for name, text in row.items() if name not in _NAMES and text}
    target, score = max(scores.items(), key=lambda one: one[1], default=("", 0.0))
    told = tuple(reasons)
    return NetworkResult(
        image=row["image"],
        sha256=row["image_sha256"],
        target=target,
        score=score,
        predicted=any(one["predicted"] == "1" for one in told),
        disagrees=any(one["outcome"] in _WRONG for one in told),
        wrong_reason={one["quadrant"] for one in told} - {""} == {Quadrant.RIGHT_ELSEWHERE},
        iou=max(
            (float(b["iou"]) for b in boxes if b["method"] not in (LOCATION_PRIOR, RANDOM)), default=None
        ),
    )


def _by_image(rows: Iterable[Mapping[str, str]]) -> dict[str, list[Mapping[str, str]]]:
    found: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        found.setdefault(row["image"], []).append(row)
    return found
