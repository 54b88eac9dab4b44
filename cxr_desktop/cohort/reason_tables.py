"""reasons.csv, regions.csv and groups.csv: the same bytes for the same measurements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from cxr_desktop.cohort.groups import GroupRow
from cxr_desktop.cohort.reason_units import UnitRow
from cxr_desktop.cohort.tables import write_csv
from cxr_desktop.domain.reasons import LookRule, ReasonCase
from cxr_desktop.localization import Region

REASONS = (
    *("image", "method", "target", "truth", "score", "operating_point", "predicted", "outcome"),
    *("best_iou_of_boxes", "pointing_hit", "look", "quadrant"),
)
REGIONS = (
    "image",
    "method",
    "target",
    "outcome",
    "lungs_found",
    *(region.replace(",", "") for region in Region),
)
GROUPS = (
    *("column", "group", "target", "method", "measure", "n", "value", "low", "high"),
    *("difference_to_others", "difference_low", "difference_high", "small"),
)
AREA = "area"
"""In place of a method: the shares of the image's area, which relevance without preference would have."""


UNITS = (
    *("target", "layer", "channel", "share_elsewhere", "share_there", "difference", "low", "high"),
    *("images_elsewhere", "images_there"),
)


def write_unit_table(out: Path, rows: Sequence[UnitRow]) -> tuple[Path, ...]:
    """units.csv; its head alone where there are none, so that no earlier run's stay. Raises ExportError."""
    body = (
        (
            *(row.target, row.layer, row.channel, row.wrong, row.right),
            *(row.difference.value, row.difference.low, row.difference.high),
            *(row.wrong_images, row.right_images),
        )
        for row in rows
    )
    return (write_csv(out / "units.csv", UNITS, body),)


def write_reason_tables(
    out: Path, cases: Sequence[ReasonCase], groups: Sequence[GroupRow], rule: LookRule
) -> tuple[Path, ...]:
    """Raises ExportError."""
    return (
        write_csv(out / "reasons.csv", REASONS, _reason_rows(cases, rule)),
        write_csv(out / "regions.csv", REGIONS, _region_rows(cases)),
        write_csv(out / "groups.csv", GROUPS, _group_rows(groups)),
    )


def _reason_rows(cases: Sequence[ReasonCase], rule: LookRule) -> Iterator[tuple[object, ...]]:
    for case in cases:
        quadrant = case.quadrant(rule)
        yield (
            *(case.image, case.method, case.target, case.truth, case.score, case.point, case.predicted),
            *(str(case.outcome), case.iou, case.hit, str(case.look(rule))),
            "" if quadrant is None else str(quadrant),
        )


def _region_rows(cases: Sequence[ReasonCase]) -> Iterator[tuple[object, ...]]:
    """A row per map, and before those of an image one with the areas."""
    told: set[tuple[str, str]] = set()
    for case in cases:
        if not case.shares:
            continue
        about = (case.target, str(case.outcome), case.lungs)
        if (case.image, case.target) not in told:
            told.add((case.image, case.target))
            yield (case.image, AREA, *about, *(case.areas.get(region) for region in Region))
        yield (case.image, case.method, *about, *(case.shares.get(region) for region in Region))


def _group_rows(groups: Sequence[GroupRow]) -> Iterator[tuple[object, ...]]:
    for row in groups:
        mean, difference = row.mean, row.difference
        yield (
            *(
                row.column,
                row.value,
                row.target,
                row.method,
                row.measure,
                row.n,
                mean.value,
                mean.low,
                mean.high,
            ),
            *(difference.value, difference.low, difference.high, row.small),
        )
