"""Maps of several methods side by side, over the same gray, with one cursor for all."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from cxr_desktop.ui.engine import MethodChoice
from cxr_desktop.ui.inference import Inference
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.heatmap_model import HeatmapModel
from cxr_desktop.ui.panels.section import note
from cxr_desktop.ui.panels.units_tiles import placed
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.translation import later, tr
from cxr_desktop.ui.viewer.heat_image import HeatImage
from cxr_desktop.ui.viewer.pictures import colour_picture, gray_picture

TILE, CAPTION, COLUMNS = 250, 26, 4
GAP, BESIDE = 14, 34
ADVICE = later("Methods ask different questions and may disagree. Click a map to see it large.")
_CROSS, _CASING, _FOCUS = QColor(240, 228, 66), QColor(0, 0, 0, 150), QColor("#56b4e9")


class MapTile(QWidget):
    """One method's map, or what is to come of it; a click, Return or Space shows it in the viewer.

    aspect: height of a stored pixel over its width.
    hovered: where the mouse is, in shares of width and height of the image; None off it.
    """

    chosen = Signal(str)
    hovered = Signal(object)

    def __init__(
        self, method: MethodChoice, gray: QImage, aspect: float = 1.0, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"tile:{method.name}")
        self.setAccessibleName(method.title)
        self.setToolTip(method.source)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._method = method
        self._gray, self._aspect = gray, aspect
        self._heat: QImage | None = None
        self.mark: QPointF | None = None
        self.refusal = ""
        self.setFixedSize(TILE, TILE + CAPTION)

    @property
    def target(self) -> QRect:
        """Where the image lies on the tile."""
        return placed(self._gray, QRect(0, 0, self.width(), self.height() - CAPTION), self._aspect)

    def show_heat(self, heat: HeatImage | None, model: HeatmapModel, refusal: str = "") -> None:
        """refusal: why there is no map."""
        self.refusal = "" if heat is not None else refusal
        self.setToolTip(self.refusal or self._method.source)
        self._heat = colour_picture(heat.colours(model.look)) if heat is not None else None
        self.update()

    def show_mark(self, at: QPointF | None) -> None:
        """A cross at that share of width and height."""
        if at != self.mark:
            self.mark = at
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, target = QPainter(self), self.target
        painter.fillRect(0, 0, self.width(), self.height() - CAPTION, QColor(0, 0, 0))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(1.0 if self._heat else 0.35)
        painter.drawImage(target, self._gray)
        if self._heat is not None:
            painter.drawImage(target, self._heat)
        painter.setOpacity(1.0)
        if self.mark is not None:
            self._draw_mark(painter, target, self.mark)
        painter.setPen(QColor("#d3d9e1"))
        if self.refusal:
            inner = QRect(0, 0, self.width(), self.height() - CAPTION).adjusted(12, 12, -12, -12)
            painter.drawText(inner, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.refusal)
        title = self._method.title if self._heat or self.refusal else f"{self._method.title} …"
        title = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, self.width())
        room = QRect(0, self.height() - CAPTION + 4, self.width(), CAPTION - 4)
        painter.drawText(room, Qt.AlignmentFlag.AlignHCenter, title)
        if self.hasFocus():
            painter.setPen(QPen(_FOCUS, 2.0))
            painter.drawRect(1, 1, self.width() - 2, self.height() - CAPTION - 2)
        painter.end()

    def _draw_mark(self, painter: QPainter, target: QRect, at: QPointF) -> None:
        x, y = target.left() + at.x() * target.width(), target.top() + at.y() * target.height()
        for colour, width in ((_CASING, 3.0), (_CROSS, 1.0)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(QPointF(x - 9, y), QPointF(x + 9, y))
            painter.drawLine(QPointF(x, y - 9), QPointF(x, y + 9))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        target, at = self.target, event.position()
        x, y = (at.x() - target.left()) / target.width(), (at.y() - target.top()) / target.height()
        self.hovered.emit(QPointF(x, y) if 0 <= x <= 1 and 0 <= y <= 1 else None)

    def leaveEvent(self, _event: object) -> None:
        self.hovered.emit(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit(self._method.name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self._method.name)
        else:
            super().keyPressEvent(event)


class MethodGrid(QWidget):
    """Shows what has been computed for the image on screen, and computes the rest on request.

    hovered: where the mouse is on any of the maps, in shares of the image; None off them.
    """

    chosen = Signal(str)
    hovered = Signal(object)

    def __init__(
        self, session: Session, heatmap: HeatmapModel, inference: Inference, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("methodGrid")
        self._session, self._heatmap, self._inference = session, heatmap, inference
        self._tiles: dict[str, MapTile] = {}
        self._grid, self.columns = QGridLayout(), COLUMNS
        self._scroll = QScrollArea(widgetResizable=True)
        everything = named(QPushButton(tr("Compute all")), "computeAll")
        everything.clicked.connect(inference.request_all)
        top = QHBoxLayout()
        top.addWidget(note(tr(ADVICE)), 1)
        top.addWidget(everything)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 4, 10, 0)
        layout.addLayout(top)
        layout.addWidget(self._scroll, 1)
        for signal in (session.image_changed, heatmap.choices_changed):
            signal.connect(self._lay_out)
        for signal in (inference.maps_changed, session.prediction_changed, heatmap.look_changed):
            signal.connect(self._refresh)
        self._lay_out()

    def show_mark(self, at: QPointF | None) -> None:
        """The cursor, at the same place of every map."""
        for tile in self._tiles.values():
            tile.show_mark(at)

    def _lay_out(self) -> None:
        image, page, grid = self._session.image, QWidget(), QGridLayout()
        self._grid = grid
        grid.setSpacing(GAP)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._tiles = {}
        sharp = round(TILE * self.devicePixelRatioF())
        gray = gray_picture(image, sharp) if image is not None else None
        for method in self._heatmap.methods if image is not None else ():
            assert image is not None
            assert gray is not None
            tile = self._tiles[method.name] = MapTile(method, gray, image.radiograph.pixel_aspect)
            tile.chosen.connect(self.chosen)
            tile.hovered.connect(self.show_mark)
            tile.hovered.connect(self.hovered)
        self._arrange()
        page.setLayout(grid)
        self._scroll.setWidget(page)
        self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many maps in a row as there is room for."""
        columns = max((event.size().width() - BESIDE) // (TILE + GAP), 1)
        if columns != self.columns:
            self.columns = columns
            self._arrange()

    def _arrange(self) -> None:
        for number, tile in enumerate(self._tiles.values()):
            self._grid.addWidget(tile, *divmod(number, self.columns))

    def _refresh(self) -> None:
        for name, tile in self._tiles.items():
            key = self._inference.key(name)
            heat = self._inference.cache.get(key) if key else None
            tile.show_heat(heat, self._heatmap, self._inference.refused.get(key, "") if key else "")
