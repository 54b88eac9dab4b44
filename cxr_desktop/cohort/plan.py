"""What an evaluation is asked for, and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cxr_desktop.cohort.case import DEFAULT_METHODS, threshold_for
from cxr_desktop.cohort.protocols import DEFAULT_PROTOCOLS, Kind, Protocol
from cxr_desktop.domain import ModelIdentity, Threshold
from cxr_desktop.domain.document import Document
from cxr_desktop.domain.reasons import LookRule
from cxr_desktop.localization import SWEEP

LOCATION_PRIOR = "location-prior"
RANDOM = "random"
ALL = "all"


@dataclass(frozen=True, slots=True)
class EvaluationPlan:
    """A data set, a model, methods, and where the tables go.

    index: CSV with the column `image`; others are groups or truths. images: the folder of the
    files. boxes: CSV of reference boxes. model: name or folder. workers: processes. scheduler: address
    of a Dask scheduler whose workers see the same folders, instead of processes here. resume:
    take what the cache in `out` holds already. threshold: None for the model's own by method. protocols: how
    thresholds are chosen; tables and pictures follow the first. tune_on: a column of the index and those of its
    values whose images thresholds are tuned on, empty for the column `split`, or parts of the patients in turn.
    boxes_format: of the boxes' file, empty to be told by its content.
    label_map: CSV over the bundled label map. options: per method, the method's keyword options.
    look: when a map counts as having looked at the finding. examples: pictures of each kind in the
    report. units: images of either kind that are followed through the network's units, 0 for none.
    parquet: every table beside its CSV.
    """

    index: Path
    images: Path
    boxes: Path
    out: Path
    model: str = "demo"
    methods: tuple[str, ...] = DEFAULT_METHODS
    workers: int = 1
    scheduler: str = ""
    resume: bool = False
    device: str = "auto"
    threshold: Threshold | None = None
    protocols: tuple[Protocol, ...] = DEFAULT_PROTOCOLS
    tune_on: tuple[str, ...] = ()
    label_map: Path | None = None
    boxes_format: str = ""
    options: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    look: LookRule = field(default=LookRule())
    examples: int = 4
    units: int = 6
    parquet: bool = False

    @property
    def main(self) -> Protocol:
        """The protocol that tables and pictures follow."""
        return self.protocols[0]

    def own_threshold(self, method: str, stated: Mapping[str, Threshold]) -> Threshold:
        """The plan's for every method, else the model's. stated: the model's, by method."""
        return self.threshold or threshold_for(method, stated)

    def thresholds(
        self, method: str, stated: Mapping[str, Threshold]
    ) -> tuple[Threshold, tuple[Threshold, ...]]:
        """Where a method's maps are cut, and the others that the protocols need besides, the sweep always."""
        own = self.own_threshold(method, stated)
        wanted = (own if one.kind is Kind.OWN else one.threshold for one in self.protocols)
        fixed = [threshold for threshold in wanted if threshold is not None]
        first = self.main.threshold or own
        return first, tuple(dict.fromkeys((*SWEEP, *(one for one in fixed if one != first))))


@dataclass(frozen=True, slots=True)
class Failure:
    """An image, or one method on it, that could not be evaluated. reason: a sentence for the person."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Interval:
    """A measured value with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """A method on the boxes of a label.

    label: of the boxes, or 'all'. n, images: how many boxes, on how many images. accuracy: IoU
    limit -> share of boxes that reach it. best_iou: mean IoU if somebody who knows the box chose
    the threshold for it alone, None where nothing was cut. threshold: as text. energy: mean over
    the images of the share of positive relevance inside their boxes; auprc: mean area under the precision-recall
    curve of the pixels; both None where there are no maps.
    """

    method: str
    label: str
    n: int
    images: int
    mean_iou: Interval
    accuracy: Mapping[float, float]
    pointing_hit: Interval
    mean_iobb: float
    best_iou: float | None
    threshold: str
    mean_dice: float
    energy: float | None
    auprc: float | None


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """How well a label's score parts two kinds of images, within a group. against: what the negatives are."""

    label: str
    truth: str
    against: str
    group: str
    positives: int
    negatives: int
    auc: Interval


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """files: the tables written. failures: in the order of the index. notes: sentences on what was left out.

    document: all of it as a report, for other formats than the page written.
    """

    model: ModelIdentity
    images: int
    summary: tuple[SummaryRow, ...]
    scores: tuple[ScoreRow, ...]
    failures: tuple[Failure, ...]
    notes: tuple[str, ...]
    files: tuple[Path, ...]
    document: Document
