"""Tables and drawings of localisation, as blocks of a report."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from cxr_desktop.cohort.plan import ALL, LOCATION_PRIOR, RANDOM, Interval, SummaryRow
from cxr_desktop.cohort.significance import PairedRow
from cxr_desktop.cohort.summary import LIMITS
from cxr_desktop.cohort.words import interval_told
from cxr_desktop.domain.document import Bar, BarChart, DataTable

BASELINES = (LOCATION_PRIOR, RANDOM)
OPPONENTS = (LOCATION_PRIOR, "gradcam")


def bar_chart_of(title: str, rows: Sequence[SummaryRow], measure: str) -> BarChart:
    """A bar a method, the location prior as the mark. measure: a field of SummaryRow that is an Interval."""
    values: list[tuple[str, Interval]] = [(row.method, getattr(row, measure)) for row in rows]
    bars = tuple(Bar(name, value.value, value.low, value.high, name in BASELINES) for name, value in values)
    return BarChart(title, bars, next((bar.value for bar in bars if bar.name == LOCATION_PRIOR), None))


def against_opponents(rows: Sequence[PairedRow]) -> list[PairedRow]:
    """The pairs with the location prior or Grad-CAM, by IoU over all boxes."""
    return [
        row
        for row in rows
        if row.label == ALL and row.measure == "iou" and {row.method, row.against} & set(OPPONENTS)
    ]


def summary_table(rows: Sequence[SummaryRow]) -> DataTable:
    """A row a method. The last column is an upper bound under every protocol."""
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
    pale = frozenset(place for place, row in enumerate(rows) if row.method in BASELINES)
    return DataTable(
        (*head, "Pointing", "IoBB", "Dice", "Energy", "AUPRC", "Best IoU (upper bound)"), body, 1, pale
    )


def paired_table(rows: Sequence[PairedRow]) -> DataTable:
    """Differences of mean IoU with their intervals and chances."""
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


def _number(value: float | None) -> str:
    return "–" if value is None or isnan(value) else f"{value:.2f}"
