"""One figure of the case as a PNG."""

from __future__ import annotations

from pathlib import Path

from cxr_desktop.domain import Analysis
from cxr_desktop.reports.exporter import named


class PngExporter:
    """`<stem>.png`: the clean image and each method's overlay, captioned; its origin as text metadata."""

    id = "png"
    title = "Figure (PNG)"
    suffix = ".png"

    def write(self, analysis: Analysis, stem: Path) -> tuple[Path, ...]:
        from cxr_desktop.reports.figure import case_figure, figure_metadata

        target = named(stem, self.suffix)
        case_figure(analysis).save(target, "PNG", pnginfo=figure_metadata(analysis))
        return (target,)
