"""What was measured of one image, as plain values that JSON keeps exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from sys import intern
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.cohort.cuts import NO_CUTS, Cuts, Edges
from cxr_desktop.domain import Box, Localization
from cxr_desktop.localization import aligned_iou, iobb, iou


@dataclass(frozen=True, slots=True)
class Comparison:
    """One reference box against one method.

    Boxes as (x, y, width, height) in pixels of the stored image. best_iou: the highest IoU over
    a sweep of thresholds, None for what is not cut from a map.
    """

    label: str
    source: str
    reference: Edges
    predicted: Edges | None
    score: float | None
    iou: float
    iobb: float
    hit: bool
    best_iou: float | None = None

    @classmethod
    def of(cls, found: Localization, best_iou: float | None = None) -> Comparison:
        return cls(
            label=found.label,
            source=found.source,
            reference=edges(found.reference),
            predicted=None if found.predicted is None else edges(found.predicted),
            score=None if found.predicted is None else found.predicted.score,
            iou=found.iou,
            iobb=found.iobb,
            hit=found.hit,
            best_iou=best_iou,
        )

    def recut(self, predicted: Edges | None) -> Comparison:
        """The same reference against the box that another threshold gives; the pointing game has no threshold."""
        reference = Box(*self.reference)
        found = None if predicted is None else Box(*predicted)
        return replace(
            self,
            predicted=predicted,
            score=None,
            iou=0.0 if found is None else iou(found, reference),
            iobb=0.0 if found is None else iobb(found, reference),
        )


@dataclass(frozen=True, slots=True)
class MethodRecord:
    """A method's map of one image for one target, against the boxes that speak of that target.

    comparisons: empty for an image without such boxes. energy: share of the positive relevance inside the boxes
    taken together, auprc: area under the precision-recall curve of the map's pixels against them; None without
    boxes or a map. shares: of the positive relevance by region, empty
    where the map has none or there is no map. cuts: by other thresholds, as text, the predicted box with the
    highest IoU for each comparison, None where nothing was cut.
    """

    method: str
    target: str
    threshold: str
    cut: float | None
    comparisons: tuple[Comparison, ...]
    shares: Mapping[str, float] = field(default_factory=dict)
    energy: float | None = None
    auprc: float | None = None
    cuts: Cuts = NO_CUTS

    @property
    def boxed(self) -> bool:
        """Whether readers drew boxes for the target, be they compared under the present protocol or not."""
        return bool(self.comparisons) or self.energy is not None

    def at(self, threshold: str) -> MethodRecord:
        """The record as if the map had been cut at one of `cuts`. Raises KeyError for a threshold not measured."""
        if threshold == self.threshold:
            return self
        pairs = zip(self.comparisons, self.cuts[threshold], strict=True)
        recut = tuple(comparison.recut(predicted) for comparison, predicted in pairs)
        return replace(self, threshold=threshold, cut=None, comparisons=recut)

    def overlaps(self, thresholds: Sequence[str]) -> NDArray[np.float64]:
        """(thresholds, comparisons) IoU that `at` gives. Raises KeyError for a threshold not measured."""
        references = np.array([_corners(one.reference) for one in self.comparisons]).reshape(-1, 4)
        predicted = self.cuts.corners(thresholds).reshape(len(thresholds), *references.shape)
        return aligned_iou(predicted, references)


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """sha256: of the file's bytes. scores: calibrated probability by label. reasons: why methods are missing.

    header: what the file says of view, sex, age and maker, and who the patient is, unnamed; for groups.
    uid: its SOP Instance UID, if it has one.
    areas: shares of the image by region, empty where no map was made. no_lungs: why none were found in it.
    """

    image: str
    sha256: str
    rows: int
    columns: int
    scores: Mapping[str, float]
    methods: tuple[MethodRecord, ...] = ()
    reasons: tuple[str, ...] = ()
    areas: Mapping[str, float] = field(default_factory=dict)
    no_lungs: str = ""
    header: Mapping[str, str] = field(default_factory=dict)
    uid: str = ""


def _corners(box: Edges) -> Edges:
    """Left, top, right, bottom."""
    x, y, width, height = box
    return x, y, x + width, y + height


def edges(box: Box) -> Edges:
    return box.x, box.y, box.width, box.height


def as_document(record: MethodRecord) -> dict[str, Any]:
    """For JSON; `record_of` reads it back."""
    return {**asdict(replace(record, cuts=NO_CUTS)), "cuts": dict(record.cuts)}


def record_of(document: Mapping[str, Any]) -> MethodRecord:
    """Raises KeyError or TypeError for a document of another kind."""
    return MethodRecord(
        **{
            **document,
            **{name: intern(document[name]) for name in ("method", "target", "threshold")},
            "comparisons": tuple(_comparison(entry) for entry in document["comparisons"]),
            "shares": {intern(region): share for region, share in document["shares"].items()},
            "cuts": Cuts.read(document["cuts"]),
        }
    )


def _comparison(entry: Mapping[str, Any]) -> Comparison:
    return Comparison(
        **{
            **entry,
            **{name: intern(entry[name]) for name in ("label", "source")},
            "reference": _edges(entry["reference"]),
            "predicted": None if entry["predicted"] is None else _edges(entry["predicted"]),
        }
    )


def _edges(values: Sequence[float]) -> Edges:
    x, y, width, height = values
    return x, y, width, height
