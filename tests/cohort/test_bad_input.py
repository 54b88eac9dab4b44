"""What is wrong with an index, its images or its boxes is counted and listed, and the rest is done."""

from __future__ import annotations

import csv
import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest

from cxr_desktop.cli import main
from cxr_desktop.cohort.evaluation import evaluate
from cxr_desktop.cohort.plan import EvaluationPlan
from cxr_desktop.domain.errors import ExportError

HEAD = "image,label,x,y,width,height,source\n"


@pytest.fixture
def plan(plan: EvaluationPlan) -> EvaluationPlan:
    return replace(plan, methods=("gradcam",), units=0, examples=0)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_lines_of_boxes_that_cannot_be_used(plan: EvaluationPlan) -> None:
    good = "a.png,Lung Opacity,10,20,30,30,RSNA\n"
    wrong = (
        "b.png,Lung Opacity,1,2,wide,4,",
        "b.png,Lung Opacity,1,2,0,4,",
        "b.png,Lung Opacity,1,2,-5,4,",
        "b.png,Lung Opacity,nan,2,3,4,",
        "b.png,Lung Opacity",
        good.strip(),
    )
    plan.boxes.write_text(HEAD + good + "\n".join(wrong) + "\n", "utf-8")
    result = evaluate(plan)
    assert [failure.path.name for failure in result.failures] == ["boxes.csv"] * 6
    told = [failure.reason for failure in result.failures]
    assert all(reason.startswith(f"line {line}") for line, reason in enumerate(told, start=3))
    assert "says the same as line 2" in told[-1]
    listed = [row["reason"] for row in table(plan.out / "problems.csv") if row["file"]]
    assert listed == told
    page = (plan.out / "summary.html").read_text("utf-8")
    assert "is not a finite number" in page
    assert "&#x27;wide&#x27; is no number" in page or "'wide' is no number" in page
    assert [row["image"] for row in table(plan.out / "per_image.csv") if row["method"] == "gradcam"] == [
        "a.png"
    ]


def test_boxes_beyond_the_image_are_cut_or_left_out(plan: EvaluationPlan) -> None:
    lines = "a.png,Lung Opacity,80,-10,30,40,\nb.png,Lung Opacity,200,2,3,4,\n"
    plan.boxes.write_text(HEAD + lines, "utf-8")
    result = evaluate(plan)
    (row,) = [row for row in table(plan.out / "per_image.csv") if row["method"] == "gradcam"]
    assert [row[name] for name in ("image", "x", "y", "width", "height")] == ["a.png", "80", "0", "16", "30"]
    cut, outside = (failure.reason for failure in result.failures)
    assert "was cut at its edge" in cut
    assert "lies outside the image of 96 x 96 pixels and was left out" in outside


def test_an_index_of_another_set_says_what_was_looked_for(plan: EvaluationPlan) -> None:
    plan.index.write_text("image\nx1.png\nx2.png\nx3.png\nx4.png\n", "utf-8")
    result = evaluate(plan)
    first = result.failures[0]
    assert first.path == plan.index
    assert "none of its 4 images is in" in first.reason
    assert (
        "looked for x1.png, x2.png, x3.png and 1 more, found a.png, b.png, c.png and 3 more" in first.reason
    )
    assert len(result.failures) == 5
    assert "two different sets?" in " ".join(result.notes)
    assert table(plan.out / "per_image.csv") == []
    assert "looked for x1.png" in (plan.out / "summary.html").read_text("utf-8")


def test_a_line_without_an_image_leaves_the_others(plan: EvaluationPlan) -> None:
    plan.index.write_text("image,view\na.png,PA\n,AP\nb.png,PA\n", "utf-8")
    result = evaluate(plan)
    assert result.images == 2
    (failure,) = result.failures
    assert failure.path == plan.index
    assert "names no image" in failure.reason


