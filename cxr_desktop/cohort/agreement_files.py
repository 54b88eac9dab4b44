"""An agreement as a folder: tables, consensus, page, and what adjudicators decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from cxr_desktop.cohort.agreement import Agreement
from cxr_desktop.cohort.agreement_page import agreement_page
from cxr_desktop.cohort.agreement_tables import Sizes, write_tables
from cxr_desktop.cohort.tables import write_csv
from cxr_desktop.domain import Box
from cxr_desktop.domain.errors import ExportError
from cxr_desktop.domain.whole_file import write_text

ADJUDICATED = ("image", "label", "x", "y", "width", "height", "reader")

Readings = Mapping[str, Mapping[str, tuple[Box, ...]]]
"""Image -> reader -> boxes."""


def write_agreement(
    agreement: Agreement, out: Path, sizes: Sizes, adjudicated: Readings | None = None
) -> tuple[Path, ...]:
    """The tables, agreement.html and, where there are adjudicated readings, adjudicated.csv.

    sizes: image -> (columns, rows), where known. The folder is made. Raises ExportError.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"{out} cannot be made ({error.strerror}); choose another folder") from error
    files = [*write_tables(agreement, out, sizes)]
    files.append(write_text(out / "agreement.html", agreement_page(agreement, sizes)))
    if adjudicated:
        files.append(write_csv(out / "adjudicated.csv", ADJUDICATED, _rows(adjudicated)))
    return tuple(files)


def _rows(adjudicated: Readings) -> Iterator[tuple[object, ...]]:
    for image, by in adjudicated.items():
        for reader, boxes in by.items():
            for box in boxes:
                yield image, box.label, box.x, box.y, box.width, box.height, reader
