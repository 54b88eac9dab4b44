"""What every export format has in common."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, runtime_checkable

from cxr_desktop.domain import Analysis


@runtime_checkable
class Exporter(Protocol):
    """One file format. Built-in ones and plug-ins look alike.

    id: as `--formats` names it. title: as a menu names it. suffix: of the main file, with its dot.
    """

    @property
    def id(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def suffix(self) -> str: ...

    def write(self, analysis: Analysis, stem: Path) -> tuple[Path, ...]:
        """Write the files of one case, each in the folder of `stem` and named after it.

        Returns the files, the main one first. Raises ExportError or OSError; what lies half-written
        is taken away by the caller.
        """
        ...


def named(stem: Path, suffix: str) -> Path:
    """The stem with a suffix put behind it; dots within the stem stay."""
    return stem.with_name(stem.name + suffix)
