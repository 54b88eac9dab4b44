import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cxr_desktop.cli import main
from cxr_desktop.cohort import evaluation, examination
from cxr_desktop.cohort.evaluation import evaluate
from cxr_desktop.cohort.examples import overlay
from cxr_desktop.cohort.index import IndexRow
from cxr_desktop.cohort.operating import operating_points
from cxr_desktop.cohort.plan import EvaluationPlan
from cxr_desktop.cohort.reasons import index_truth, reason_cases, tallies
from cxr_desktop.cohort.records import Comparison, ImageRecord, MethodRecord
from cxr_desktop.cohort.study_file import StudyFileError, read_study
from cxr_desktop.dicom import read_radiograph
from cxr_desktop.domain import AttributionMap, ModelIdentity, OperatingPoint
from cxr_desktop.domain.errors import Cancelled
from cxr_desktop.domain.labels import LabelMap
from cxr_desktop.domain.reasons import Look, LookRule, Outcome
from cxr_desktop.localization import Region
from cxr_desktop.resources import resource

LABEL = "Lung Opacity"
MAP = LabelMap.load()


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def record(name: str, score: float, *overlaps: tuple[str, float, bool]) -> ImageRecord:
    made = tuple(
        MethodRecord(m, LABEL, "otsu", 0.1, (Comparison(LABEL, "", (0, 0, 1, 1), None, None, iou, 0, hit),))
        for m, iou, hit in overlaps
    )
    return ImageRecord(name, "0" * 64, 10, 10, {LABEL: score}, made)


@pytest.mark.parametrize(
    ("columns", "truth"),
    [
        ({"Lung Opacity": "1"}, True),
        ({"lung opacity": "0"}, False),
        ({"lung opacity": "-1"}, None),
        ({"rsna_class": "Lung Opacity"}, True),
        ({"rsna_class": "Normal"}, False),
        ({"rsna_class": "No Lung Opacity / Not Normal"}, False),
        ({"rsna_class": ""}, None),
        ({"view": "PA"}, None),
    ],
)
def test_truth_of_the_index(columns: dict[str, str], truth: bool | None) -> None:
    assert index_truth(IndexRow("a.png", columns), LABEL, MAP) is truth


def test_operating_point_is_the_cards_balanced_one() -> None:
    stated = (
        OperatingPoint("A", "sensitive", 0.1),
        OperatingPoint("A", "balanced", 0.3),
        OperatingPoint("B", "x", 0.2),
    )
    found = operating_points(("A", "B", "C"), stated)
    assert [(p.name, p.threshold) for p in found.values()] == [
        ("balanced", 0.3),
        ("x", 0.2),
        ("none stated", 0.5),
    ]


def test_cases_by_hand() -> None:
    rows = [
        IndexRow(name, {"rsna_class": read})
        for name, read in (("a", ""), ("b", "Normal"), ("c", "Normal"), ("d", ""))
    ]
    records = [
        record("a", 0.9, ("rap", 0.1, True), ("rap2", 0.6, False)),
        record("b", 0.8),
        record("c", 0.1, ("rap", 0.5, True)),
        record("d", 0.7),
    ]
    points = operating_points((LABEL,), ())
    cases = reason_cases(rows, records, ("rap", "rap2"), points, MAP)
    assert [(c.image, c.method) for c in cases[:3]] == [("a", "rap"), ("a", "rap2"), ("b", "rap")]
    counts = tallies(cases, LookRule(0.25))
    assert [t.method for t in counts] == ["rap", "rap2"]
    first, second = counts
    assert first.of(Outcome.TRUE_POSITIVE, Look.ELSEWHERE) == 1
    assert second.of(Outcome.TRUE_POSITIVE, Look.THERE) == 1
    assert first.of(Outcome.FALSE_NEGATIVE, Look.THERE) == 1
    assert first.of(Outcome.FALSE_POSITIVE, Look.NO_PLACE) == 1
    assert first.of(Outcome.UNKNOWN, Look.NO_PLACE) == 1
    assert all(sum(t.counts.values()) == 4 for t in counts)


