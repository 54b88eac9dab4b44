"""An evaluation as a document: what was found, how it was measured, what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import isnan

from cxr_desktop.cohort.document_page import document_page
from cxr_desktop.cohort.intervals import RESAMPLES
from cxr_desktop.cohort.plan import ALL, LOCATION_PRIOR, RANDOM, Failure, Interval, ScoreRow, SummaryRow
from cxr_desktop.cohort.reason_sections import reason_sections
from cxr_desktop.cohort.reasons import Reasons
from cxr_desktop.cohort.significance import PairedRow
from cxr_desktop.cohort.summary import LIMITS
from cxr_desktop.cohort.words import interval_told
from cxr_desktop.domain import ModelIdentity
from cxr_desktop.domain.document import Bar, BarChart, Block, DataTable, Document, Paragraph, Section
from cxr_desktop.localization import DEFAULT_SMOOTH, SWEEP

_BASELINES = (LOCATION_PRIOR, RANDOM)
_OPPONENTS = (LOCATION_PRIOR, "gradcam")


@dataclass(frozen=True, slots=True)
class SummaryPage:
    """What the page shows. images: how many were evaluated. more: sections after the reasons. facts: parameters."""

    model: ModelIdentity
    images: int
    summary: Sequence[SummaryRow]
    paired: Sequence[PairedRow]
    scores: Sequence[ScoreRow]
    failures: Sequence[Failure]
    notes: Sequence[str]
    reasons: Reasons | None = None
    more: Sequence[Section] = ()
    facts: Sequence[tuple[str, str]] = field(default_factory=tuple)

    def document(self) -> Document:
        """Nothing in it depends on when it was made."""
        sections = [
            Section("All boxes", tuple(self._overview())),
            *self._labels(),
            *self._paired(),
            *self._scores(),
            *(reason_sections(self.reasons) if self.reasons else ()),
            *self.more,
            Section("How this was measured", tuple(Paragraph(text) for text in protocol(self.summary))),
            *self._remarks(),
        ]
        identity = (("Model", self.model.caption), ("Weights SHA-256", self.model.weights_sha256))
        return Document(
            "Do the maps find the lesions?",
            f"{self.model.caption} on {self.images} radiographs",
            tuple(sections),
            (*identity, *self.facts),
        )

    def html(self) -> str:
        """The page as a string, every text of the data escaped."""
        return document_page(self.document())

    def _overview(self) -> Iterator[Block]:
        rows = [row for row in self.summary if row.label == ALL]
        if not any(row.n for row in rows):
            yield Paragraph("No box of the file speaks of an image and a label of this evaluation.")
            return
        yield self._chart("Mean IoU with the readers' boxes", rows, "mean_iou")
        yield self._chart("Pointing game: the map's maximum lies in the box", rows, "pointing_hit")
        yield Paragraph(
            "Whiskers: 95 % interval. Dashed: the location prior, which never sees the image.", muted=True
        )
        yield _summary_table(rows)

    def _chart(self, title: str, rows: Sequence[SummaryRow], measure: str) -> BarChart:
        values: list[tuple[str, Interval]] = [(row.method, getattr(row, measure)) for row in rows]
        bars = tuple(
            Bar(name, value.value, value.low, value.high, name in _BASELINES) for name, value in values
        )
        return BarChart(title, bars, next((bar.value for bar in bars if bar.name == LOCATION_PRIOR), None))

    def _labels(self) -> Iterator[Section]:
        for label in dict.fromkeys(row.label for row in self.summary if row.label != ALL):
            yield Section(label, (_summary_table([row for row in self.summary if row.label == label]),))

    def _scores(self) -> Iterator[Section]:
        if self.scores:
            yield Section("Do the scores tell the images apart?", (_score_table(self.scores),))

    def _paired(self) -> Iterator[Section]:
        """Each method against the location prior and Grad-CAM, by IoU over all boxes; the rest is in the table."""
        rows = [row for row in self.paired if row.label == ALL and row.measure == "iou"]
        shown = [row for row in rows if {row.method, row.against} & set(_OPPONENTS)]
        if shown:
            told = Paragraph(
                "Difference of mean IoU on the same boxes, with its 95 % interval. p: Wilcoxon's signed-rank test on "
                "the images' mean differences, adjusted by Holm for all pairs. significance.csv has every pair, "
                "label and measure.",
                muted=True,
            )
            yield Section("Methods against each other", (_paired_table(shown), told))

    def _remarks(self) -> Iterator[Section]:
        if self.notes or self.failures:
            told = [Paragraph(note) for note in self.notes]
            told += [Paragraph(f"{failure.path.name}: {failure.reason}") for failure in self.failures]
            yield Section("Left out", tuple(told))


def protocol(summary: Sequence[SummaryRow]) -> tuple[str, ...]:
    """How the numbers came about, in sentences."""
    cuts = dict.fromkeys(
        f"{row.method} at {row.threshold}" for row in summary if row.label == ALL and row.threshold
    )
    return (
        "Each map lies on the stored image, is smoothed by a Gaussian with a standard deviation of "
        f"{DEFAULT_SMOOTH:.1%} "
        "of the longer side (not before an absolute threshold), cut at the threshold, and each connected piece of "
        f"positive relevance framed by a box. Thresholds: {'; '.join(cuts) or 'none used'}.",
        "Every reader's box counts once, also where an image has several, against the predicted box with the highest "
        "IoU. An image without a box of a label says nothing of that label; one whose finding the model misses counts "
        "all the same. acc@T is the share of boxes with an IoU of at least T; IoBB is the intersection over the "
        "predicted box; Dice follows from IoU; the pointing game asks whether the smoothed map's maximum lies in the "
        "box. Best IoU is an upper bound: for each box the best of "
        f"{len(SWEEP)} percentile thresholds, chosen by somebody who knows the box.",
        "Energy is the share of positive relevance inside the boxes of the image, AUPRC the area under the "
        "precision-recall curve of its pixels; both of the map as it is, before smoothing, averaged over images.",
        "The location prior is the mean coverage by the boxes of the other images with the same label and reader "
        "group, cut where its IoU with those boxes is highest; the image itself is left out. A method below it tells "
        "where lesions usually lie, not where this one is. The random map is smoothed noise.",
        f"Intervals: percentile bootstrap, {RESAMPLES} resamples of whole images.",
    )


def _summary_table(rows: Sequence[SummaryRow]) -> DataTable:
    head = ("Method", "Boxes", "Images", "Mean IoU", *(f"acc@{limit:g}" for limit in LIMITS))
    body = tuple(
        (
            *(row.method, str(row.n), str(row.images), interval_told(row.mean_iou)),
            *(_number(row.accuracy[limit]) for limit in LIMITS),
            *(interval_told(row.pointing_hit), _number(row.mean_iobb), _number(row.mean_dice)),
            *(_number(row.energy), _number(row.auprc), _number(row.best_iou)),
        )
        for row in rows
    )
    pale = frozenset(place for place, row in enumerate(rows) if row.method in _BASELINES)
    return DataTable((*head, "Pointing", "IoBB", "Dice", "Energy", "AUPRC", "Best IoU"), body, 1, pale)


def _paired_table(rows: Sequence[PairedRow]) -> DataTable:
    head = ("Method", "Against", "Boxes", "Images", "Difference of mean IoU", "p", "p (Holm)")
    body = tuple(
        (
            *(row.method, row.against, str(row.n), str(row.images), interval_told(row.difference)),
            *(_chance(row.p), _chance(row.p_holm)),
        )
        for row in rows
    )
    return DataTable(head, body, 2)


def _chance(p: float) -> str:
    return "–" if isnan(p) else ("< 0.001" if p < 0.001 else f"{p:.3f}")


def _score_table(rows: Sequence[ScoreRow]) -> DataTable:
    head = ("Label", "Truth", "Against", "Group", "Positive", "Negative", "AUC (95 % interval)")
    body = tuple(
        (
            *(row.label, row.truth, row.against, row.group),
            *(str(row.positives), str(row.negatives), interval_told(row.auc)),
        )
        for row in rows
    )
    return DataTable(head, body, 4)


def _number(value: float | None) -> str:
    return "–" if value is None or isnan(value) else f"{value:.2f}"
