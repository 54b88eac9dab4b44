"""The pages as they will lie on paper, with the system's own choice of printer."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter
from PySide6.QtPrintSupport import QPrinter, QPrintPreviewDialog
from PySide6.QtWidgets import QToolBar, QWidget

from cxr_desktop.ui.printing import RESOLUTION, Page
from cxr_desktop.ui.room import open_at
from cxr_desktop.ui.translation import tr


class PrintPreview(QPrintPreviewDialog):
    """Shows and prints the pages, each filling its sheet as the report was laid out."""

    def __init__(self, pages: tuple[Page, ...], parent: QWidget | None = None) -> None:
        self._printer = printer_for(pages[0])
        super().__init__(self._printer, parent)
        self.setObjectName("printPreview")
        self.setWindowTitle(tr("Print report"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        open_at(self, 1120, 900)
        for bar in self.findChildren(QToolBar):
            bar.setIconSize(QSize(20, 20))  # so that the button to print is in sight
        self._pictures = tuple(_picture(page) for page in pages)
        self.paintRequested.connect(self._paint)

    def _paint(self, printer: QPrinter) -> None:
        paint_pages(printer, self._pictures)


def printer_for(page: Page) -> QPrinter:
    """A printer set to the report's paper, in its full area: the report has margins of its own."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setResolution(RESOLUTION)
    size = QPageSize(
        QSizeF(page.width, page.height), QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.FuzzyMatch
    )
    printer.setPageSize(size)
    printer.setPageOrientation(QPageLayout.Orientation.Portrait)
    printer.setFullPage(True)
    printer.setDocName(tr("Chest radiograph: network analysis"))
    return printer


def paint_pages(printer: QPrinter, pictures: tuple[QImage, ...]) -> None:
    """Each picture on a sheet, as large as fits."""
    painter = QPainter(printer)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for number, picture in enumerate(pictures):
        if number:
            printer.newPage()
        sheet = QRectF(printer.pageLayout().fullRectPixels(printer.resolution()))
        size = QSizeF(picture.size()).scaled(sheet.size(), Qt.AspectRatioMode.KeepAspectRatio)
        corner = sheet.center() - QRectF(0, 0, size.width(), size.height()).center()
        painter.drawImage(QRectF(corner, size), picture)
    painter.end()


def _picture(page: Page) -> QImage:
    rows, columns = page.colours.shape[:2]
    return QImage(page.colours.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888).copy()
