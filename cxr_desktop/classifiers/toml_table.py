"""A TOML table read strictly: each value of the stated kind, no key left over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path

from cxr_desktop.domain.errors import ModelError


class TomlTable:
    """Takes keys out of a parsed table one by one; `finish` refuses what nobody took.

    Every refusal is a ModelError naming the file, the key's full path and the cure.
    """

    def __init__(self, values: Mapping[str, object], path: Path, prefix: str = "") -> None:
        self._values = dict(values)
        self._path = path
        self._prefix = prefix
        self._known: list[str] = []

    def fault(self, key: str, problem: str) -> ModelError:
        """The error for a key, not yet raised."""
        return ModelError(f"{self._path}: {self._prefix}{key} {problem}")

    def _take(self, key: str, default: object) -> object:
        self._known.append(key)
        if key in self._values:
            return self._values.pop(key)
        if default is None:
            raise self.fault(key, "is missing; add it")
        return default

    def text(self, key: str, default: str | None = None) -> str:
        """A string; not empty unless that is the default."""
        value = self._take(key, default)
        if not isinstance(value, str) or (not value.strip() and value != default):
            raise self.fault(key, f"is {value!r}; write a text in quotes")
        return value

    def choice(self, key: str, choices: Sequence[str], default: str | None = None) -> str:
        """One of the choices."""
        value = self._take(key, default)
        if value not in choices:
            raise self.fault(key, f"is {value!r}; write one of {', '.join(choices)}")
        return str(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings; absent means none."""
        value = self._take(key, ())
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise self.fault(key, f"is {value!r}; write a list of texts")
        return tuple(value)

    def integer(self, key: str, low: int, high: int) -> int:
        """A whole number in low..high."""
        value = self._take(key, None)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.fault(key, f"is {value!r}; write a whole number from {low} to {high}")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """A finite number."""
        return self._number(key, self._take(key, default))

    def fraction(self, key: str, *, optional: bool = False) -> float | None:
        """A number in 0..1; None where it is optional and absent."""
        if optional and key not in self._values:
            self._known.append(key)
            return None
        value = self.number(key)
        if not 0 <= value <= 1:
            raise self.fault(key, f"is {value:g}; write a number from 0 to 1")
        return value

    def numbers(self, key: str, count: int, default: Sequence[float]) -> tuple[float, ...]:
        """A list of exactly `count` finite numbers."""
        value = self._take(key, list(default))
        if not isinstance(value, list) or len(value) != count:
            raise self.fault(key, f"is {value!r}; write a list of {count} numbers")
        return tuple(self._number(key, item) for item in value)

    def _number(self, key: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise self.fault(key, f"is {value!r}; write a finite number")
        return float(value)

    def table(self, key: str, *, optional: bool = False) -> TomlTable:
        """A sub-table, to be read as strictly."""
        return TomlTable(self.free(key, optional=optional), self._path, f"{self._prefix}{key}.")

    def tables(self, key: str, *, optional: bool = False) -> tuple[TomlTable, ...]:
        """An array of tables; at least one unless it is optional."""
        value = self._take(key, [] if optional else None)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.fault(key, f"is no array of tables; write it as [[{key}]]")
        if not value and not optional:
            raise self.fault(key, f"is empty; write at least one [[{key}]]")
        prefixes = (f"{self._prefix}{key}[{index}]." for index in range(len(value)))
        return tuple(TomlTable(item, self._path, at) for item, at in zip(value, prefixes, strict=True))

    def free(self, key: str, *, optional: bool = True) -> dict[str, object]:
        """A sub-table of any content."""
        value = self._take(key, {} if optional else None)
        if not isinstance(value, dict):
            raise self.fault(key, f"is {value!r}; write it as a table [{self._prefix}{key}]")
        return value

    def has(self, key: str) -> bool:
        """Whether the key is there and not yet taken."""
        return key in self._values

    def finish(self) -> None:
        """Raises ModelError where the table holds a key that nobody asked for."""
        for key in self._values:
            raise self.fault(
                key, f"is not known; correct or remove it (known here: {', '.join(self._known)})"
            )