def test_boxes_of_images_that_the_index_does_not_name(plan: EvaluationPlan) -> None:
    plan.boxes.write_text(
        plan.boxes.read_text("utf-8") + "z.png,Nodule,1,2,3,4,\ny.png,Nodule,1,2,3,4,\n", "utf-8"
    )
    result = evaluate(plan)
    assert result.failures == ()
    assert any(
        "2 boxes lie on 2 images that the index does not list (y.png, z.png)" in n for n in result.notes
    )


def test_a_method_that_is_named_twice_counts_once(plan: EvaluationPlan) -> None:
    once = evaluate(plan).summary
    assert evaluate(replace(plan, methods=("gradcam", "gradcam"))).summary == once


def test_a_name_that_two_files_have_takes_neither_and_says_so(plan: EvaluationPlan) -> None:
    image = (plan.images / "a.png").read_bytes()
    (plan.images / "a.png").unlink()
    for folder in ("one", "two"):
        (plan.images / folder).mkdir()
        (plan.images / folder / "a.png").write_bytes(image)
    (failure,) = evaluate(plan).failures
    assert failure.path.name == "a.png"
    assert "the name of 2 files in images (one/a.png, two/a.png)" in failure.reason


def test_an_index_that_lists_nothing_is_a_failure(plan: EvaluationPlan) -> None:
    plan.index.write_text("image,view\n", "utf-8")
    result = evaluate(plan)
    assert [(failure.path, failure.reason.split(";")[0]) for failure in result.failures] == [
        (plan.index, "lists no image")
    ]
    assert "two different sets" not in " ".join(result.notes)


def test_reasons_do_not_tell_where_the_folder_lies(plan: EvaluationPlan) -> None:
    (plan.images / "a.png").write_bytes(b"")
    (plan.images / "b.png").unlink()
    evaluate(plan)
    for name in ("problems.csv", "summary.html"):
        text = (plan.out / name).read_text("utf-8")
        assert "the file is empty" in text
        assert "is not in images" in text
        assert str(plan.images) not in text


def test_a_reason_that_many_images_share_is_told_once_with_all_their_names(plan: EvaluationPlan) -> None:
    for name in ("a.png", "c.png"):
        (plan.images / name).write_bytes(b"")
    assert len(evaluate(plan).failures) == 2
    page = (plan.out / "summary.html").read_text("utf-8")
    assert "a.png, c.png (2 files): the file is empty" in page
    assert page.count("the file is empty") == 1
    assert [row["file"] for row in table(plan.out / "problems.csv") if row["file"]] == ["a.png", "c.png"]


def test_no_table_of_an_earlier_evaluation_stays(plan: EvaluationPlan) -> None:
    evaluate(replace(plan, parquet=True))
    assert (plan.out / "scores.csv").exists()
    plan.index.write_text("image\na.png\n", "utf-8")
    result = evaluate(plan)
    assert {path.name for path in plan.out.iterdir() if path.is_file()} == {
        path.name for path in result.files
    }


def test_files_of_others_in_the_folder_stay(plan: EvaluationPlan) -> None:
    plan.out.mkdir()
    for name in ("mine.parquet", "mine.csv", "notes.txt"):
        (plan.out / name).write_text("mine", "utf-8")
    evaluate(plan)
    assert all((plan.out / name).exists() for name in ("mine.parquet", "mine.csv", "notes.txt"))


@pytest.mark.parametrize(
    "wrong", [("--workers", "0"), ("--workers", "two"), ("--examples", "-1"), ("--units", "1.5")]
)
def test_counts_that_are_none_are_wrong_usage(
    plan: EvaluationPlan, capsys: pytest.CaptureFixture[str], wrong: tuple[str, str]
) -> None:
    given = ["evaluate", plan.index, "--images", plan.images, "--boxes", plan.boxes, "--out", plan.out]
    with pytest.raises(SystemExit) as ended:
        main([*map(str, given), *wrong])
    assert ended.value.code == 2
    assert f"{wrong[1]!r} is no whole number" in capsys.readouterr().err
    assert not plan.out.exists()


