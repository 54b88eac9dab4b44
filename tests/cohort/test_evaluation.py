import csv
import multiprocessing
import os
import signal
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cxr_desktop.cohort import examination
from cxr_desktop.cohort.evaluation import evaluate
from cxr_desktop.cohort.plan import EvaluationPlan
from cxr_desktop.domain.errors import (
    AttributionError,
    BoxFileError,
    Cancelled,
    CxrError,
    ExportError,
    IndexFileError,
    ModelError,
)
from cxr_desktop.localization import Box, boxes_from_map, iou

METHODS = ("gradcam", "saliency")


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def tables(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(out.iterdir()) if path.is_file()}


def test_summary_has_a_row_a_method_and_label(plan: EvaluationPlan) -> None:
    result = evaluate(plan)
    rows = table(plan.out / "summary.csv")
    head = (plan.out / "summary.csv").read_text().splitlines()[0]
    assert head.startswith(
        "method,label,n,mean_iou,acc@0.1,acc@0.2,acc@0.3,acc@0.4,acc@0.5,acc@0.6,acc@0.7,pointing_hit,"
    )
    assert list(dict.fromkeys(row["method"] for row in rows)) == [*METHODS, "location-prior", "random"]
    counts = {(row["method"], row["label"]): int(row["n"]) for row in rows}
    for method in (*METHODS, "random"):
        assert counts[method, "all"] == 5
        assert counts[method, "Lung Opacity"] == 3
        assert counts[method, "Pneumonia"] == counts[method, "Nodule"] == 1
    assert counts["location-prior", "all"] == counts["location-prior", "Lung Opacity"] == 3
    assert result.failures == ()
    assert result.notes == (
        "1 box of 'Fracture' fits no label of the model (Lung Opacity, Nodule); see --label-map.",
        "Boxes of 'Nodule' by NIH lie on one image alone: no location prior can be fitted for them.",
        "Boxes of 'Pneumonia' by NIH lie on one image alone: no location prior can be fitted for them.",
    )


def test_summary_sums_up_the_boxes_of_per_image(plan: EvaluationPlan) -> None:
    evaluate(plan)
    boxes = table(plan.out / "per_image.csv")
    for row in table(plan.out / "summary.csv"):
        chosen = [
            box for box in boxes if box["method"] == row["method"] and row["label"] in ("all", box["label"])
        ]
        overlaps = np.array([float(box["iou"]) for box in chosen])
        assert int(row["n"]) == len(chosen)
        assert int(row["images"]) == len({box["image"] for box in chosen})
        assert float(row["mean_iou"]) == pytest.approx(overlaps.mean(), abs=1e-5)
        assert float(row["acc@0.3"]) == pytest.approx((overlaps >= 0.3).mean(), abs=1e-5)
        assert float(row["pointing_hit"]) == pytest.approx(np.mean([int(b["hit"]) for b in chosen]), abs=1e-5)
        assert float(row["mean_iou_low"]) <= float(row["mean_iou"]) <= float(row["mean_iou_high"])
        if row["best_iou"]:
            assert float(row["best_iou"]) >= float(row["mean_iou"]) - 1e-6


def test_per_image_holds_the_engines_boxes(plan: EvaluationPlan) -> None:
    from cxr_desktop.classifiers import load_model
    from cxr_desktop.cohort.case import explain_radiograph
    from cxr_desktop.dicom import read_radiograph

    evaluate(plan)
    radiograph = read_radiograph(plan.images / "b.png")
    model = load_model(plan.model, "cpu")
    found = boxes_from_map(explain_radiograph(radiograph, model, "gradcam", "Lung Opacity").values)
    reference = Box(50, 20, 30, 40)
    best = max((iou(box, reference) for box in found), default=0.0)
    (row,) = [
        row
        for row in table(plan.out / "per_image.csv")
        if (row["image"], row["method"]) == ("b.png", "gradcam")
    ]
    assert float(row["iou"]) == pytest.approx(best, abs=1e-5)
    score = model.predict(radiograph).scores["Lung Opacity"]
    assert float(row["score"]) == pytest.approx(score, abs=1e-5)


def test_scores_by_truth_and_group(plan: EvaluationPlan) -> None:
    from sklearn.metrics import roc_auc_score

    evaluate(plan)
    predictions = {row["image"]: row for row in table(plan.out / "predictions.csv")}
    assert list(predictions) == [f"{name}.png" for name in "abcdef"]
    rows = {(row["truth"], row["against"], row["group"]): row for row in table(plan.out / "scores.csv")}
    opacity = {name: float(row["Lung Opacity"]) for name, row in predictions.items()}
    normal = rows["rsna_class", "Normal", "all"]
    names = ["a.png", "b.png", "f.png", "c.png", "e.png"]
    expected = roc_auc_score([1, 1, 1, 0, 0], [opacity[name] for name in names])
    assert float(normal["auc"]) == pytest.approx(expected, abs=1e-5)
    assert (normal["positives"], normal["negatives"]) == ("3", "2")
    assert rows["rsna_class", "all others", "all"]["negatives"] == "3"
    assert (rows["Nodule", "0", "all"]["positives"], rows["Nodule", "0", "all"]["negatives"]) == ("2", "3")
    assert rows["rsna_class", "Normal", "view=PA"]["auc"] == ""
    assert ("rsna_class", "Normal", "view=AP") in rows


