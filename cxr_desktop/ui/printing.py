"""The report of the case on screen as pictures of its pages, ready for paper; no widgets."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.errors import ExportError
from cxr_desktop.ui.engine import Engine, ExportRequest
from cxr_desktop.ui.exporting import ExportChoice, Exporting
from cxr_desktop.ui.job_bridge import JobBridge
from cxr_desktop.ui.translation import tr

CHANNEL = "print"
RESOLUTION = 200
"""Dots per inch of the pages; the key images hold no more."""
_POINTS = 72


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """colours: (rows, columns, 3) uint8 RGB. width, height: of the paper in points."""

    colours: NDArray[np.uint8]
    width: float
    height: float


class Printing:
    """Makes the pages on a worker. A print is an export: policy and audit trail hold for it."""

    def __init__(self, engine: Engine, bridge: JobBridge, exporting: Exporting) -> None:
        self._engine, self._bridge, self._exporting = engine, bridge, exporting
        self._one_at_a_time = Lock()  # PDFium serves one thread at a time

    def prepare(self, done: Callable[[tuple[Page, ...]], None], failed: Callable[[str], None]) -> None:
        """Calls done with the pages, or failed with a sentence."""
        request = self._exporting.request(ExportChoice(("pdf",), Path()))
        if request is None:
            failed(self._exporting.refusal)
            return
        self._bridge.submit(
            tr("Preparing the report for print"),
            lambda context, _request: self._pages(request, context.report),
            done,
            lambda error: failed(str(error)),
            channel=CHANNEL,
            priority=12,
        )

    def _pages(self, request: ExportRequest, progress: Callable[[float], None]) -> tuple[Page, ...]:
        from dataclasses import replace

        with tempfile.TemporaryDirectory(prefix="cxr-print-") as folder:
            files = self._engine.export(replace(request, folder=Path(folder)), progress)
            report = next((path for path in files if path.suffix == ".pdf"), None)
            if report is None:
                raise ExportError("no report came to be printed; try Export report")
            with self._one_at_a_time:
                return pages_of(report)


def pages_of(report: Path, resolution: float = RESOLUTION) -> tuple[Page, ...]:
    """A PDF's pages as pictures. Raises ExportError for a file that is none."""
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(report) as document:
            return tuple(_page(document[number], resolution) for number in range(len(document)))
    except pypdfium2.PdfiumError as error:
        raise ExportError(f"{report} cannot be shown as pages ({error})") from error


def _page(page: object, resolution: float) -> Page:
    width, height = page.get_size()  # type: ignore[attr-defined]
    bitmap = page.render(scale=resolution / _POINTS, rev_byteorder=True)  # type: ignore[attr-defined]
    return Page(np.ascontiguousarray(bitmap.to_numpy()[..., :3]), width, height)
