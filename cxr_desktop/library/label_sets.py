"""The label sets that come with the program, and a user's own."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from cxr_desktop.domain.errors import CxrError
from cxr_desktop.domain.label_set import Code, Label, LabelSet, finding_codes
from cxr_desktop.domain.labels import LabelMap
from cxr_desktop.domain.whole_file import replaced
from cxr_desktop.resources import resource

DEFAULT_SET = "common"
OWN_FOLDER = "label-sets"


class LabelSetError(CxrError):
    """A file of a label set cannot be read as such."""


def label_sets(data: Path | None = None) -> tuple[tuple[LabelSet, ...], tuple[str, ...]]:
    """The sets, the default first, and a sentence for each of the user's files that is none.

    data: the user's data folder; *.toml in its `label-sets` are sets too, and replace those of
    the same name.
    """
    files = {path.stem: path for path in resource("labels", "sets").glob("*.toml")}
    own = {path.stem: path for path in sorted((data / OWN_FOLDER).glob("*.toml"))} if data else {}
    codes = finding_codes()
    found: list[LabelSet] = []
    problems: list[str] = []
    for name in sorted(files | own, key=lambda name: (name != DEFAULT_SET, name)):
        for path in (own.get(name), files.get(name)):
            if path is None:
                continue
            try:
                found.append(read_label_set(path, codes))
                break
            except LabelSetError as error:
                problems.append(str(error))
    return tuple(found), tuple(problems)


def read_label_set(path: Path, codes: Mapping[str, tuple[Code, ...]] | None = None) -> LabelSet:
    """A TOML file with `title`, `source` and `labels`, a list of names. codes: finding -> its codes.

    Raises LabelSetError naming the file and what is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise LabelSetError(f"the label set {path} cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise LabelSetError(f"the label set {path} is no TOML ({error})") from error
    return _label_set(text, path, codes)


def _label_set(text: str, path: Path, codes: Mapping[str, tuple[Code, ...]] | None = None) -> LabelSet:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LabelSetError(f"the label set {path} is no TOML ({error})") from error
    names = table.get("labels")
    if not isinstance(names, list) or not names or not all(isinstance(n, str) and n.strip() for n in names):
        raise LabelSetError(f'the label set {path} needs labels = ["…", …], one name or more')
    if len({name.casefold() for name in names}) < len(names):
        raise LabelSetError(f"the label set {path} names a label twice")
    spelled, known = LabelMap.load(), codes if codes is not None else finding_codes()
    return LabelSet(
        path.stem,
        str(table.get("title", path.stem)),
        str(table.get("source", "")),
        tuple(Label(name.strip(), known.get(spelled.canonical(name), ())) for name in names),
    )


def write_label_set(data: Path, title: str, names: Sequence[str]) -> LabelSet:
    """Keep a set of one's own in the data folder, in place of an own one of the same title.

    Raises LabelSetError for no title, no label or one twice, or a folder that cannot be written.
    """
    name = re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")
    if not name:
        raise LabelSetError(f"{title!r} is no title for a label set; use letters or digits")
    lines = {"title": title.strip(), "source": "own", "labels": [one.strip() for one in names]}
    path = data / OWN_FOLDER / f"{name}.toml"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in lines.items())
        made = _label_set(text, path)
        with replaced(path) as staged:
            staged.write_text(text, encoding="utf-8")
    except OSError as error:
        raise LabelSetError(f"the label set {path} cannot be written ({error.strerror})") from error
    return made
