"""Threshold protocols against their definitions, on records made by hand and on a run."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxr_desktop.cli import main
from cxr_desktop.cohort.cuts import Cuts, Edges
from cxr_desktop.cohort.evaluation import evaluate
from cxr_desktop.cohort.index import IndexRow
from cxr_desktop.cohort.plan import LOCATION_PRIOR, EvaluationPlan
from cxr_desktop.cohort.protocol_views import best_cut
from cxr_desktop.cohort.protocols import DEFAULT_PROTOCOLS, Protocol, parse_protocols
from cxr_desktop.cohort.records import Comparison, ImageRecord, MethodRecord
from cxr_desktop.cohort.study_file import read_study
from cxr_desktop.cohort.tuning import tuned
from cxr_desktop.domain.errors import IndexFileError
from cxr_desktop.localization import SWEEP

LABEL = "Nodule"
CANDIDATES = [str(threshold) for threshold in SWEEP]
REFERENCE: Edges = (0.0, 0.0, 10.0, 10.0)


def strip(share: float) -> Edges | None:
    """A box inside the reference whose IoU with it is `share`."""
    return (0.0, 0.0, 10.0 * share, 10.0) if share else None


def record(name: str, shares: dict[str, float], method: str = "rap") -> ImageRecord:
    """An image with one box, and the IoU that each threshold of the sweep reaches; 0 at those not named."""
    cuts = {threshold: (strip(shares.get(threshold, 0.0)),) for threshold in CANDIDATES}
    comparison = Comparison(LABEL, "", REFERENCE, None, None, 0.0, 0.0, False)
    found = MethodRecord(method, LABEL, "absolute:1", 1.0, (comparison,), cuts=Cuts.read(cuts))
    return ImageRecord(name, "0" * 64, 10, 10, {LABEL: 0.9}, (found,))


def row(name: str, **columns: str) -> IndexRow:
    return IndexRow(name, columns)


def test_a_split_chooses_on_one_part_and_scores_the_other() -> None:
    rows = [row("a", split="val"), row("b", split="val"), row("c", split="test"), row("d", split="test")]
    records = [
        record("a", {"percentile:90": 0.4, "percentile:95": 0.6}),
        record("b", {"percentile:90": 0.8, "percentile:95": 0.2}),
        record("c", {"percentile:99": 1.0}),
        record("d", {"percentile:99": 1.0}),
    ]
    found = tuned(rows, records)
    (value,) = found.values
    assert (value.threshold, value.boxes, value.patients, value.scored) == ("percentile:90", 2, 2, 2)
    assert value.iou == pytest.approx(0.6)  # (0.4 + 0.8) / 2, against (0.6 + 0.2) / 2
    assert found.chosen == {(name, "rap", LABEL): "percentile:90" for name in "cd"}


def test_a_patient_of_both_parts_takes_no_part_in_the_tuning() -> None:
    rows = [
        row("a", split="val", patient="1"),
        row("b", split="val", patient="2"),
        row("c", split="test", patient="1"),
    ]
    records = [
        record("a", {"percentile:99": 1.0}),
        record("b", {"percentile:80": 0.5}),
        record("c", {"percentile:99": 1.0}),
    ]
    found = tuned(rows, records)
    assert [(value.threshold, value.patients) for value in found.values] == [("percentile:80", 1)]
    assert any("both parts, whose took no part in the tuning: 1" in sentence for sentence in found.rule)


def test_named_values_of_a_column_are_tuned_on() -> None:
    rows = [row("a", Site="North"), row("b", Site="South"), row("c", Site="West")]
    records = [
        record("a", {"percentile:99": 1.0}),
        record("b", {"percentile:80": 0.5}),
        record("c", {"percentile:80": 0.5}),
    ]
    assert tuned(rows, records, ("site", "north")).chosen == {
        (name, "rap", LABEL): "percentile:99" for name in "bc"
    }
    with pytest.raises(IndexFileError, match="the value 'east' in its column 'site'"):
        tuned(rows, records, ("site", "east"))
    with pytest.raises(IndexFileError, match="the column 'ward'"):
        tuned(rows, records, ("ward", "x"))


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, len(CANDIDATES) - 1), st.floats(0.1, 1.0)),
        min_size=1,
        max_size=24,
    )
)
def test_no_image_is_cut_at_what_its_own_patient_chose(images: list[tuple[int, int, float]]) -> None:
    """Whatever one patient's images are like, their own thresholds stay the same."""
    rows = [row(str(place), patient=str(who)) for place, (who, _, _) in enumerate(images)]
    records = [record(str(place), {CANDIDATES[at]: iou}) for place, (_, at, iou) in enumerate(images)]
    found = tuned(rows, records)
    patients = {who for who, _, _ in images}
    assert len(found.chosen) == (len(images) if len(patients) > 1 else 0)
    victim = images[0][0]
    changed = [
        record(str(place), {CANDIDATES[-1]: 1.0}) if who == victim else records[place]
        for place, (who, _, _) in enumerate(images)
    ]
    again = tuned(rows, changed)
    for place, (who, _, _) in enumerate(images):
        if who == victim and len(patients) > 1:
            key = (str(place), "rap", LABEL)
            assert again.chosen[key] == found.chosen[key]


