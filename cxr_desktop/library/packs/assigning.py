"""Which reader reads which images: all of them, or as a table says."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from cxr_desktop.dicom import Refused, find_instances
from cxr_desktop.library.packs.failure import PackError


def images_at(paths: Sequence[Path]) -> tuple[tuple[Path, ...], tuple[tuple[Path, str], ...]]:
    """Images in files and folders, and what was refused with its reason."""
    images: list[Path] = []
    refused: list[tuple[Path, str]] = []
    for item in find_instances([path.absolute() for path in paths]):
        if isinstance(item, Refused):
            refused.append((item.path, item.reason))
        else:
            images.append(item.path)
    return tuple(dict.fromkeys(images)), tuple(refused)


def assigned(
    readers: Sequence[str], table: Path | None, images: Sequence[Path]
) -> Mapping[str, tuple[Path, ...]]:
    """Reader -> images in order. readers: read all of them. table: CSV with the columns reader and image.

    Images are named by their file, with as much of the folder before it as tells them apart.
    Raises PackError for a table that cannot be read as such or names no image, or several at once.
    """
    found: dict[str, list[Path]] = {reader.strip(): list(images) for reader in readers}
    for line, reader, name in _rows(table) if table else ():
        meant = _meant(name, images)
        if len(meant) != 1:
            problem = (
                f"is {len(meant)} of those given; write its folder, too"
                if meant
                else "is not among those given"
            )
            raise PackError(f"{table}, line {line}: the image {name!r} {problem}")
        found.setdefault(reader, []).append(meant[0])
    if not found:
        raise PackError("nobody is to read the pack; name readers with --reader or in a table with --assign")
    return {reader: tuple(cases) for reader, cases in found.items()}


def _meant(name: str, images: Sequence[Path]) -> list[Path]:
    """The images whose paths end with the name; where none does, those of its file name alone."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    ending = [path for path in images if path.parts[-len(parts) :] == parts]
    return ending or [path for path in images if path.name == parts[-1]]


def _rows(table: Path) -> list[tuple[int, str, str]]:
    try:
        with table.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            if not {"reader", "image"} <= set(reader.fieldnames or ()):
                raise PackError(
                    f"{table} begins with {reader.fieldnames}; it needs the columns reader and image"
                )
            rows = [
                (reader.line_num, (row["reader"] or "").strip(), (row["image"] or "").strip())
                for row in reader
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PackError(f"the assignment {table} cannot be read ({error}); give a CSV in UTF-8") from error
    for line, who, image in rows:
        if not who or not image:
            raise PackError(f"{table}, line {line}: name both a reader and an image")
    return rows
