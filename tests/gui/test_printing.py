"""From the case on screen to sheets of paper: pages as pictures, the preview, and its refusals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPageSize
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QWidget
from reportlab.lib.pagesizes import A4, letter
from reportlab.pdfgen.canvas import Canvas

from cxr_desktop.domain.errors import ExportError
from cxr_desktop.ui.dialogs.print_preview import PrintPreview, printer_for
from cxr_desktop.ui.printing import pages_of


def write_report(path: Path, size: tuple[float, float] = A4) -> Path:
    """Two pages: a red square at the upper left of the first, a blue one of the second."""
    canvas = Canvas(str(path), pagesize=size)
    for colour in ((1, 0, 0), (0, 0, 1)):
        canvas.setFillColorRGB(*colour)
        canvas.rect(36, size[1] - 108, 72, 72, stroke=0, fill=1)
        canvas.showPage()
    canvas.save()
    return path


@pytest.fixture
def preview(hand, monkeypatch: pytest.MonkeyPatch) -> Iterator[PrintPreview]:
    """The preview opened by its key over a report of two pages."""
    monkeypatch.setattr(
        hand.engine, "export", lambda request, _: (write_report(request.folder / "case.pdf"),), raising=True
    )
    hand.until(lambda: hand.parts.session.scores_revealed)
    hand.key(Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    hand.until(lambda: hand.window.findChild(QWidget, "printPreview") is not None)
    found = hand.window.findChild(QWidget, "printPreview")
    yield found
    found.reject()
    hand.until(lambda: hand.window.findChild(QWidget, "printPreview") is None)


def test_pages_are_pictures_of_the_report(tmp_path: Path) -> None:
    first, second = pages_of(write_report(tmp_path / "a.pdf"), resolution=72)
    assert (first.width, first.height) == pytest.approx(A4, abs=0.1)
    assert first.colours.shape == (842, 596, 3)
    assert first.colours[72, 72].tolist() == [255, 0, 0]
    assert second.colours[72, 72].tolist() == [0, 0, 255]
    assert first.colours[400, 300].tolist() == [255, 255, 255]


def test_what_is_no_report_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"no PDF")
    with pytest.raises(ExportError, match=r"a\.pdf cannot be shown"):
        pages_of(tmp_path / "a.pdf")


@pytest.mark.parametrize(
    ("size", "paper"), [(A4, QPageSize.PageSizeId.A4), (letter, QPageSize.PageSizeId.Letter)]
)
def test_the_sheet_is_the_reports(tmp_path: Path, size, paper) -> None:
    (page, _) = pages_of(write_report(tmp_path / "a.pdf", size), resolution=36)
    assert printer_for(page).pageLayout().pageSize().id() == paper


def test_the_preview_prints_every_page_where_it_was(preview, tmp_path: Path) -> None:
    printed = tmp_path / "printed.pdf"
    printer = preview.printer()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(printed))
    preview.paintRequested.emit(printer)
    first, second = pages_of(printed, resolution=72)
    assert (first.width, first.height) == pytest.approx(A4, abs=1)
    assert np.abs(first.colours[72, 72].astype(int) - [255, 0, 0]).max() < 12
    assert np.abs(second.colours[72, 72].astype(int) - [0, 0, 255]).max() < 12
    assert first.colours[200, 72].min() > 240


def test_what_may_not_be_printed_is_said(hand, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_request: object, _progress: object) -> tuple[Path, ...]:
        raise ExportError("pdf may not be exported on this computer")

    monkeypatch.setattr(hand.engine, "export", refuse)
    hand.until(lambda: hand.parts.session.scores_revealed)
    told: list[str] = []
    hand.parts.exporting.told.connect(told.append)
    hand.key(Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    hand.until(lambda: bool(told))
    assert told == ["pdf may not be exported on this computer"]
    assert hand.window.findChild(QWidget, "printPreview") is None