def test_folds_do_not_depend_on_the_order_of_the_index() -> None:
    random = np.random.default_rng(3)
    names = [f"{place}" for place in range(20)]
    records = {name: record(name, {CANDIDATES[random.integers(19)]: 0.5}) for name in names}
    first = tuned([row(name) for name in names], [records[name] for name in names])
    turned = names[::-1]
    again = tuned([row(name) for name in turned], [records[name] for name in turned])
    assert again.chosen == first.chosen
    assert {value.part for value in first.values} == {f"fold {n} of 5" for n in range(1, 6)}


def test_the_upper_bound_takes_the_best_box_for_each_reference() -> None:
    two = replace(
        record("a", {}).methods[0],
        comparisons=tuple(
            Comparison(LABEL, "", edges, (0.0, 0.0, 1.0, 1.0), 1.0, 0.01, 1.0, False)
            for edges in (REFERENCE, (20.0, 0.0, 10.0, 10.0))
        ),
        cuts=Cuts.read(
            {"percentile:90": ((0.0, 0.0, 5.0, 10.0), None), "otsu": (None, (20.0, 0.0, 10.0, 8.0))}
        ),
    )
    best = best_cut(two)
    assert [one.iou for one in best.comparisons] == [0.5, 0.8]
    assert best.threshold == "best for the box"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("best,own", "is an upper bound"),
        (" , ", "names no protocol"),
        ("own,median", "'median' is none of own, tuned, best, otsu, percentile:P"),
        ("percentile:101", "none of own"),
    ],
)
def test_what_is_no_list_of_protocols(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_protocols(text)


def test_protocols_are_told_by_name() -> None:
    found = parse_protocols("percentile:90, tuned,otsu,best,tuned")
    assert [one.title for one in found] == ["percentile:90", "tuned", "otsu", "best (upper bound)"]
    assert parse_protocols("own,tuned,otsu,best") == DEFAULT_PROTOCOLS


@pytest.fixture
def plan(plan: EvaluationPlan) -> EvaluationPlan:
    return replace(plan, examples=0, units=0)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def means(path: Path, protocol: str) -> dict[tuple[str, str], str]:
    return {
        (row["method"], row["label"]): row["mean_iou"] for row in table(path) if row["protocol"] == protocol
    }


def test_every_protocol_has_its_rows_and_the_bound_lies_above(plan: EvaluationPlan) -> None:
    evaluate(plan)
    by_protocol = {name: means(plan.out / "protocols.csv", name) for name in ("own", "tuned", "otsu", "best")}
    summary = {(row["method"], row["label"]): row["mean_iou"] for row in table(plan.out / "summary.csv")}
    assert by_protocol["own"] == summary
    assert {row["upper_bound"] for row in table(plan.out / "protocols.csv") if row["protocol"] == "best"} == {
        "1"
    }
    boxes = table(plan.out / "protocols_per_image.csv")
    keyed = {
        (b["protocol"], b["image"], b["method"], b["label"], b["x"], b["width"]): float(b["iou"])
        for b in boxes
    }
    bound = {key[1:]: iou for key, iou in keyed.items() if key[0] == "best"}
    assert all(iou <= bound[key[1:]] + 1e-6 for key, iou in keyed.items())
    own = {row["best_iou"] for row in table(plan.out / "per_image.csv")}
    assert {b["best_iou"] for b in boxes if b["protocol"] == "best"} == own
    pairs = table(plan.out / "protocols_significance.csv")
    assert {row["protocol"] for row in pairs} == {"own", "tuned", "otsu", "best"}


def test_protocols_are_read_back_for_the_window(plan: EvaluationPlan) -> None:
    evaluate(plan)
    found = read_study(plan.out)
    assert [one.title for one in found.protocols] == ["own", "tuned", "otsu", "best (upper bound)"]
    own, tuned_one, _, best = found.protocols
    assert own.figures == found.figures
    assert own.judged(found.cases) == found.cases
    boxes = table(plan.out / "protocols_per_image.csv")
    for case in best.judged(found.cases):
        mine = [
            float(b["iou"])
            for b in boxes
            if (b["protocol"], b["image"], b["method"], b["target"])
            == ("best", case.image, case.method, case.target)
        ]
        assert case.iou == (max(mine) if mine else None)
    left = {(case.image, case.target) for case in tuned_one.judged(found.cases)}
    assert ("d.png", "Nodule") not in left  # the only box of its label: never tuned on itself
    assert ("a.png", "Lung Opacity") in left


def test_a_protocol_alone_gives_what_it_gave_beside_the_others(plan: EvaluationPlan, tmp_path: Path) -> None:
    evaluate(plan)
    alone = replace(plan, out=tmp_path / "alone", protocols=parse_protocols("otsu"))
    evaluate(alone)
    assert means(alone.out / "protocols.csv", "otsu") == means(plan.out / "protocols.csv", "otsu")
    fixed = replace(plan, out=tmp_path / "fixed", protocols=parse_protocols("percentile:90,otsu"))
    evaluate(fixed)
    first = next(row for row in table(fixed.out / "summary.csv") if row["method"] == "gradcam")
    assert first["threshold"] == "percentile:90"
    kept = {(row["image"], row["method"]): row["threshold"] for row in table(fixed.out / "per_image.csv")}
    assert {text for (_, method), text in kept.items() if method != LOCATION_PRIOR} == {"percentile:90"}


def test_the_report_names_the_protocol_of_every_table(plan: EvaluationPlan) -> None:
    result = evaluate(plan)
    page = (plan.out / "summary.html").read_text("utf-8")
    assert "best (upper bound)" in page
    assert "No figure of it is a performance" in page
    told = {section.title: section.blocks for section in result.document.sections}
    for title in ("All boxes", "Lung Opacity", "Methods against each other", "All boxes, otsu"):
        assert any("Threshold protocol" in getattr(block, "text", "") for block in told[title]), title
    assert "Tuned thresholds" in told
    for title in ("Right, and for the right reason?", "Groups compared"):
        assert any("protocol 'own'" in getattr(block, "text", "") for block in told[title]), title
    assert (plan.out / "tuned.csv").exists()


def test_tuned_comes_first_and_leaves_out_what_cannot_be_tuned(plan: EvaluationPlan) -> None:
    """Nodule has a single box: nothing to tune on but itself."""
    evaluate(replace(plan, protocols=parse_protocols("tuned,best")))
    summary = {(row["method"], row["label"]): int(row["n"]) for row in table(plan.out / "summary.csv")}
    assert ("gradcam", "Nodule") not in summary
    assert summary["gradcam", "all"] == 4
    assert summary["random", "all"] == 4


def test_wrong_usage_is_told(plan: EvaluationPlan, capsys: pytest.CaptureFixture[str]) -> None:
    common = ["evaluate", str(plan.index), "--images", str(plan.images), "--boxes", str(plan.boxes)]
    assert main([*common, "--out", str(plan.out), "--thresholds", "best"]) == 2
    assert "upper bound" in capsys.readouterr().err
    assert main([*common, "--out", str(plan.out), "--tune-on", "split"]) == 2
    assert "COLUMN=VALUE" in capsys.readouterr().err
    assert Protocol.parse("otsu").upper_bound is False


def test_nothing_to_tune_on_is_told(plan: EvaluationPlan) -> None:
    plan.boxes.write_text("image,label,x,y,width,height\nd.png,Nodule,40,60,10,10\n", "utf-8")
    result = evaluate(replace(plan, protocols=parse_protocols("tuned,otsu")))
    assert {row.n for row in result.summary} == {0}
    page = (plan.out / "summary.html").read_text("utf-8")
    assert "No map has a threshold by the protocol" in page
    assert (plan.out / "tuned.csv").read_text("utf-8").count("\n") == 1
    assert any(row["n"] == "1" for row in table(plan.out / "protocols.csv") if row["protocol"] == "otsu")
