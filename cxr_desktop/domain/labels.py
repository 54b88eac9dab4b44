"""Which reader's label speaks of which model's label."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cxr_desktop.domain.errors import BoxFileError
from cxr_desktop.resources import resource

_SEPARATORS = re.compile(r"[\s_\-]+")


def _key(label: str) -> str:
    return _SEPARATORS.sub(" ", label).strip().casefold()


@dataclass(frozen=True, slots=True, eq=False)
class LabelMap:
    """Spellings of findings, and which finding lies under which.

    spellings: other name -> name. parents: name -> the names that it lies under. All in lower
    case with single spaces.
    """

    spellings: Mapping[str, str] = field(default_factory=dict)
    parents: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path | None = None) -> LabelMap:
        """The bundled mapping of chest findings, with a user's CSV file (columns from, to) over it.

        A label that the file names in `from` lies under the file's `to` alone.
        Raises BoxFileError for a file that cannot be read as such.
        """
        bundled = cls._bundled()
        return bundled if path is None else bundled._overlaid(_read_pairs(path))

    @classmethod
    def _bundled(cls) -> LabelMap:
        findings = tomllib.loads(resource("labels", "chest.toml").read_text(encoding="utf-8"))
        spellings: dict[str, str] = {}
        parents: dict[str, frozenset[str]] = {}
        for name, finding in findings.items():
            spellings |= {_key(other): _key(name) for other in finding.get("spellings", ())}
            for child in finding.get("includes", ()):
                parents[_key(child)] = parents.get(_key(child), frozenset()) | {_key(name)}
        return cls(spellings, parents)

    def _overlaid(self, pairs: list[tuple[str, str]]) -> LabelMap:
        parents = dict(self.parents)
        spellings = dict(self.spellings)
        own: dict[str, frozenset[str]] = {}
        for child, parent in pairs:
            spellings.pop(_key(child), None)
            own[_key(child)] = own.get(_key(child), frozenset()) | {self.canonical(parent)}
        return LabelMap(spellings, parents | own)

    def canonical(self, label: str) -> str:
        """The mapping's own name of a label, in lower case."""
        key = _key(label)
        return self.spellings.get(key, key)

    def matches(self, box_label: str, model_label: str) -> bool:
        """Whether a box of that label is a box of what the model's label stands for."""
        wanted = self.canonical(model_label)
        waiting = [self.canonical(box_label)]
        seen: set[str] = set()
        while waiting:
            label = waiting.pop()
            if label == wanted:
                return bool(label)
            if label not in seen:
                seen.add(label)
                waiting.extend(self.parents.get(label, ()))
        return False


def _read_pairs(path: Path) -> list[tuple[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            columns = {(name or "").strip().casefold(): name for name in reader.fieldnames or ()}
            if not {"from", "to"} <= columns.keys():
                raise BoxFileError(f"{path}: a label map needs the columns from,to in its first line")
            pairs = [
                ((row[columns["from"]] or "").strip(), (row[columns["to"]] or "").strip()) for row in reader
            ]
    except OSError as error:
        raise BoxFileError(
            f"{path} cannot be read ({error.strerror}); check the path of the label map"
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise BoxFileError(f"{path} is no CSV file in UTF-8 ({error})") from error
    for line, (child, parent) in enumerate(pairs, start=2):
        if not child or not parent:
            raise BoxFileError(f"{path}, line {line}: from and to must both name a label")
    return pairs
