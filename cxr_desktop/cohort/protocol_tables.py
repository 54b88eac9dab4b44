"""What each threshold protocol came to, as CSV: the same bytes for the same measurements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from cxr_desktop.cohort.protocol_views import ProtocolView
from cxr_desktop.cohort.tables import (
    PAIRED,
    PER_IMAGE,
    SUMMARY,
    paired_table_rows,
    per_image_rows,
    summary_rows,
    write_csv,
)
from cxr_desktop.cohort.tuning import TunedValue

Row = tuple[object, ...]
NAMED = ("protocol", "upper_bound")
TUNED = (
    *("method", "target", "part", "threshold", "mean_iou_where_tuned"),
    *("patients_tuned_on", "boxes_tuned_on", "boxes_scored"),
)


def write_protocol_tables(
    out: Path, views: Sequence[ProtocolView], values: Sequence[TunedValue]
) -> tuple[Path, ...]:
    """protocols.csv, protocols_significance.csv, protocols_per_image.csv, tuned.csv.

    Raises ExportError.
    """
    return (
        write_csv(
            out / "protocols.csv", (*NAMED, *SUMMARY), _rows(views, lambda view: summary_rows(view.summary))
        ),
        write_csv(
            out / "protocols_significance.csv",
            (*NAMED, *PAIRED),
            _rows(views, lambda view: paired_table_rows(view.paired)),
        ),
        write_csv(
            out / "protocols_per_image.csv",
            (*NAMED, *PER_IMAGE),
            _rows(views, lambda view: per_image_rows(view.records())),
        ),
        write_csv(out / "tuned.csv", TUNED, map(_tuned_row, values)),
    )


def _rows(views: Sequence[ProtocolView], of: Callable[[ProtocolView], Iterable[Row]]) -> Iterator[Row]:
    for view in views:
        for row in of(view):
            yield (view.protocol.name, view.protocol.upper_bound, *row)


def _tuned_row(value: TunedValue) -> Row:
    return (
        *(value.method, value.target, value.part, value.threshold, value.iou),
        *(value.patients, value.boxes, value.scored),
    )
