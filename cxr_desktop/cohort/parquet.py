"""The tables of an evaluation as Parquet beside their CSV. Needs the extra `parquet`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxr_desktop.domain.errors import ExportError
from cxr_desktop.domain.whole_file import written_whole

if TYPE_CHECKING:
    import pyarrow

_TEXT = (
    *("image", "file", "reason", "image_sha256", "method", "target", "label", "source", "against", "group"),
    *("column", "value", "measure", "layer", "part", "outcome", "quadrant", "look", "protocol", "threshold"),
)
"""Columns that are text even where all their values look like numbers, as images named 0001."""


def require_parquet() -> None:
    """Raises ExportError where pyarrow is not installed: before the work, not after it."""
    _arrow()


def parquet_beside(tables: Iterable[Path]) -> list[Path]:
    """Each CSV again with the ending .parquet: the same columns and values, an empty cell as null.

    The same tables give the same bytes. Raises ExportError naming the file and what to do.
    """
    return [_written(table) for table in tables if table.suffix == ".csv"]


def _written(table: Path) -> Path:
    arrow = _arrow()
    from pyarrow import csv, parquet

    path = table.with_suffix(".parquet")
    options = csv.ConvertOptions(
        column_types=dict.fromkeys(_TEXT, arrow.string()),
        null_values=[""],
        true_values=[],
        false_values=[],
        strings_can_be_null=True,
    )
    lines = csv.ParseOptions(newlines_in_values=True)
    with written_whole(path) as staged:
        try:
            read = csv.read_csv(table, parse_options=lines, convert_options=options)
            parquet.write_table(_filled(read), staged)
        except arrow.ArrowException as error:
            raise ExportError(f"{path} cannot be written ({error}); choose another --out folder") from error
    return path


def _filled(table: pyarrow.Table) -> pyarrow.Table:
    """A column without any value is one of numbers: its type does not hang on this run's images."""
    arrow = _arrow()
    fields = [
        arrow.field(field.name, arrow.float64()) if arrow.types.is_null(field.type) else field
        for field in table.schema
    ]
    return table.cast(arrow.schema(fields))


def _arrow() -> Any:
    try:
        import pyarrow
        import pyarrow.types
    except ImportError as error:
        raise ExportError(
            "Parquet needs pyarrow, which is not installed: pip install 'cxr-desktop[parquet]', or leave it out "
            "of --tables"
        ) from error
    return pyarrow
