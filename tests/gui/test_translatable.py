"""Every text that a window hands to Qt goes through `tr`, so that a catalogue reaches it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import cxr_desktop.ui

SOURCES = sorted(Path(cxr_desktop.ui.__file__).parent.rglob("*.py"))
SHOWN = {
    *(
        "QLabel",
        "QPushButton",
        "QCheckBox",
        "QRadioButton",
        "QGroupBox",
        "QToolButton",
        "QLineEdit",
        "Section",
    ),
    *("setToolTip", "setWindowTitle", "setText", "setPlaceholderText", "setAccessibleName", "setStatusTip"),
    *(
        "setAccessibleDescription",
        "setTitle",
        "setTabText",
        "setHeaderLabels",
        "setPlainText",
        "setWhatsThis",
    ),
    *(
        "addTab",
        "addRow",
        "addAction",
        "addMenu",
        "addItems",
        "showMessage",
        "drawText",
        "emit",
        "tick",
        "note",
    ),
    *("getOpenFileName", "getOpenFileNames", "getSaveFileName", "getExistingDirectory", "submit", "_submit"),
}
NO_LANGUAGE = {"CXR Desktop"}
WORDS = re.compile(r"^[^a-z]*[A-Z][a-z]|[A-Za-z]{2,}.*\s|\s.*[A-Za-z]{2,}")


def literals(node: ast.AST) -> Iterator[str]:
    """Texts of an argument that do not pass through a call, `tr` among them."""
    match node:
        case ast.Call():
            return
        case ast.Constant(value=str() as text):
            yield text
        case ast.JoinedStr():
            yield "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        case _:
            for child in ast.iter_child_nodes(node):
                yield from literals(child)


def untranslated(source: str) -> list[str]:
    found = []
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if name in SHOWN:
            texts = [text for argument in call.args for text in literals(argument)]
            named = [word.value for word in call.keywords if word.arg in ("text", "title", "placeholderText")]
            texts += [text for value in named for text in literals(value)]
            found += [
                f"{call.lineno}: {text}" for text in texts if WORDS.search(text) and text not in NO_LANGUAGE
            ]
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_texts_go_through_translation(path: Path) -> None:
    assert untranslated(path.read_text("utf-8")) == []


def test_a_bare_text_is_found() -> None:
    assert untranslated("QLabel('Open files')\nx.setToolTip(f'{n} images')\nQLabel(tr('Open'))") == [
        "1: Open files",
        "2:  images",
    ]
