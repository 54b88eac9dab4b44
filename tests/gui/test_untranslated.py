"""No text reaches a widget past the translation: read from the sources, without a window."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "cxr_desktop" / "ui"
WRAPPERS = frozenset({"tr", "later"})
SHOWS = frozenset(
    [
        "QPushButton",
        "QLabel",
        "QCheckBox",
        "QRadioButton",
        "QGroupBox",
        "QAction",
        "QTableWidgetItem",
        "QStandardItem",
        "QToolButton",
        "Section",
        "note",
        "setText",
        "setWindowTitle",
        "setToolTip",
        "setStatusTip",
        "setWhatsThis",
        "setPlaceholderText",
        "setAccessibleName",
        "setTitle",
        "setAccessibleDescription",
        "setInformativeText",
        "setDetailedText",
        "setPlainText",
        "setHtml",
        "setLabelText",
        "setDocName",
        "addItem",
        "addItems",
        "addTab",
        "addRow",
        "addMenu",
        "addAction",
        "insertItem",
        "drawText",
        "showMessage",
        "setHorizontalHeaderLabels",
        "setVerticalHeaderLabels",
        "setSuffix",
        "setPrefix",
        "setItemText",
        "getOpenFileName",
        "getOpenFileNames",
        "getSaveFileName",
        "getExistingDirectory",
        "question",
        "critical",
        "about",
        "submit",
        "small_table",
        "tell",
        "emit",
    ]
)
"""Calls whose arguments a reader sees: constructors and setters of Qt, and the window's own."""
ALLOWED = {
    "CXR Desktop": "the name of the program",
    "DICOM": "a name",
    "DICOMweb": "a name",
    "QUALITY CONTROL": "letters of the test pattern, to be seen and not read",
    "/dicom-web": "a path",
    "VR": "a term of the standard",
}
"""Texts that stay as they are in every language, and why."""


def untranslated(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of every literal that a call which shows it is given without `tr`."""
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        if _name(call) in SHOWS:
            for argument in (*call.args, *(k.value for k in call.keywords if "Text" in (k.arg or ""))):
                yield from ((call.lineno, text) for text in _literals(argument) if _is_text(text))


def _literals(node: ast.AST) -> Iterator[str]:
    """Literals that become part of the argument itself; what a call within it makes of them is its own."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value for part in node.values if isinstance(part, ast.Constant))
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from _literals(part.value)
    elif isinstance(node, (ast.BinOp, ast.IfExp, ast.BoolOp, ast.List, ast.Tuple)):
        for child in ast.iter_child_nodes(node):
            if not (isinstance(node, ast.IfExp) and child is node.test):
                yield from _literals(child)
    elif isinstance(node, ast.Call) and _name(node) in {
        "format",
        "join",
        "upper",
        "rstrip",
        "map",
        "list",
        "tuple",
    }:
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if owner is not None:
            yield from _literals(owner)


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _is_text(text: str) -> bool:
    """Words, as against names of objects, units and format codes."""
    plain = re.sub(r"<[^>]*>|&\w+;", " ", text).strip()
    identifier = re.fullmatch(r"[a-z][\w.:/-]*", plain) is not None
    return plain not in ALLOWED and not identifier and re.search(r"[A-Za-z]{3,}", plain) is not None


@pytest.mark.parametrize(
    "path", sorted(SOURCES.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCES))
)
def test_every_text_that_a_widget_shows_passes_through_the_translation(path):
    found = list(untranslated(path.read_text(encoding="utf-8")))
    assert not found, "\n".join(f"{path.name}:{line}: {text!r}" for line, text in found)


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ('QLabel("Not for diagnosis")', ["Not for diagnosis"]),
        ('button.setText(f"Frame {n}")', ["Frame "]),
        ('button.setToolTip("Open" if new else tr("Shut"))', ["Open"]),
        ('self.told.emit("Removed " + name)', ["Removed "]),
        ('named(QPushButton("Export"), "exportButton")', ["Export"]),
        ('QLabel(tr("Export")); button.setText(f"{n}  {key}"); box.addItem(title, "title")', []),
    ],
)
def test_the_check_finds_what_it_should(line, texts):
    assert [text for _line, text in untranslated(line)] == texts
