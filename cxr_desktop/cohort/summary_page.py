"""An evaluation as a document: what was found, how it was measured, what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cxr_desktop.cohort.document_page import document_page
from cxr_desktop.cohort.intervals import RESAMPLES
from cxr_desktop.cohort.plan import ALL, Failure, ScoreRow, SummaryRow
from cxr_desktop.cohort.protocol_section import protocol_named, protocol_sections
from cxr_desktop.cohort.protocol_views import ProtocolView
from cxr_desktop.cohort.protocols import Protocol
from cxr_desktop.cohort.reason_sections import reason_sections
from cxr_desktop.cohort.reasons import Reasons
from cxr_desktop.cohort.summary_blocks import against_opponents, bar_chart_of, paired_table, summary_table
from cxr_desktop.cohort.tuning import Tuning
from cxr_desktop.cohort.words import interval_told
from cxr_desktop.domain import ModelIdentity
from cxr_desktop.domain.document import Block, DataTable, Document, Paragraph, Section
from cxr_desktop.localization import DEFAULT_SMOOTH, SWEEP


@dataclass(frozen=True, slots=True)
class SummaryPage:
    """What the page shows. images: how many were evaluated. views: the protocols, the first is followed throughout.

    more: sections after the reasons. facts: parameters.
    """

    model: ModelIdentity
    images: int
    views: Sequence[ProtocolView]
    tuning: Tuning
    scores: Sequence[ScoreRow]
    failures: Sequence[Failure]
    notes: Sequence[str]
    reasons: Reasons | None = None
    more: Sequence[Section] = ()
    facts: Sequence[tuple[str, str]] = field(default_factory=tuple)

    @property
    def protocol(self) -> Protocol:
        return self.views[0].protocol

    @property
    def summary(self) -> Sequence[SummaryRow]:
        return self.views[0].summary

    def document(self) -> Document:
        """Nothing in it depends on when it was made."""
        sections = [
            Section("All boxes", tuple(self._overview())),
            *self._labels(),
            *self._paired(),
            *protocol_sections(self.views, self.tuning),
            *self._scores(),
            *(reason_sections(self.reasons) if self.reasons else ()),
            *self.more,
            Section("How this was measured", tuple(Paragraph(text) for text in protocol(self.summary))),
            *self._remarks(),
        ]
        identity = (("Model", self.model.caption), ("Weights SHA-256", self.model.weights_sha256))
        return Document(
            "Do the maps find the lesions?",
            f"{self.model.caption} on {self.images} radiographs, threshold protocol {self.protocol.title}",
            tuple(sections),
            (*identity, *self.facts),
        )

    def html(self) -> str:
        """The page as a string, every text of the data escaped."""
        return document_page(self.document())

    def _overview(self) -> Iterator[Block]:
        rows = [row for row in self.summary if row.label == ALL]
        if not any(row.n for row in rows):
            compared = any(row.n for view in self.views for row in view.summary)
            yield Paragraph(
                f"No map has a threshold by the protocol {self.protocol.title!r}; the other protocols follow below."
                if compared
                else "No box of the file speaks of an image and a label of this evaluation."
            )
            return
        yield bar_chart_of(
            f"Mean IoU with the readers' boxes, {self.protocol.title} thresholds", rows, "mean_iou"
        )
        yield bar_chart_of(
            "Pointing game: the map's maximum lies in the box, no threshold", rows, "pointing_hit"
        )
        yield Paragraph(
            "Whiskers: 95 % interval. Dashed: the location prior, which never sees the image.", muted=True
        )
        yield protocol_named(self.protocol)
        yield summary_table(rows)

    def _labels(self) -> Iterator[Section]:
        for label in dict.fromkeys(row.label for row in self.summary if row.label != ALL):
            rows = [row for row in self.summary if row.label == label]
            yield Section(label, (protocol_named(self.protocol), summary_table(rows)))

    def _scores(self) -> Iterator[Section]:
        if self.scores:
            yield Section("Do the scores tell the images apart?", (_score_table(self.scores),))

    def _paired(self) -> Iterator[Section]:
        """Each method against the location prior and Grad-CAM, by IoU over all boxes; the rest is in the table."""
        shown = against_opponents(self.views[0].paired)
        if shown:
            told = Paragraph(
                "Difference of mean IoU on the same boxes, with its 95 % interval. p: Wilcoxon's signed-rank test on "
                "the images' mean differences, adjusted by Holm for all pairs. significance.csv has every pair, "
                "label and measure.",
                muted=True,
            )
            blocks = (protocol_named(self.protocol), paired_table(shown), told)
            yield Section("Methods against each other", blocks)

    def _remarks(self) -> Iterator[Section]:
        if self.notes or self.failures:
            told = [Paragraph(note) for note in self.notes]
            told += [Paragraph(text) for text in _failures_told(self.failures)]
            yield Section("Left out", tuple(told))


def _failures_told(failures: Sequence[Failure]) -> Iterator[str]:
    """A sentence a reason, with all that it concerns: a method that suits no image fills no pages."""
    names: dict[str, list[str]] = {}
    for failure in failures:
        names.setdefault(failure.reason, []).append(failure.path.name)
    for reason, concerned in names.items():
        count = f" ({len(concerned)} files)" if len(concerned) > 1 else ""
        yield f"{', '.join(concerned)}{count}: {reason}"


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
        "IoU; one predicted box may meet several of them. A box that speaks of a finding below a label of the model is "
        "held against the map of that label. An image without a box of a label says nothing of that label; one whose "
        "finding the model misses counts all the same. A label without any box has no row. An image on which nothing "
        "is cut, such as a map without positive relevance, counts with an IoU, IoBB and Dice of 0 and no hit.",
        "acc@T is the share of boxes with an IoU of at least T; IoBB is the intersection over the predicted box with "
        "the highest IoU; Dice is 2 x IoU / (1 + IoU) of each box, then averaged; the pointing game asks for each box "
        "whether the smoothed map's maximum lies in it, so that of several boxes on an image one at most is hit unless "
        "they overlap. Best IoU is an upper bound: for each box the best of "
        f"{len(SWEEP)} percentile thresholds and those of the other protocols, chosen by somebody who knows the box.",
        "Energy is the share of positive relevance inside the boxes of the image taken together, AUPRC the area under "
        "the precision-recall curve of its pixels, those with equal relevance taken together; both of the map as it "
        "is, before smoothing and without a threshold, averaged over maps, of which an image has one a label.",
        "The location prior is the mean coverage by the boxes of the other images with the same label and reader "
        "group, cut where its IoU with those boxes is highest; the image itself is left out. A method below it tells "
        "where lesions usually lie, not where this one is. The random map is smoothed noise.",
        f"Intervals: percentile bootstrap, {RESAMPLES} resamples of whole images.",
    )


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
