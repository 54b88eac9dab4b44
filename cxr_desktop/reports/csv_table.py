"""All boxes of a case as the table that `--boxes` reads back."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from cxr_desktop.domain import Analysis, Box
from cxr_desktop.reports.exporter import named
from cxr_desktop.reports.sources import boxes_by_source

HEAD = ("image", "label", "x", "y", "width", "height", "source", "score")


class CsvExporter:
    """`<stem>.csv`: a line a box, pixels of the stored image; `source` tells who or which method drew it."""

    id = "csv"
    title = "Boxes (CSV)"
    suffix = ".csv"

    def write(self, analysis: Analysis, stem: Path) -> tuple[Path, ...]:
        target = named(stem, self.suffix)
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(HEAD)
            writer.writerows(_rows(analysis))
        return (target,)


def _rows(analysis: Analysis) -> Iterator[tuple[object, ...]]:
    image = analysis.radiograph.header.path.name
    for source, boxes in boxes_by_source(analysis).items():
        for box in boxes:
            yield (image, box.label, *_edges(box), source, "" if box.score is None else box.score)


def _edges(box: Box) -> tuple[float, float, float, float]:
    return box.x, box.y, box.width, box.height