def test_the_command_names_each_and_ends_with_one(
    plan: EvaluationPlan, capsys: pytest.CaptureFixture[str]
) -> None:
    (plan.images / "c.png").write_bytes(b"no image at all")
    plan.boxes.write_text(plan.boxes.read_text("utf-8") + "b.png,Lung Opacity,1,2,x,4,\n", "utf-8")
    given = ["evaluate", plan.index, "--images", plan.images, "--boxes", plan.boxes, "--out", plan.out]
    options = [
        "--model",
        plan.model,
        "--methods",
        "gradcam",
        "--units",
        "0",
        "--examples",
        "0",
        "--device",
        "cpu",
    ]
    assert main([str(word) for word in (*given, *options)]) == 1
    told = capsys.readouterr().err
    assert "boxes.csv: line 8, column width: 'x' is no number" in told
    assert "c.png" in told
    assert "1 box of 'Fracture' fits no label of the model" in told
    assert main([str(word) for word in (*given, *options, "--boxes-format", "magic")]) == 2


def test_a_public_list_gives_the_same_tables_as_ours(plan: EvaluationPlan, data_set: Path) -> None:
    """Ours and NIH's columns of the same boxes."""
    ours = "a.png,Lung Opacity,10,20,30,30,\nb.png,Pneumonia,50,20,30,40,\n"
    plan.boxes.write_text(HEAD + ours, "utf-8")
    evaluate(plan)
    nih = data_set / "BBox_List_2017.csv"
    lines = "a.png,Lung Opacity,10,20,30,30,,,\r\nb.png,Pneumonia,50,20,30,40,,,\r\n"
    nih.write_text("Image Index,Finding Label,Bbox [x,y,w,h],,,\r\n" + lines, "utf-8-sig")
    other = replace(plan, boxes=nih, out=plan.out.with_name("nih"))
    evaluate(other)
    names = ("per_image.csv", "summary.csv", "reasons.csv", "problems.csv")
    assert [(plan.out / name).read_bytes() for name in names] == [
        (other.out / name).read_bytes() for name in names
    ]


class Full:
    """A disk that takes so many pieces and then no more, as the system tells it."""

    def __init__(self, takes: int) -> None:
        self.takes = takes
        self.write = Path.write_bytes

    def __call__(self, path: Path, data: bytes) -> int:
        self.takes -= 1
        if self.takes < 0:
            self.write(path, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.write(path, data)


@pytest.mark.parametrize("takes", [0, 7])
def test_a_full_disk_ends_the_run_and_what_was_done_is_taken_up(
    plan: EvaluationPlan, monkeypatch: pytest.MonkeyPatch, takes: int
) -> None:
    evaluate(plan)
    whole = {path.name: path.read_bytes() for path in plan.out.glob("*.*")}
    other = replace(plan, out=plan.out.with_name("other"), resume=True)
    with monkeypatch.context() as patched:
        full = Full(takes)
        patched.setattr(Path, "write_bytes", lambda path, data: full(path, data))
        with pytest.raises(ExportError, match="cannot be written: the disk is full; make room"):
            evaluate(other)
    kept = list((other.out / "cache").iterdir())
    assert len(kept) == takes
    assert all(path.suffix == ".json" for path in kept)
    evaluate(other)
    assert {path.name: path.read_bytes() for path in other.out.glob("*.*")} == whole


def test_a_disk_that_is_full_at_the_tables_leaves_those_of_before(
    plan: EvaluationPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate(plan)
    before = {path.name: path.read_bytes() for path in plan.out.glob("*.*")}
    (plan.images / "a.png").unlink()

    def no_room(path: Path, *_: object, **__: object) -> int:
        path.touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_text", no_room)
    with pytest.raises(ExportError, match=r"summary\.html cannot be written: the disk is full"):
        evaluate(plan)
    assert (plan.out / "summary.html").read_bytes() == before["summary.html"]
    assert not list(plan.out.glob(".*"))