def test_the_page_stands_alone_and_says_what_it_is(plan: EvaluationPlan) -> None:
    evaluate(plan)
    page = (plan.out / "summary.html").read_text("utf-8")
    for text in (
        "Not for diagnostic use",
        "location-prior",
        "<svg",
        "Small network 1.0",
        "percentile:95",
        "bootstrap",
    ):
        assert text in page
    outside = page.replace('src="data:image/jpeg;base64,', "")
    assert not any(text in outside for text in ("http:", "https:", "src=", "<script"))


def test_resumed_work_gives_the_same_bytes_and_computes_nothing(
    plan: EvaluationPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate(plan)
    first = tables(plan.out)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a finished piece was computed again")

    with monkeypatch.context() as patched:
        patched.setattr(examination, "explain_radiograph", refuse)
        patched.setattr(examination, "read_radiograph", refuse)
        evaluate(replace(plan, resume=True))
    assert tables(plan.out) == first
    evaluate(plan)
    assert tables(plan.out) == first


def test_interrupted_work_goes_on_to_the_same_bytes(plan: EvaluationPlan, tmp_path: Path) -> None:
    whole = replace(plan, out=tmp_path / "whole")
    evaluate(whole)

    def stop(done: float) -> None:
        if done > 0.4:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        evaluate(plan, stop)
    shards = sorted((plan.out / "cache").iterdir())
    assert shards
    assert not (plan.out / "summary.csv").exists()
    shards[0].write_bytes(shards[0].read_bytes()[:20])
    evaluate(replace(plan, resume=True))
    assert tables(plan.out) == tables(whole.out)


def test_processes_give_the_same_bytes(plan: EvaluationPlan, tmp_path: Path) -> None:
    parallel = replace(plan, out=tmp_path / "parallel", workers=2)
    told: list[float] = []
    evaluate(plan)
    evaluate(parallel, told.append)
    assert tables(parallel.out) == tables(plan.out)
    assert told[:6] == pytest.approx([(place + 1) / 6 for place in range(6)])
    assert set(told[6:]) <= {1.0}


def test_a_worker_that_is_killed_changes_nothing(plan: EvaluationPlan, tmp_path: Path) -> None:
    evaluate(plan)
    parallel = replace(plan, out=tmp_path / "parallel", workers=2)
    killed: list[int] = []

    def kill(done: float) -> None:
        if not killed:
            victim = next(process for process in multiprocessing.active_children() if process.pid)
            killed.append(victim.pid or 0)
            os.kill(killed[0], signal.SIGKILL)

    evaluate(parallel, kill)
    assert killed
    assert tables(parallel.out) == tables(plan.out)


def test_a_cluster_of_two_workers_gives_the_same_bytes(plan: EvaluationPlan, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="pip install distributed")
    far = replace(plan, out=tmp_path / "far")
    evaluate(plan)
    with distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster:
        evaluate(replace(far, scheduler=cluster.scheduler_address))
    assert tables(far.out) == tables(plan.out)


def test_a_scheduler_that_does_not_answer_is_told(
    plan: EvaluationPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed", reason="pip install distributed")
    monkeypatch.setattr("cxr_desktop.cohort.cluster.CONNECT_SECONDS", 1)
    with pytest.raises(CxrError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        evaluate(replace(plan, scheduler="tcp://127.0.0.1:9"))


def test_boxes_outside_and_repeated_lines_are_listed(plan: EvaluationPlan) -> None:
    plan.index.write_text(plan.index.read_text("utf-8") + "a.png,1,PA,Lung Opacity,1\n", "utf-8")
    plan.boxes.write_text(plan.boxes.read_text("utf-8") + "b.png,Lung Opacity,500,20,30,40,RSNA\n", "utf-8")
    result = evaluate(plan)
    assert [failure.path.name for failure in result.failures] == ["index.csv", "b.png"]
    assert "a.png is listed 2 times" in result.failures[0].reason
    assert "outside the image of 96 x 96" in result.failures[1].reason
    assert sum(row["image"] == "b.png" for row in table(plan.out / "per_image.csv")) == 4


def test_boxes_that_reach_beyond_the_image_are_cut_and_lines_that_say_nothing_are_left_out(
    plan: EvaluationPlan,
) -> None:
    lines = "b.png,Lung Opacity,80,80,30,10,RSNA\nb.png,Lung Opacity,0,0,96.4,5,RSNA\nb.png,Lung Opacity,1,x,3,4,RSNA\n"
    plan.boxes.write_text(plan.boxes.read_text("utf-8") + lines, "utf-8")
    result = evaluate(plan)
    assert [(failure.path.name, failure.reason.split(";")[0]) for failure in result.failures] == [
        ("boxes.csv", "line 10, column y: 'x' is no number"),
        (
            "b.png",
            "box of 'Lung Opacity' at 80, 80, 30 x 10, reaches beyond the image of 96 x 96 pixels "
            "and was cut at its edge",
        ),
    ]
    rows = [r for r in table(plan.out / "per_image.csv") if (r["image"], r["method"]) == ("b.png", "gradcam")]
    found = {tuple(float(row[name]) for name in ("x", "y", "width", "height")) for row in rows}
    assert found == {(50, 20, 30, 40), (80, 80, 16, 10), (0, 0, 96, 5)}


def test_boxes_of_images_that_the_index_does_not_list_are_counted(
    plan: EvaluationPlan, tmp_path: Path
) -> None:
    plan.boxes.write_text(plan.boxes.read_text("utf-8") + "z.png,Lung Opacity,8,8,3,1,RSNA\n" * 2, "utf-8")
    told = " ".join(evaluate(plan).notes)
    assert "2 boxes lie on 1 image that the index does not list (z.png)" in told
    assert "two different sets" not in told
    other = tmp_path / "other.csv"
    other.write_text("image,label,x,y,width,height\nz.png,Lung Opacity,8,8,3,1\n", "utf-8")
    told = " ".join(evaluate(replace(plan, boxes=other)).notes)
    assert "No box of other.csv is of an image of index.csv, which lists a.png, b.png, c.png" in told


def test_the_next_image_is_read_while_the_network_works(
    plan: EvaluationPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, explained = threading.Event(), examination.explain_radiograph
    real = examination.read_radiograph

    def noted(path: Path) -> object:
        if path.name == "b.png":
            read.set()
        return real(path)

    def waits(*arguments: object, **options: object) -> object:
        assert read.wait(30)
        return explained(*arguments, **options)

    monkeypatch.setattr(examination, "read_radiograph", noted)
    monkeypatch.setattr(examination, "explain_radiograph", waits)
    assert not evaluate(plan).failures


def test_a_threshold_of_the_plan_is_another_piece(plan: EvaluationPlan) -> None:
    from cxr_desktop.domain import Threshold

    evaluate(plan)
    evaluate(replace(plan, resume=True, threshold=Threshold.parse("otsu")))
    thresholds = {row["threshold"] for row in table(plan.out / "per_image.csv") if row["method"] in METHODS}
    assert thresholds == {"otsu"}


def test_failures_are_named_and_the_rest_is_done(plan: EvaluationPlan) -> None:
    (plan.images / "c.png").write_bytes(b"no image at all")
    (plan.images / "e.png").unlink()
    result = evaluate(plan)
    assert [failure.path.name for failure in result.failures] == ["c.png", "e.png"]
    assert "is not in" in result.failures[1].reason
    assert result.images == 4
    assert len(table(plan.out / "predictions.csv")) == 4
    listed = table(plan.out / "problems.csv")
    assert [row["file"] for row in listed if row["file"]] == ["c.png", "e.png"]
    assert [row["reason"] for row in listed] == [*(f.reason for f in result.failures), *result.notes]
    assert any("1 box of 'Fracture'" in row["reason"] for row in listed)


def test_a_method_that_fails_leaves_the_others(plan: EvaluationPlan, monkeypatch: pytest.MonkeyPatch) -> None:
    real = examination.explain_radiograph

    def failing(
        radiograph: object, classifier: object, method: str, *rest: object, **options: object
    ) -> object:
        if method == "saliency":
            raise AttributionError("saliency has no rule here")
        return real(radiograph, classifier, method, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(examination, "explain_radiograph", failing)
    result = evaluate(plan)
    assert {failure.reason for failure in result.failures} == {"saliency: saliency has no rule here"}
    counts = {row.method: row.n for row in result.summary if row.label == "all"}
    assert (counts["gradcam"], counts["saliency"]) == (5, 0)


def test_without_boxes_that_fit_there_is_a_table_without_comparisons(plan: EvaluationPlan) -> None:
    plan.boxes.write_text("image,label,x,y,width,height\n", "utf-8")
    result = evaluate(plan)
    assert {row.n for row in result.summary} == {0}
    assert "nothing was localised" in result.notes[-1]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"methods": ("gradcam", "magic")}, AttributionError, "unknown attribution method magic"),
        ({"images": Path("absent")}, IndexFileError, "absent is no folder"),
        ({"index": Path("absent.csv")}, IndexFileError, r"absent\.csv cannot be read"),
        ({"boxes": Path("absent.csv")}, BoxFileError, r"absent\.csv cannot be read"),
        ({"model": "absent"}, ModelError, "absent"),
    ],
)
def test_a_plan_that_cannot_work_says_why(
    plan: EvaluationPlan, change: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        evaluate(replace(plan, **change))  # type: ignore[arg-type]


def test_a_folder_that_cannot_be_made(plan: EvaluationPlan) -> None:
    plan.out.write_text("in the way")
    with pytest.raises(ExportError, match="cannot be made"):
        evaluate(plan)