def test_tables_of_an_evaluation_agree_with_each_other(plan: EvaluationPlan) -> None:
    result = evaluate(plan)
    reasons, regions = table(plan.out / "reasons.csv"), table(plan.out / "regions.csv")
    assert len(reasons) == 6 * 2 * 2
    boxes = table(plan.out / "per_image.csv")
    for row in reasons:
        mine = [
            float(b["iou"])
            for b in boxes
            if (b["image"], b["method"], b["target"]) == (row["image"], row["method"], row["target"])
        ]
        assert (row["best_iou_of_boxes"] == "") == (not mine)
        if mine:
            assert float(row["best_iou_of_boxes"]) == pytest.approx(max(mine))
        assert (row["quadrant"] == "") == (not mine)
    names = [region.replace(",", "") for region in Region]
    assert regions
    for row in regions:
        assert sum(float(row[name]) for name in names if row[name]) == pytest.approx(1, abs=1e-4)
    assert {row["method"] for row in regions} == {"area", "gradcam", "saliency"}
    groups = table(plan.out / "groups.csv")
    assert {row["column"] for row in groups} == {"view"}
    accuracy = next(
        r for r in groups if (r["column"], r["group"], r["measure"]) == ("view", "PA", "accuracy")
    )
    told = {r["image"]: r for r in reasons if r["outcome"] != "truth unknown" and r["target"] == LABEL}
    mine = [r for image, r in told.items() if image in ("a.png", "b.png", "f.png")]
    right = np.mean([r["outcome"].startswith("true") for r in mine])
    assert float(accuracy["value"]) == pytest.approx(right, abs=1e-5)
    assert int(accuracy["n"]) == len(mine)
    assert {path.name for path in result.files} >= {
        "reasons.csv",
        "regions.csv",
        "groups.csv",
        "summary.html",
    }


def test_false_positives_get_maps_without_boxes(
    plan: EvaluationPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        examination,
        "operating_points",
        lambda labels, stated: operating_points(
            labels, [OperatingPoint(label, "balanced", 0.0) for label in labels]
        ),
    )
    evaluate(plan)
    areas = [row for row in table(plan.out / "regions.csv") if row["method"] == "area"]
    assert {row["image"] for row in areas if row["target"] == LABEL} == {
        "a.png",
        "b.png",
        "c.png",
        "d.png",
        "e.png",
        "f.png",
    }
    assert not [row for row in table(plan.out / "per_image.csv") if row["image"] == "c.png"]


def test_going_on_gives_the_same_bytes(plan: EvaluationPlan) -> None:
    evaluate(plan)
    first = {path.name: path.read_bytes() for path in plan.out.iterdir() if path.is_file()}
    evaluate(replace(plan, resume=True))
    assert {path.name: path.read_bytes() for path in plan.out.iterdir() if path.is_file()} == first


def test_a_folder_of_results_is_read_back_whole(plan: EvaluationPlan) -> None:
    evaluate(plan)
    found = read_study(plan.out)
    assert found.methods == plan.methods
    assert found.targets == (LABEL, "Nodule")
    assert found.files["c.png"] == (plan.images / "c.png").absolute()
    assert found.boxes == plan.boxes.absolute()
    written = table(plan.out / "reasons.csv")
    assert len(found.cases) == len(written)
    for case, row in zip(found.cases, written, strict=True):
        assert (case.image, case.method, str(case.outcome)) == (row["image"], row["method"], row["outcome"])
        assert str(case.look(found.rule)) == row["look"]
        if case.shares:
            assert sum(case.shares.values()) == pytest.approx(1, abs=1e-4)
    figure = next(f for f in found.figures if (f.method, f.label) == ("gradcam", "all"))
    assert figure.boxes == 5


@pytest.mark.parametrize("harm", ["missing", "cut", "foreign", "column"])
def test_a_damaged_folder_is_refused_with_the_files_name(plan: EvaluationPlan, harm: str) -> None:
    evaluate(plan)
    file = plan.out / ("reasons.csv" if harm == "column" else "study.json")
    if harm == "missing":
        file.unlink()
    else:
        file.write_text({"cut": '{"kind": ', "foreign": "[1]", "column": "image,method\n"}[harm], "utf-8")
    with pytest.raises(StudyFileError, match=file.name):
        read_study(plan.out)


