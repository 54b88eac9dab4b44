"""What the relevance lies on, as a section of a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from cxr_desktop.cohort.groups import bootstrap_mean, cluster_of, interval_of
from cxr_desktop.cohort.reasons import Reasons
from cxr_desktop.cohort.words import interval_told
from cxr_desktop.domain.document import Block, DataTable, Paragraph
from cxr_desktop.domain.reasons import ReasonCase
from cxr_desktop.domain.region import Region

_LUNGS = (Region.RIGHT_LUNG, Region.LEFT_LUNG)
_OTHERS = (Region.HEART, Region.BODY, Region.OUTSIDE, Region.BORDER, Region.LETTERING)
_STRAYED = (Region.OUTSIDE, Region.BORDER, Region.LETTERING)
_MOST_STRAYED, _LEAST_STRAYED = 8, 0.02


def region_blocks(reasons: Reasons) -> Iterator[Block]:
    parted = [case for case in reasons.cases if case.shares]
    images = {case.image: case.lungs for case in parted}
    yield Paragraph(
        "Share of each map's positive relevance by part of the image, means over images with 95 % intervals. The last "
        "row has the shares of the area: what relevance without any preference would have."
    )
    rows: list[tuple[str, ...]] = []
    pale: set[int] = set()
    for target in dict.fromkeys(case.target for case in parted):
        mine = [case for case in parted if case.target == target]
        for method in dict.fromkeys(case.method for case in mine):
            rows.append((target, method, *_share_cells([case for case in mine if case.method == method])))
        once = list({case.image: case for case in mine}.values())
        pale.add(len(rows))
        rows.append((target, "share of the area", *_share_cells(once, areas=True)))
    names = ("Both lungs", *(str(region).capitalize() for region in _OTHERS))
    yield DataTable(("Label", "Method", "Images", *names), tuple(rows), 2, frozenset(pale))
    lost = sum(not found for found in images.values())
    yield Paragraph(
        f"Lungs were found on {len(images) - lost} of {len(images)} images; on the others lungs, heart and the rest of "
        "the body are not told apart and left out of their columns. The regions are an estimate from the image alone: "
        "a usual outline laid on it and drawn to what is dark; faint tubes and lines are not told from bone.",
        True,
    )
    yield from _strayed(reasons)


def _share_cells(cases: Sequence[ReasonCase], areas: bool = False) -> tuple[str, ...]:
    cells = [str(len(cases))]
    for wanted in (_LUNGS, *((region,) for region in _OTHERS)):
        anatomy = wanted[0] in (*_LUNGS, Region.HEART, Region.BODY)
        used = [case for case in cases if case.lungs or not anatomy]
        values = np.array(
            [sum((c.areas if areas else c.shares)[r] for r in wanted) for c in used], dtype=np.float64
        )
        if values.size == 0:
            cells.append("–")
        elif areas:
            cells.append(f"{values.mean():.3f}")
        else:
            drawn = bootstrap_mean(values, [cluster_of(case) for case in used])
            cells.append(interval_told(interval_of(float(values.mean()), drawn), 3))
    return tuple(cells)


def _strayed(reasons: Reasons) -> Iterator[Block]:
    """The images whose maps lie most on what is not the patient."""
    found = [
        (sum(case.shares[region] for region in _STRAYED), case)
        for target in dict.fromkeys(case.target for case in reasons.cases)
        for case in reasons.of(reasons.shown(target), target)
        if case.shares
    ]
    found = [(share, case) for share, case in found if share >= _LEAST_STRAYED]
    worst = sorted(found, key=lambda pair: (-pair[0], pair[1].image))[:_MOST_STRAYED]
    if worst:
        yield Paragraph("Images whose map lies most on borders, markers and air:")
        yield DataTable(
            (
                "Image",
                "Method",
                "Outcome",
                "Outside, borders, markers",
                *(str(r).capitalize() for r in _STRAYED),
            ),
            tuple(
                (
                    case.image,
                    case.method,
                    str(case.outcome),
                    f"{share:.3f}",
                    *(f"{case.shares[r]:.3f}" for r in _STRAYED),
                )
                for share, case in worst
            ),
            3,
        )
