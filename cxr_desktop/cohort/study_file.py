"""What a folder of results says of its making, and the folder read back for the window."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cxr_desktop.cohort.plan import EvaluationPlan
from cxr_desktop.cohort.reason_tables import AREA, REGIONS, UNITS
from cxr_desktop.domain.errors import CxrError
from cxr_desktop.domain.reasons import (
    LookRule,
    MethodFigures,
    ProtocolResults,
    ReasonCase,
    StudyResults,
    UnitFigures,
)
from cxr_desktop.domain.whole_file import write_text
from cxr_desktop.localization import Region

NAME = "study.json"
_KIND, _VERSION = "CXR Desktop study", 1


class StudyFileError(CxrError):
    """A folder holds no results, or not those of this program."""


def write_study_file(plan: EvaluationPlan, model: str, files: Mapping[str, Path]) -> Path:
    """What the window needs to open images of the results again. Raises ExportError."""
    document = {
        "kind": _KIND,
        "version": _VERSION,
        "model": model,
        "images": str(plan.images.absolute()),
        "boxes": str(plan.boxes.absolute()),
        "look": {"iou": plan.look.iou, "pointing": plan.look.pointing},
        "files": {name: _relative(file, plan.images) for name, file in files.items()},
    }
    return write_text(plan.out / NAME, json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def read_study(folder: Path) -> StudyResults:
    """Results that `evaluate` wrote. Raises StudyFileError naming the file that is missing or damaged."""
    about = _about(folder / NAME)
    images = Path(about["images"])
    return StudyResults(
        folder=folder,
        model=str(about["model"]),
        figures=tuple(_figures(folder / "summary.csv")),
        cases=tuple(_cases(folder)),
        rule=LookRule(float(about["look"]["iou"]), bool(about["look"]["pointing"])),
        files={name: images / place for name, place in about["files"].items()},
        boxes=Path(about["boxes"]),
        protocols=tuple(_protocols(folder)),
        units=tuple(_units(folder / "units.csv")),
    )


def _about(path: Path) -> dict[str, Any]:
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StudyFileError(
            f"{path.parent} holds no results ({NAME}: {error.strerror}); choose the --out folder of an evaluation"
        ) from error
    except ValueError as error:
        raise StudyFileError(
            f"{path} is damaged ({error}); run the evaluation again with --resume"
        ) from error
    if not isinstance(about, dict) or about.get("kind") != _KIND or about.get("version") != _VERSION:
        raise StudyFileError(f"{path} is not of this version; run the evaluation again with --resume")
    return about


def _figures(path: Path) -> Iterator[MethodFigures]:
    yield from map(_figure, read_rows(path, ("method", "label", "n", "mean_iou")))


def _figure(row: Mapping[str, str]) -> MethodFigures:
    iou, hit = _interval(row, "mean_iou"), _interval(row, "pointing_hit")
    return MethodFigures(row["method"], row["label"], int(row["n"]), iou, hit)


def _interval(row: Mapping[str, str], name: str) -> tuple[float, float, float]:
    return _number(row[name]), _number(row[f"{name}_low"]), _number(row[f"{name}_high"])


def _protocols(folder: Path) -> Iterator[ProtocolResults]:
    """Nothing where an earlier version wrote the results."""
    if not (folder / "protocols.csv").exists():
        return
    figures: dict[tuple[str, bool], list[MethodFigures]] = {}
    for row in read_rows(
        folder / "protocols.csv", ("protocol", "upper_bound", "method", "label", "mean_iou")
    ):
        figures.setdefault((row["protocol"], row["upper_bound"] == "1"), []).append(_figure(row))
    overlaps: dict[str, dict[tuple[str, str, str], tuple[float, bool]]] = {}
    needed = ("protocol", "image", "method", "target", "iou", "hit")
    for row in read_rows(folder / "protocols_per_image.csv", needed):
        mine, key = (
            overlaps.setdefault(row["protocol"], {}),
            (row["image"], row["method"], row["target"]),
        )
        iou, hit = mine.get(key, (0.0, False))
        mine[key] = max(iou, float(row["iou"])), hit or row["hit"] == "1"
    for (name, bound), rows in figures.items():
        yield ProtocolResults(name, bound, tuple(rows), overlaps.get(name, {}))


def _units(path: Path) -> Iterator[UnitFigures]:
    """Nothing where none were followed."""
    if not path.exists():
        return
    for row in read_rows(path, UNITS):
        yield UnitFigures(
            target=row["target"],
            layer=row["layer"],
            channel=int(row["channel"]),
            elsewhere=float(row["share_elsewhere"]),
            there=float(row["share_there"]),
            difference=(_number(row["difference"]), _number(row["low"]), _number(row["high"])),
            images_elsewhere=int(row["images_elsewhere"]),
            images_there=int(row["images_there"]),
        )


def _cases(folder: Path) -> Iterator[ReasonCase]:
    shares: dict[tuple[str, str, str], dict[str, str]] = {
        (row["image"], row["method"], row["target"]): row
        for row in read_rows(folder / "regions.csv", REGIONS[:5])
    }
    for row in read_rows(folder / "reasons.csv", ("image", "method", "target", "score")):
        mine = shares.get((row["image"], row["method"], row["target"]))
        area = shares.get((row["image"], AREA, row["target"]))
        yield ReasonCase(
            image=row["image"],
            method=row["method"],
            target=row["target"],
            truth={"1": True, "0": False}.get(row["truth"]),
            score=float(row["score"]),
            point=float(row["operating_point"]),
            iou=float(row["best_iou_of_boxes"]) if row["best_iou_of_boxes"] else None,
            hit=row["pointing_hit"] == "1" if row["pointing_hit"] else None,
            shares=_parted(mine),
            areas=_parted(area),
            lungs=mine is not None and mine["lungs_found"] == "1",
        )


def _parted(row: Mapping[str, str] | None) -> dict[str, float]:
    if row is None:
        return {}
    found = {region: row.get(region.replace(",", ""), "") for region in Region}
    return {str(region): float(text) for region, text in found.items() if text}


def read_rows(path: Path, needed: Sequence[str]) -> list[dict[str, str]]:
    """Rows of a table that `evaluate` wrote. Raises StudyFileError where it cannot be read or lacks a column."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            rows = list(reader)
            missing = [name for name in needed if name not in (reader.fieldnames or ())]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise StudyFileError(
            f"{path} cannot be read ({error}); run the evaluation again with --resume"
        ) from error
    if missing:
        raise StudyFileError(f"{path} lacks the column {missing[0]}; run the evaluation again with --resume")
    return rows


def _number(text: str) -> float:
    return float(text) if text else float("nan")


def _relative(file: Path, images: Path) -> str:
    return file.relative_to(images).as_posix() if file.is_relative_to(images) else str(file.absolute())
