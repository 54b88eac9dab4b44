"""Exporting a case: all formats asked for, each file whole or not there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from cxr_desktop.domain import Analysis
from cxr_desktop.domain.errors import ExportError
from cxr_desktop.domain.write_failure import write_cure
from cxr_desktop.reports.exporter import Exporter
from cxr_desktop.reports.naming import sanitised, stem_of
from cxr_desktop.reports.registry import exporter, is_built_in
from cxr_desktop.reports.template import Template, laid_out


def export(
    analysis: Analysis,
    formats: Iterable[str],
    out: Path,
    stem: str | None = None,
    *,
    template: Template | None = None,
) -> tuple[Path, ...]:
    """Write a case into the folder `out` in every format named; returns the files.

    template: how readable reports look. stem: what the files are called, by default after the
    image's file. Files of that name are replaced, each in one step. A format that
    fails does not keep the others from being written.
    Raises ExportError for an unknown format (before anything is written), and at the end for
    what could not be written, with the cure.
    """
    chosen = [laid_out(exporter(format_id), template) for format_id in dict.fromkeys(formats)]
    name = stem_of(analysis.radiograph.header.path) if stem is None else sanitised(stem)
    prepare_folder(out)
    written: list[Path] = []
    failures: list[str] = []
    for one in chosen:
        try:
            written.extend(_write_whole(one, analysis, out, name))
        except OSError as error:
            failures.append(f"{out / name}{one.suffix} cannot be written: {write_cure(error)}")
        except ExportError as error:
            failures.append(f"{out / name}{one.suffix} cannot be written: {error}")
        except Exception as error:  # another's code may raise anything
            if is_built_in(one.id):
                raise
            failures.append(
                f"{out / name}{one.suffix} cannot be written: {one.id}, a plug-in, failed: {error}"
            )
    if failures:
        raise ExportError("; ".join(failures))
    return tuple(written)


def prepare_folder(out: Path) -> None:
    """Make the folder where it is not there. Raises ExportError, with the cure, where nothing can be written in it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise ExportError(f"nothing can be written in the folder {out}: {write_cure(error)}") from error


def _write_whole(one: Exporter, analysis: Analysis, out: Path, name: str) -> list[Path]:
    """Write beside the final place, on the same disk, and move each file there once all are complete."""
    with tempfile.TemporaryDirectory(prefix=".cxr-export-", dir=out) as staging:
        made = one.write(analysis, Path(staging) / name)
        moves = [(path, out / path.relative_to(staging)) for path in made]
        for source, target in moves:
            source.replace(target)
    return [target for _, target in moves]
