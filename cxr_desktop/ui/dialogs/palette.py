"""Every command by a few letters of its name."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QColor, QKeyEvent
from PySide6.QtWidgets import QDialog, QHeaderView, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout

from cxr_desktop.ui.action_bar import ActionBar
from cxr_desktop.ui.actions import ACTIONS, ActionSpec
from cxr_desktop.ui.fuzzy import fit
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.theme import DIM
from cxr_desktop.ui.translation import tr

WIDTH, HEIGHT = 620, 420
_MOVES = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}


class PaletteDialog(QDialog):
    """Typing filters, Enter runs; what makes no sense now is shown, but cannot be run."""

    def __init__(self, bar: ActionBar) -> None:
        window = bar.window
        super().__init__(window, Qt.WindowType.Popup)
        self.setObjectName("palette")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Commands"))
        self._bar = bar
        self._query = named(QLineEdit(placeholderText=tr("Type a command …")), "paletteQuery")
        self._query.setAccessibleName(tr("Command"))
        self._query.textChanged.connect(self._fill)
        self._query.installEventFilter(self)
        self._list = named(QTreeWidget(), "paletteList")
        self._list.setHeaderHidden(True)
        self._list.setRootIsDecorated(False)
        self._list.setColumnCount(3)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.header().setStretchLastSection(False)
        self._list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            self._list.header().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self._list.itemClicked.connect(lambda _item: self._run())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self._query)
        layout.addWidget(self._list)
        self.resize(WIDTH, HEIGHT)
        corner = window.mapToGlobal(window.rect().topLeft())
        self.move(corner.x() + (window.width() - WIDTH) // 2, corner.y() + 90)
        self._fill("")
        self._query.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress:
            assert isinstance(event, QKeyEvent)
            key = Qt.Key(event.key())
            if key in _MOVES:
                self._step(_MOVES[key])
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run()
                return True
        return super().eventFilter(watched, event)

    def _fill(self, query: str) -> None:
        self._list.clear()
        for spec in found(query):
            action = self._bar.actions[spec.id]
            item = QTreeWidgetItem([spec.title, spec.menu_title, self._bar.keymap.told(spec)])
            item.setData(0, Qt.ItemDataRole.UserRole, action)
            if not action.isEnabled():
                for column in range(3):
                    item.setForeground(column, QColor(DIM))
            item.setToolTip(0, spec.hint)
            self._list.addTopLevelItem(item)
        self._choose(0)

    def _step(self, by: int) -> None:
        self._choose(self._list.currentIndex().row() + by)

    def _choose(self, row: int) -> None:
        item = self._list.topLevelItem(min(max(row, 0), self._list.topLevelItemCount() - 1))
        if item is not None:
            self._list.setCurrentItem(item)

    def _run(self) -> None:
        item = self._list.currentItem()
        action = item.data(0, Qt.ItemDataRole.UserRole) if item else None
        if isinstance(action, QAction) and action.isEnabled():
            self.accept()
            action.trigger()


def found(query: str) -> list[ActionSpec]:
    """Actions that the letters fit, the best first; all of them, in the table's order, for no letters."""
    scored = [(fit(query, f"{spec.title} {spec.menu_title}"), spec) for spec in ACTIONS]
    return [
        spec
        for score, spec in sorted(scored, key=lambda pair: -(pair[0] or 0.0))
        if score is not None and spec.id != "palette"
    ]
