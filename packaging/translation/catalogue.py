"""Writes the catalogue of the window's texts for translators (Qt Linguist's .ts).

    python packaging/translation/catalogue.py cxr_desktop_de.ts --language de
    pyside6-linguist cxr_desktop_de.ts; pyside6-lrelease cxr_desktop_de.ts -qm resources/translations/cxr_desktop_de.qm

Translations that the file holds already are kept. Texts are those of the table of actions and every literal that
the window passes through `tr`, or marks with `later` for a table that `tr` shows.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
WRAPPERS = ("tr", "later")


def texts() -> tuple[str, ...]:
    """Every text to translate, once each, in order of first sight."""
    return tuple(dict.fromkeys((*_of_actions(), *_of_sources(ROOT / "cxr_desktop" / "ui"))))


def write_catalogue(path: Path, language: str) -> int:
    """Write or renew a catalogue; returns how many texts it holds."""
    from cxr_desktop.ui.translation import CONTEXT

    known = _translated(path)
    root = ElementTree.Element("TS", version="2.1", language=language, sourcelanguage="en")
    context = ElementTree.SubElement(root, "context")
    ElementTree.SubElement(context, "name").text = CONTEXT
    for text in texts():
        message = ElementTree.SubElement(context, "message")
        ElementTree.SubElement(message, "source").text = text
        translation = ElementTree.SubElement(message, "translation")
        translation.text = known.get(text, "")
        if not translation.text:
            translation.set("type", "unfinished")
    ElementTree.indent(root)
    path.write_text(
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'
        + ElementTree.tostring(root, "unicode")
        + "\n",
        encoding="utf-8",
    )
    return len(context.findall("message"))


def _of_actions() -> Iterator[str]:
    from cxr_desktop.ui.actions import ACTIONS, GESTURES, MENUS

    yield from MENUS
    for spec in ACTIONS:
        yield spec.text
        if spec.tip:
            yield spec.tip
    for keys, text in GESTURES:
        yield keys
        yield text


def _of_sources(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WRAPPERS
            )
            if called and node.args and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)


def _translated(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    messages = ElementTree.parse(path).getroot().iter("message")
    return {m.findtext("source") or "": m.findtext("translation") or "" for m in messages}


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("file", type=Path)
    arguments.add_argument(
        "--language", required=True, help="as in cxr_desktop_<language>.qm, such as de or pt_BR"
    )
    chosen = arguments.parse_args()
    print(f"{chosen.file}: {write_catalogue(chosen.file, chosen.language)} texts")


if __name__ == "__main__":
    main()
