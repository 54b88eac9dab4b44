"""Menus, toolbar and keys made from the table of actions."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar, QWidget

from cxr_desktop.ui.actions import ACTIONS, MENUS, ActionSpec, Scope, When, met
from cxr_desktop.ui.commands import Commands
from cxr_desktop.ui.keymap import KeyMap
from cxr_desktop.ui.theme import icon
from cxr_desktop.ui.translation import tr

TOOLBAR_GAPS = ("tool-edit", "fit", "undo")


class ActionBar(QObject):
    """Owns the actions; `refresh` enables what makes sense now and checks the armed tool."""

    _outdated = Signal()

    def __init__(self, window: QMainWindow, canvas: QWidget, commands: Commands, keymap: KeyMap) -> None:
        super().__init__(window)
        self.window, self.keymap = window, keymap
        self._commands = commands
        self._tools = QActionGroup(self)
        self.actions = {spec.id: self._action(spec, window, canvas) for spec in ACTIONS}
        self._needing = {when: [spec for spec in ACTIONS if spec.when is when] for when in When}
        self._marked = [spec for spec in ACTIONS if spec.tool is not None or spec.checked is not None]
        self._met: dict[When, bool] = {}
        self._waiting = False
        self.menus = {title: self._menu(title, window) for title in MENUS}
        self._toolbar(window)
        for signal in (
            commands.session.image_changed,
            commands.session.passing_changed,
            commands.session.prediction_changed,
            commands.session.heat_changed,
            commands.states.changed,
        ):
            signal.connect(self._refresh_soon)
        self._outdated.connect(self.refresh, Qt.ConnectionType.QueuedConnection)
        for signal in (
            commands.reading.changed,
            commands.reading.selection_changed,
            commands.viewer.tool_changed,
            commands.inference.model_changed,
            commands.measurements.changed,
            commands.measurements.selection_changed,
            commands.undoing.changed,
            commands.first.changed,
            commands.session.veil_changed,
        ):
            signal.connect(self.refresh)
        keymap.changed.connect(self._show_keys)
        self._show_keys()
        self.refresh()

    def _refresh_soon(self) -> None:
        """Once for all that an image brings with it, when its picture is painted."""
        if not self._waiting:
            self._waiting = True
            self._outdated.emit()

    def refresh(self) -> None:
        """Every open and every stroke asks for it, so an action is touched only where something changed."""
        self._waiting = False
        conditions = met(self._commands)
        for when, holds in conditions.items():
            if holds != self._met.get(when):
                for spec in self._needing[when]:
                    self.actions[spec.id].setEnabled(holds)
        self._met = conditions
        for spec in self._marked:
            self.actions[spec.id].setChecked(self._is_on(spec))

    def _is_on(self, spec: ActionSpec) -> bool:
        if spec.checked is not None:
            return spec.checked(self._commands)
        return self._commands.viewer.tool is spec.tool

    def _show_keys(self) -> None:
        for spec in ACTIONS:
            keys = self.keymap.keys(spec)
            self.actions[spec.id].setShortcuts([QKeySequence(key) for key in keys])
            told = f"  ({keys[0]})" if keys else ""
            self.actions[spec.id].setToolTip(f"{spec.hint}{told}")

    def _action(self, spec: ActionSpec, window: QMainWindow, canvas: QWidget) -> QAction:
        action = QAction(spec.title, self)
        action.setObjectName(f"action:{spec.id}")
        if spec.icon:
            action.setIcon(icon(spec.icon))
        if spec.tool is not None:
            self._tools.addAction(action)
        action.setCheckable(spec.tool is not None or spec.checked is not None)
        action.triggered.connect(lambda _checked=False, run=spec.run: run(self._commands))
        if spec.scope is Scope.CANVAS:
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            canvas.addAction(action)
        else:
            window.addAction(action)
        return action

    def _menu(self, title: str, window: QMainWindow) -> QMenu:
        menu = window.menuBar().addMenu(tr(title))
        for spec in ACTIONS:
            if spec.menu == title:
                if spec.separator:
                    menu.addSeparator()
                menu.addAction(self.actions[spec.id])
        return menu

    def _toolbar(self, window: QMainWindow) -> None:
        bar = QToolBar(tr("Tools"), window)
        bar.setObjectName("toolbar")
        bar.setMovable(False)
        bar.setIconSize(QSize(18, 18))
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        for spec in ACTIONS:
            if spec.toolbar:
                if spec.id in TOOLBAR_GAPS:
                    bar.addSeparator()
                bar.addAction(self.actions[spec.id])
                bar.widgetForAction(self.actions[spec.id]).setAccessibleName(spec.title)
        window.addToolBar(bar)
