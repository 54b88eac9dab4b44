"""Paired comparisons of methods, against scipy and a hand example."""

from __future__ import annotations

from itertools import product
from math import isnan

import numpy as np
import pytest
from scipy.stats import rankdata, wilcoxon

from cxr_desktop.cohort.plan import ALL, LOCATION_PRIOR
from cxr_desktop.cohort.records import Comparison, ImageRecord, MethodRecord
from cxr_desktop.cohort.significance import PairedRow, paired_rows, signed_rank

IOUS = {
    "rap": [0.5, 0.4, 0.6, 0.3, 0.7, 0.52, 0.45],
    "gradcam": [0.3, 0.38, 0.2, 0.35, 0.3, 0.21, 0.1],
    LOCATION_PRIOR: [0.1] * 7,
}


def records(labels: tuple[str, ...] = ("Mass",)) -> list[ImageRecord]:
    made = []
    for place in range(7):
        methods = tuple(
            MethodRecord(
                method,
                "Mass",
                "otsu",
                0.1,
                tuple(
                    Comparison(label, "", (1.0, 1.0, 9.0, 9.0), None, None, overlaps[place], 0.0, False)
                    for label in labels
                ),
            )
            for method, overlaps in IOUS.items()
        )
        made.append(ImageRecord(f"{place}.png", f"{place}" * 64, 10, 10, {"Mass": 0.9}, methods))
    return made


def row(rows: tuple[PairedRow, ...], method: str, against: str, label: str = ALL) -> PairedRow:
    return next(
        r for r in rows if (r.method, r.against, r.label, r.measure) == (method, against, label, "iou")
    )


def test_difference_interval_and_test_of_a_pair() -> None:
    found = row(paired_rows(records(), ("rap", "gradcam")), "rap", "gradcam")
    difference = np.subtract(IOUS["rap"], IOUS["gradcam"])
    assert (found.n, found.images) == (7, 7)
    assert found.difference.value == pytest.approx(difference.mean())
    assert found.difference.low < difference.mean() < found.difference.high
    assert found.p == pytest.approx(wilcoxon(difference).pvalue)


def test_holm_adjusts_for_all_pairs_and_keeps_the_order() -> None:
    rows = [r for r in paired_rows(records(), ("rap", "gradcam")) if r.measure == "iou" and r.label == ALL]
    assert len(rows) == 3
    ordered = sorted(rows, key=lambda r: r.p)
    expected, highest = [], 0.0
    for rank, r in enumerate(ordered):
        highest = max(highest, min(1.0, r.p * (3 - rank)))
        expected.append(highest)
    assert [r.p_holm for r in ordered] == pytest.approx(expected)


def test_equal_methods_do_not_differ_and_one_image_tells_nothing() -> None:
    same = row(paired_rows(records(("Mass", "Nodule")), ("rap", "gradcam")), "rap", "gradcam", "Nodule")
    assert same.n == 7
    hits = [r for r in paired_rows(records(), ("rap", "gradcam")) if r.measure == "pointing_hit"]
    assert {(r.difference.value, r.p, r.p_holm) for r in hits} == {(0.0, 1.0, 1.0)}
    alone = row(paired_rows(records()[:1], ("rap", "gradcam")), "rap", "gradcam")
    assert isnan(alone.p)
    assert isnan(alone.p_holm)


@pytest.mark.parametrize("seed", range(6))
def test_signed_ranks_with_ties_and_zeros_equal_all_signs_tried(seed: int) -> None:
    drawn = np.random.default_rng(seed).integers(-3, 6, 9) / 4
    magnitudes = rankdata(np.abs(drawn[drawn != 0]))
    sums = np.array(
        [magnitudes[list(signs)].sum() for signs in product((False, True), repeat=magnitudes.size)]
    )
    own = magnitudes[drawn[drawn != 0] > 0].sum()
    expected = min(1.0, 2 * min((sums <= own + 1e-9).mean(), (sums >= own - 1e-9).mean()))
    assert signed_rank(drawn) == pytest.approx(expected)


@pytest.mark.parametrize("count", [20, 50, 51, 400])
def test_signed_ranks_of_many_images_equal_scipy(count: int) -> None:
    drawn = np.random.default_rng(count).normal(0.1, 1, count)
    assert signed_rank(drawn) == pytest.approx(wilcoxon(drawn).pvalue)
