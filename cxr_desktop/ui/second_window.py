"""A second window, for a second screen: an earlier image of the patient, or the maps of all methods."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QByteArray, QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QHideEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.domain import InstanceHeader
from cxr_desktop.ui.action_bar import ActionBar
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.method_grid import MethodGrid
from cxr_desktop.ui.panels.study_list_model import day
from cxr_desktop.ui.parts import Parts
from cxr_desktop.ui.priors import priors_of, relation, standing
from cxr_desktop.ui.side_view import SideView
from cxr_desktop.ui.translation import later, tr
from cxr_desktop.ui.viewer.loaded_image import LoadedImage
from cxr_desktop.ui.viewer.probe import Probe
from cxr_desktop.ui.viewer.view_link import ViewLink

PLACE = 9
"""Which place beside the main image this is, after those in the main window."""
NO_PRIOR = later("No other image of this patient is in the list.")


def titles() -> tuple[str, str]:
    """What the two pages are called."""
    return tr("Earlier image"), tr("Maps of all methods")


class SecondWindow(QWidget):
    """Follows the image that is read; zooms, pans and windows with it while views are linked."""

    closed = Signal()

    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self.setObjectName("secondWindow")
        self._parts = parts
        self._priors: tuple[InstanceHeader, ...] = ()
        self._shown: InstanceHeader | None = None
        self._side = SideView(PLACE, parts.viewer, parts.session, self)
        self._link = ViewLink((parts.viewer, self._side.viewer), self)
        self._grid = MethodGrid(parts.session, parts.heatmap, parts.inference)
        self._grid.chosen.connect(parts.heatmap.set_method)
        self._which = named(QComboBox(), "secondPrior")
        self._which.setAccessibleName(tr("Which other image of the patient"))
        self._which.activated.connect(self._ask)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._side.canvas)
        self._pages.addWidget(self._grid)
        self._lay_out()
        for signal in (parts.session.image_changed, parts.opening.searched):
            signal.connect(self._fill)
        parts.layout.changed.connect(self._follow_link)
        parts.viewer.probed.connect(self._mark)
        self._turn_to(0)

    def place(self) -> None:
        """Where it was the last time; at first on another screen than the main window's, if there is one."""
        kept = self._parts.settings.second_window()
        if kept and self.restoreGeometry(QByteArray.fromBase64(kept.encode("ascii"))):
            return
        screens = QGuiApplication.screens()
        others = [screen for screen in screens if screen is not QGuiApplication.primaryScreen()]
        room = (others or screens)[0].availableGeometry()
        if others:
            self.setGeometry(room)
        else:
            self.resize(room.width() // 2, room.height() * 3 // 4)

    def hideEvent(self, event: QHideEvent) -> None:
        self._parts.settings.save_second_window(bytes(self.saveGeometry().toBase64().data()).decode("ascii"))
        super().hideEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._parts.opening.cancel_beside(PLACE)
        event.accept()
        self.closed.emit()

    def showEvent(self, event: object) -> None:
        self._fill()

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(10, 8, 10, 8)
        self._choices = QButtonGroup(self)
        for number, title in enumerate(titles()):
            button = named(QPushButton(title), f"second:{number}")
            button.setCheckable(True)
            button.setProperty("role", "segment")
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            button.setMinimumWidth(button.fontMetrics().horizontalAdvance(title) + 36)
            self._choices.addButton(button, number)
            bar.addWidget(button)
        self._choices.idClicked.connect(self._turn_to)
        bar.addSpacing(12)
        bar.addWidget(self._which, 1)
        bar.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self._pages, 1)

    def _turn_to(self, page: int) -> None:
        self._pages.setCurrentIndex(page)
        self._choices.button(page).setChecked(True)
        self._show_choice()
        self.setWindowTitle(tr("CXR Desktop: {titles}").format(titles=titles()[page]))

    def _show_choice(self) -> None:
        """What to choose from, where there is any."""
        self._which.setVisible(self._pages.currentIndex() == 0 and bool(self._priors))

    def _fill(self) -> None:
        """Offer the other images of the patient, and show the one that is nearest unless another was chosen."""
        image = self._parts.session.image
        if not self.isVisible():
            return
        current = image.radiograph.header if image is not None else None
        self._priors = priors_of(current, self._parts.studies.showable) if current is not None else ()
        self._which.clear()
        for other in self._priors:
            assert current is not None
            view = " ".join(part for part in (other.modality, other.view_position) if part)
            self._which.addItem(f"{day(other.study_date)}  {view}  ({relation(current, other)})")
        self._show_choice()
        if not self._priors:
            self._parts.opening.cancel_beside(PLACE)
            self._shown = None
            with self._link.resting():
                self._side.tell(tr(NO_PRIOR))
            return
        at = self._priors.index(self._shown) if self._shown in self._priors else 0
        self._which.setCurrentIndex(at)
        self._ask(at)

    def _ask(self, row: int) -> None:
        header = self._shown = self._priors[row]
        self._parts.opening.open_beside(header, PLACE, self._show, self._side.tell)

    def _show(self, image: LoadedImage) -> None:
        current = self._parts.session.image
        if current is None:
            return
        with self._link.resting():
            self._side.show(image, *standing(current.radiograph.header, image.radiograph.header))
        self._follow_link()

    def _follow_link(self) -> None:
        self._link.linked = self._parts.layout.linked
        self._link.follow(self._side.viewer, self._parts.viewer)

    def _mark(self, probe: Probe | None) -> None:
        """The mouse over the main image, on every map."""
        image = self._parts.session.image
        if probe is None or image is None:
            self._grid.show_mark(None)
            return
        columns, rows = image.radiograph.columns, image.radiograph.rows
        self._grid.show_mark(QPointF((probe.x + 0.5) / columns, (probe.y + 0.5) / rows))


class SecondScreen(QObject):
    """Opens and closes the second window; it goes with the main one, whose keys work in it, too."""

    def __init__(self, window: QWidget, parts: Parts, actions: Callable[[], ActionBar]) -> None:
        super().__init__(window)
        self._parts, self._actions = parts, actions
        self._second: SecondWindow | None = None
        window.installEventFilter(self)

    def toggle(self) -> None:
        if self._second is not None:
            self._second.close()
            return
        second = self._second = SecondWindow(self._parts)
        for action in self._actions().actions.values():
            if action.shortcutContext() is Qt.ShortcutContext.WindowShortcut:
                second.addAction(action)
        second.closed.connect(self._forget)
        second.place()
        second.show()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Close and self._second is not None:
            self._second.close()
        return False

    def _forget(self) -> None:
        if self._second is not None:
            self._second.deleteLater()
            self._second = None
