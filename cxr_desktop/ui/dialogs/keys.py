"""The help page of keys and mouse, made from the table of actions."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from cxr_desktop.ui.actions import ACTIONS, GESTURES, ActionSpec
from cxr_desktop.ui.keymap import KeyMap
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.room import open_at
from cxr_desktop.ui.translation import tr


def keys_page(keymap: KeyMap) -> str:
    """Every command that has a key, by menu, then what the mouse does; as HTML."""
    groups: dict[str, list[ActionSpec]] = {}
    for spec in ACTIONS:
        if keymap.keys(spec):
            groups.setdefault(spec.menu_title or tr("Selected box"), []).append(spec)
    parts = [_table(tr("Mouse and held keys"), [(tr(keys), tr(text)) for keys, text in GESTURES])]
    for title, specs in groups.items():
        parts.append(_table(title, [(keymap.told(spec), spec.title.rstrip("…")) for spec in specs]))
    return "".join(parts)


class KeysDialog(QDialog):
    """F1."""

    def __init__(self, keymap: KeyMap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("keysDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Keys and mouse"))
        open_at(self, 560, 680)
        page = named(QTextBrowser(), "keysPage")
        page.setHtml(keys_page(keymap))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(page)
        layout.addWidget(buttons)


def _table(title: str, rows: list[tuple[str, str]]) -> str:
    body = "".join(
        f'<tr><td width="190" style="padding:3px 12px 3px 0; color:#eef2f6"><b>{escape(keys)}</b></td>'
        f'<td style="padding:3px 0">{escape(text)}</td></tr>'
        for keys, text in rows
    )
    return (
        f'<h4 style="color:#8d97a5; margin-bottom:2px">{escape(title)}</h4><table width="100%">{body}</table>'
    )
