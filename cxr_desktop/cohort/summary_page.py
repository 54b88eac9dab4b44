"""An evaluation as one HTML page that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import isnan

from cxr_desktop.cohort.bars import Bar, bar_chart
from cxr_desktop.cohort.intervals import RESAMPLES
from cxr_desktop.cohort.plan import ALL, LOCATION_PRIOR, RANDOM, Failure, Interval, ScoreRow, SummaryRow
from cxr_desktop.cohort.summary import LIMITS
from cxr_desktop.domain import DISCLAIMER, ModelIdentity
from cxr_desktop.localization import DEFAULT_SMOOTH, SWEEP

_STYLE = """
:root { color-scheme: light; --slate: #1f2a37; --accent: #0e7490; --muted: #5f6b7a; --rule: #d5dbe2; }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, "Segoe UI", sans-serif; color: #161d26; background: #fff; }
header { background: var(--slate); color: #fff; border-bottom: 4px solid var(--accent); padding: 24px 5vw; }
header h1 { margin: 0; font-size: 24px; } header p { margin: 4px 0 0; color: #c7d0db; overflow-wrap: anywhere; }
main { max-width: 1180px; margin: 0 auto; padding: 8px 5vw 48px; }
h2 { color: var(--slate); font-size: 18px; margin: 32px 0 8px; } h3 { font-size: 15px; margin: 20px 0 4px; }
svg { max-width: 100%; height: auto; font: 13px system-ui, "Segoe UI", sans-serif; display: block; }
.method { fill: var(--accent); } .baseline { fill: #a9b4c0; } .whisker { stroke: #161d26; fill: none; }
.grid { stroke: var(--rule); } .mark { stroke: #9a5b00; stroke-dasharray: 5 3; }
.name { text-anchor: end; } .tick { text-anchor: middle; fill: var(--muted); font-size: 12px; }
.scroll { overflow-x: auto; } .note { color: var(--muted); font-size: 13px; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums; }
th { text-align: right; color: var(--muted); border-bottom: 2px solid var(--slate); white-space: nowrap; }
th, td { padding: 5px 8px; } td { border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
th.text, td.text { text-align: left; } tr.baseline td { background: #f3f5f8; }
footer { border-top: 1px solid var(--rule); padding: 12px 5vw; font-weight: 600; }
"""


@dataclass(frozen=True, slots=True)
class SummaryPage:
    """What the page shows. images: how many were evaluated."""

    model: ModelIdentity
    images: int
    summary: Sequence[SummaryRow]
    scores: Sequence[ScoreRow]
    failures: Sequence[Failure]
    notes: Sequence[str]

    def html(self) -> str:
        """The page as a string, every text of the data escaped; nothing in it depends on when it was made."""
        caption = escape(self.model.caption)
        parts = (
            *self._overview(),
            *self._labels(),
            *self._scores(),
            "<h2>How this was measured</h2>",
            *(f"<p>{escape(sentence)}</p>" for sentence in protocol(self.summary)),
            *self._remarks(),
        )
        return (
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>Evaluation of {caption}</title><style>{_STYLE}</style></head>\n"
            f"<body><header><h1>Do the maps find the lesions?</h1><p>{caption} on {self.images} radiographs</p>"
            f"<p>Weights SHA-256 {escape(self.model.weights_sha256)}</p></header>\n<main>\n"
            + "\n".join(part for part in parts if part)
            + f"\n</main><footer>{escape(DISCLAIMER)}</footer></body></html>\n"
        )

    def _overview(self) -> Iterable[str]:
        rows = [row for row in self.summary if row.label == ALL]
        yield "<h2>All boxes</h2>"
        if not any(row.n for row in rows):
            yield "<p>No box of the file speaks of an image and a label of this evaluation.</p>"
            return
        yield "<h3>Mean IoU with the readers' boxes</h3>" + self._chart(rows, "mean_iou")
        yield "<h3>Pointing game: the map's maximum lies in the box</h3>" + self._chart(rows, "pointing_hit")
        yield '<p class="note">Whiskers: 95 % interval. Dashed: the location prior, which never sees the image.</p>'
        yield _summary_table(rows)

    def _chart(self, rows: Sequence[SummaryRow], measure: str) -> str:
        bars = [
            Bar(row.method, getattr(row, measure), row.method in (LOCATION_PRIOR, RANDOM)) for row in rows
        ]
        prior = next((bar.value.value for bar in bars if bar.name == LOCATION_PRIOR), None)
        return bar_chart(measure.replace("_", " "), bars, prior)

    def _labels(self) -> Iterable[str]:
        for label in dict.fromkeys(row.label for row in self.summary if row.label != ALL):
            yield f"<h2>{escape(label)}</h2>"
            yield _summary_table([row for row in self.summary if row.label == label])

    def _scores(self) -> Iterable[str]:
        if self.scores:
            yield "<h2>Do the scores tell the images apart?</h2>"
            yield _score_table(self.scores)

    def _remarks(self) -> Iterable[str]:
        if self.notes or self.failures:
            yield "<h2>Left out</h2><ul>"
            yield from (f"<li>{escape(note)}</li>" for note in self.notes)
            yield from (f"<li>{escape(f.path.name)}: {escape(f.reason)}</li>" for f in self.failures)
            yield "</ul>"


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
        "Every reader's box counts once, against the predicted box with the highest IoU. acc@T is the share of "
        "boxes with an IoU of at least T; IoBB is the intersection over the predicted box; the pointing game asks "
        "whether the smoothed map's maximum lies in the box. Best IoU is an upper bound: for each box the best of "
        f"{len(SWEEP)} percentile thresholds, chosen by somebody who knows the box.",
        "The location prior is the mean coverage by the boxes of the other images with the same label and reader "
        "group, cut where its IoU with those boxes is highest; the image itself is left out. A method below it tells "
        "where lesions usually lie, not where this one is. The random map is smoothed noise.",
        f"Intervals: percentile bootstrap, {RESAMPLES} resamples of whole images.",
    )


def _summary_table(rows: Sequence[SummaryRow]) -> str:
    head = ("Method", "Boxes", "Images", "Mean IoU", *(f"acc@{limit:g}" for limit in LIMITS))
    body = [
        (
            "baseline" if row.method in (LOCATION_PRIOR, RANDOM) else "",
            (
                *(row.method, str(row.n), str(row.images), _interval(row.mean_iou)),
                *(_number(row.accuracy[limit]) for limit in LIMITS),
                *(_interval(row.pointing_hit), _number(row.mean_iobb), _number(row.best_iou)),
            ),
        )
        for row in rows
    ]
    return _table((*head, "Pointing", "IoBB", "Best IoU"), body, texts=1)


def _score_table(rows: Sequence[ScoreRow]) -> str:
    head = ("Label", "Truth", "Against", "Group", "Positive", "Negative", "AUC (95 % interval)")
    body = [
        (
            "",
            (
                *(row.label, row.truth, row.against, row.group),
                *(str(row.positives), str(row.negatives), _interval(row.auc)),
            ),
        )
        for row in rows
    ]
    return _table(head, body, texts=4)


def _table(head: Sequence[str], body: Iterable[tuple[str, Sequence[str]]], texts: int) -> str:
    """texts: how many columns from the left hold words."""

    def cells(tag: str, values: Sequence[str]) -> str:
        kinds = (' class="text"' if place < texts else "" for place in range(len(values)))
        return "".join(
            f"<{tag}{kind}>{escape(value)}</{tag}>" for kind, value in zip(kinds, values, strict=True)
        )

    lines = "".join(
        f'<tr class="{kind}">{cells("td", values)}</tr>' if kind else f"<tr>{cells('td', values)}</tr>"
        for kind, values in body
    )
    return (
        f'<div class="scroll"><table><thead><tr>{cells("th", head)}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div>"
    )


def _number(value: float | None) -> str:
    return "–" if value is None or isnan(value) else f"{value:.2f}"


def _interval(interval: Interval) -> str:
    if isnan(interval.value):
        return "–"
    return f"{interval.value:.2f} ({interval.low:.2f} to {interval.high:.2f})"
