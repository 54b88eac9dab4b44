import numpy as np
import pytest

from cxr_desktop.cohort.group_section import group_blocks
from cxr_desktop.cohort.groups import MANY, SMALL, GroupRow, bootstrap_mean, group_columns, group_rows
from cxr_desktop.cohort.operating import Point
from cxr_desktop.cohort.reasons import Reasons
from cxr_desktop.domain.document import DataTable, Paragraph
from cxr_desktop.domain.reasons import LookRule, ReasonCase
from cxr_desktop.localization import Region

RULE = LookRule(0.25)


def case(
    image: str,
    view: str,
    score: float = 0.9,
    truth: bool | None = True,
    iou: float | None = None,
    lungs: float = 0.5,
) -> ReasonCase:
    shares = dict.fromkeys(Region, 0.0) | {Region.RIGHT_LUNG: lungs, Region.LETTERING: 1 - lungs}
    return ReasonCase(
        image, "rap", "Opacity", truth, score, 0.5, iou, None if iou is None else iou > 0.4, shares, {}, True,
        {"view": view, "patient": image[0]},
    )  # fmt: skip


CASES = (
    case("a1", "PA", iou=0.5, lungs=0.9),
    case("a2", "PA", score=0.1, iou=0.1, lungs=0.7),
    case("b1", "PA", score=0.2, truth=False, lungs=0.8),
    case("c1", "AP", score=0.8, truth=False, lungs=0.2),
    case("d1", "AP", truth=None, lungs=0.4),
    case("e1", "", iou=0.9),
)


def row(rows: tuple[GroupRow, ...], value: str, measure: str) -> GroupRow:
    return next(row for row in rows if (row.column, row.value, row.measure) == ("view", value, measure))


def test_groups_by_hand() -> None:
    rows = group_rows(CASES, RULE)
    accuracy = row(rows, "PA", "accuracy")
    assert accuracy.n == 3
    assert accuracy.mean.value == pytest.approx(2 / 3)
    assert accuracy.difference.value == pytest.approx(2 / 3 - 0)
    assert row(rows, "AP", "accuracy").n == 1
    assert row(rows, "PA", "sensitivity").mean.value == pytest.approx(0.5)
    assert row(rows, "AP", "specificity").mean.value == 0
    assert row(rows, "PA", "mean IoU").mean.value == pytest.approx(0.3)
    assert row(rows, "PA", "pointing hit").mean.value == pytest.approx(0.5)
    assert row(rows, "PA", "looked there").mean.value == pytest.approx(0.5)
    lungs = row(rows, "AP", "relevance: lungs")
    assert (lungs.n, lungs.mean.value) == (2, pytest.approx(0.3))
    assert lungs.difference.value == pytest.approx(0.3 - 0.8)
    assert row(rows, "AP", "relevance: text and markers").mean.value == pytest.approx(0.7)
    assert not any(r.value == "" for r in rows)
    assert all(r.small for r in rows)
    assert {r.column for r in rows} == {"view"}


def test_a_group_of_enough_images_is_not_flagged() -> None:
    cases = [case(f"{k}x{k}", "PA" if k % 2 else "AP") for k in range(2 * SMALL)]
    assert not any(row.small for row in group_rows(cases, RULE) if row.measure == "accuracy")


def test_images_of_one_patient_are_one_piece_of_evidence() -> None:
    values = np.repeat([0.0, 1.0], 50)
    alone = bootstrap_mean(values, [str(k) for k in range(100)])
    together = bootstrap_mean(values, ["a"] * 50 + ["b"] * 50)
    assert alone.std() == pytest.approx(0.05, rel=0.15)
    assert together.std() == pytest.approx(0.5 / np.sqrt(2), rel=0.1)
    assert np.array_equal(alone, bootstrap_mean(values, [str(k) for k in range(100)]))


def test_many_clusters_are_drawn_from_the_limit_of_the_bootstrap() -> None:
    random = np.random.default_rng(5)
    clusters = [str(k) for k in random.integers(0, 280, 900)]
    more = [str(k) for k in range(MANY + 1)]
    values = random.random(900) + np.array([int(name) % 7 for name in clusters]) / 3
    drawn = bootstrap_mean(values, clusters)
    limit = bootstrap_mean(
        np.append(values, random.random(MANY + 1)), [*clusters, *(f"x{name}" for name in more)]
    )
    sums = np.array([values[np.array(clusters) == name].sum() for name in sorted(set(clusters))])
    counts = np.array([clusters.count(name) for name in sorted(set(clusters))])
    expected = np.sqrt(((sums - values.mean() * counts) ** 2).sum()) / counts.sum()
    assert drawn.std() == pytest.approx(expected, rel=0.08)
    assert limit.size == drawn.size
    assert limit.std() < drawn.std()


def test_one_prediction_counts_once_whatever_the_methods() -> None:
    cases = [one for c in CASES for one in (c, ReasonCase(**{**_fields(c), "method": "gradcam"}))]
    assert row(group_rows(cases, RULE), "PA", "accuracy").n == 3


def test_ages_become_bands_and_numbers_quarters() -> None:
    rows = [
        {"Patient Age": age, "kVp": str(60 + 2 * k), "patient": str(k), "sex": "FM"[k % 2], "site": "one"}
        for k, age in enumerate(
            ["004Y", "17", "018M", "39Y", "40", "59", "60", "79", "80", "95", "20", "33", "45"]
        )
    ]
    found = group_columns(rows)
    assert set(found) == {"Patient Age", "kVp", "sex"}
    bands = [found["Patient Age"](one) for one in rows[:10]]
    assert bands == [
        *("under 18", "under 18", "under 18", "18 to 39", "40 to 59", "40 to 59"),
        *("60 to 79", "60 to 79", "80 and over", "80 and over"),
    ]
    assert found["kVp"](rows[0]) == "up to 66"
    assert found["kVp"](rows[-1]) == "over 78"
    assert found["kVp"]({"kVp": ""}) == ""


def test_columns_of_many_texts_are_no_groups() -> None:
    rows = [{"comment": f"text {k}", "stage": ""} for k in range(30)]
    assert group_columns(rows) == {}


def _fields(case: ReasonCase) -> dict[str, object]:
    return {name: getattr(case, name) for name in case.__slots__}


def test_a_label_that_no_group_speaks_of_has_no_empty_table() -> None:
    points = (Point("Opacity", "named", 0.5), Point("Nodule", "named", 0.5))
    blocks = list(group_blocks(Reasons(CASES, group_rows(CASES, RULE), RULE, points, "own")))
    tables = [block for block in blocks if isinstance(block, DataTable)]
    assert [bool(table.rows) for table in tables] == [True]
    assert not any("Nodule" in block.text for block in blocks if isinstance(block, Paragraph))