def test_examples_and_units_are_told_where_there_are_both_kinds(
    plan: EvaluationPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    always = [OperatingPoint(label, "balanced", 0.0) for label in (LABEL, "Nodule")]
    for module in (examination, evaluation):
        monkeypatch.setattr(
            module, "operating_points", lambda labels, _stated: operating_points(labels, always)
        )
    result = evaluate(replace(plan, look=LookRule(0.001), units=3, examples=2))
    titles = [section.title for section in result.document.sections]
    assert "Examples" in titles
    rows = table(plan.out / "units.csv")
    assert {"Units that carry the wrong reason"} <= set(titles)
    assert {row["target"] for row in rows} == {LABEL, "Nodule"}
    assert len(rows) == 20
    for row in rows:
        gap = float(row["share_elsewhere"]) - float(row["share_there"])
        assert float(row["difference"]) == pytest.approx(gap, abs=1e-5)
    gaps = [float(row["difference"]) for row in rows if row["target"] == LABEL]
    assert gaps == sorted(gaps, reverse=True)
    page = (plan.out / "summary.html").read_text("utf-8")
    assert "data:image/jpeg;base64," in page


def test_no_examples_and_no_units_where_none_are_asked_for(plan: EvaluationPlan) -> None:
    result = evaluate(replace(plan, units=0, examples=0))
    titles = [section.title for section in result.document.sections]
    assert not {"Examples", "Units that carry the wrong reason"} & set(titles)


def test_an_overlay_shows_the_maximum_and_the_boxes(plan: EvaluationPlan) -> None:
    radiograph = read_radiograph(plan.images / "a.png")
    values = np.zeros((radiograph.rows, radiograph.columns), np.float32)
    values[70:80, 20:30] = 1
    found = AttributionMap(values, "rap", LABEL, ModelIdentity("m", "1", "0" * 64))
    box = Comparison(LABEL, "", (50.0, 10.0, 30.0, 20.0), None, None, 0, 0, False)
    plain = np.asarray(overlay(radiograph, found)).astype(int)
    drawn = np.asarray(overlay(radiograph, found, [box])).astype(int)
    assert plain.shape == (300, 300, 3)
    gray = np.repeat(np.asarray(plain)[..., :1], 3, axis=2)
    row, column = np.unravel_index(abs(plain - gray).sum(axis=2).argmax(), (300, 300))
    assert abs(row / 300 * 96 - 75) < 12
    assert abs(column / 300 * 96 - 25) < 12
    assert (drawn[round(10 / 96 * 300) + 1, round(60 / 96 * 300)] == 255).all()


def test_headers_stand_in_for_columns_that_the_index_lacks() -> None:
    header = {"view": "AP", "sex": "F", "patient": "0a1b"}
    rows = [IndexRow("a", {"View": "PA", "rsna_class": "Normal"})]
    records = [replace(record("a", 0.9), header=header)]
    (case,) = reason_cases(rows, records, ("rap",), operating_points((LABEL,), ()), MAP)
    assert case.groups == {"View": "PA", "sex": "F", "patient": "0a1b"}


def test_the_command_writes_everything_and_a_pdf_of_equal_bytes(
    plan: EvaluationPlan, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [
        *("evaluate", str(plan.index), "--images", str(plan.images), "--boxes", str(plan.boxes)),
        *(
            "--out",
            str(plan.out),
            "--model",
            plan.model,
            "--methods",
            "gradcam",
            "--device",
            "cpu",
            "--resume",
        ),
    ]
    assert main([*command, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"summary.html", "study.pdf", "reasons.csv", "regions.csv", "groups.csv"} <= set(told["files"])
    first = (plan.out / "study.pdf").read_bytes()
    assert first.startswith(b"%PDF")
    assert main([*command, "--json"]) == 0
    assert (plan.out / "study.pdf").read_bytes() == first
    assert main([*command, "--look", "pointing"]) == 0
    assert "maximum" in (plan.out / "summary.html").read_text("utf-8")


@pytest.mark.parametrize("look", ["iou", "iou:2", "iou:x", "dice:0.5", "iou:0"])
def test_another_rule_of_looking_is_wrong_usage(
    plan: EvaluationPlan, look: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["evaluate", str(plan.index), "--images", str(plan.images), "--boxes", str(plan.boxes)]
    assert main([*command, "--out", str(plan.out), "--look", look]) == 2
    assert look in capsys.readouterr().err


def test_groups_of_dicom_files_come_from_their_headers(package: Path, tmp_path: Path) -> None:
    folder = resource("demo", "study")
    names = ("two.dcm", "three.dcm")
    (tmp_path / "index.csv").write_text("image\n" + "\n".join(names) + "\n", "utf-8")
    out = tmp_path / "out"
    evaluate(
        EvaluationPlan(
            tmp_path / "index.csv",
            folder,
            folder / "boxes.csv",
            out,
            str(package),
            ("gradcam",),
            device="cpu",
        )
    )
    pieces = [path.read_text("utf-8") for path in (out / "cache").iterdir()]
    headers = [told["header"] for piece in pieces if "header" in (told := json.loads(piece))]
    patients = {read_radiograph(folder / name).header.patient_id for name in names}
    assert len(headers) == 2
    assert {header["view"] for header in headers} <= {"PA", "AP"}
    assert len({header["patient"] for header in headers}) == len(patients)
    assert not any(patient in piece for patient in patients for piece in pieces)


def test_the_report_can_be_broken_off(plan: EvaluationPlan) -> None:
    told: list[float] = []

    def tell(done: float) -> None:
        told.append(done)
        if told.count(1.0) == 2:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        evaluate(plan, tell)
    assert not (plan.out / "summary.html").exists()
