"""The boxes of a case as YOLO labels: 'class centre-x centre-y width height', shares of the image."""

from __future__ import annotations

from pathlib import Path

from cxr_desktop.domain import Analysis, Box
from cxr_desktop.reports.exporter import named
from cxr_desktop.reports.naming import apart, sanitised
from cxr_desktop.reports.sources import boxes_by_source, class_names


class YoloExporter:
    """`<stem>.yolo.names`, and `<stem>.<source>.yolo.txt` for everyone who drew: lines cannot say who did.

    The names file comes first among the files; the number of a class is its line there, from 0.
    """

    id = "yolo"
    title = "Labels (YOLO)"
    suffix = ".yolo.names"

    def write(self, analysis: Analysis, stem: Path) -> tuple[Path, ...]:
        names = class_names(analysis)
        main = named(stem, self.suffix)
        main.write_text("".join(f"{' '.join(name.split())}\n" for name in names), "utf-8")
        files = [main]
        drawn = boxes_by_source(analysis)
        for source, boxes in zip(apart(map(sanitised, drawn)), drawn.values(), strict=True):
            files.append(named(stem, f".{source}.yolo.txt"))
            size = (analysis.radiograph.columns, analysis.radiograph.rows)
            files[-1].write_text("".join(_lines(boxes, names, size)), "utf-8")
        return tuple(files)


def _lines(boxes: tuple[Box, ...], names: tuple[str, ...], size: tuple[int, int]) -> list[str]:
    columns, rows = size
    lines = []
    for box in boxes:
        inside = box.clipped(columns, rows)
        if inside.area > 0:
            x, y = inside.centre
            shares = (x / columns, y / rows, inside.width / columns, inside.height / rows)
            lines.append(
                " ".join([str(names.index(box.label)), *(f"{share:.6f}" for share in shares)]) + "\n"
            )
    return lines
