"""The command line as other programs rely on it: documents, files, exit codes, sentences."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image

from cxr_desktop.cli import main
from cxr_desktop.commands.console import Console
from cxr_desktop.resources import resource

ONE = resource("demo", "study", "two.dcm")


def test_analyze_writes_what_others_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    boxes = tmp_path / "boxes.csv"
    boxes.write_text("image,label,x,y,width,height,source\ntwo.dcm,Pneumonia,100,200,300,250,me\n")
    arguments = [
        "analyze",
        str(ONE),
        "--out",
        str(tmp_path / "out"),
        "--method",
        "gradcam,rap",
        "--boxes",
        str(boxes),
    ]
    assert main([*arguments, "--formats", "json,pdf,png", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["failures"] == []
    document = json.loads((tmp_path / "out" / "two.json").read_text())
    assert document["image"]["rows"] == 1024
    assert document["model"]["name"] == "demo"
    assert set(document["scores"]) == {"Lung Opacity"}
    assert [entry["method"] for entry in document["attributions"]] == ["gradcam", "rap"]
    for entry in document["attributions"]:
        values = np.load(tmp_path / "out" / entry["map"])
        assert values.shape == (1024, 1024)
        assert values.dtype == np.float32
    assert {entry["method"] for entry in document["localization"]} == {"gradcam", "rap"}
    assert all(entry["label"] == "Pneumonia" and 0 <= entry["iou"] <= 1 for entry in document["localization"])
    assert (tmp_path / "out" / "two.pdf").read_bytes().startswith(b"%PDF")


def test_bad_inputs_are_named_and_the_others_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "notes.dcm"
    text.write_text("not an image")
    cut = tmp_path / "cut.dcm"
    cut.write_bytes(ONE.read_bytes()[:20000])
    photo = tmp_path / "photo.png"
    random = np.random.default_rng(0)
    Image.fromarray(random.integers(0, 255, (600, 600, 3), dtype=np.uint8)).save(photo)
    missing = tmp_path / "missing.dcm"
    paths = [str(p) for p in (text, cut, photo, missing, ONE)]
    out = tmp_path / "out"
    assert main(["analyze", *paths, "--out", str(out), "--method", "gradcam", "--formats", "json"]) == 1
    said = capsys.readouterr().err
    for path in (text, cut, photo, missing):
        assert str(path) in said
    assert [p.name for p in out.glob("*.json")] == ["two.json"]


def test_a_refused_image_can_be_overridden_and_says_so(tmp_path: Path) -> None:
    noise = tmp_path / "noise.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (600, 600), dtype=np.uint8)).save(noise)
    arguments = ["analyze", str(noise), "--out", str(tmp_path), "--method", "gradcam", "--formats", "json"]
    assert main(arguments) == 1
    assert not (tmp_path / "noise.json").exists()
    assert main([*arguments, "--override-input-check"]) == 0
    assert "refuse" in (tmp_path / "noise.json").read_text()


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (["--model", "nowhere"], "nowhere"),
        (["--device", "cuda:7"], "cuda"),
    ],
)
def test_wrong_choices_fail_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], extra: list[str], words: str
) -> None:
    assert main(["analyze", str(ONE), "--out", str(tmp_path), *extra]) == 1
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (["--method", "magic"], "unknown method"),
        (["--method", ","], "unknown method"),
        (["--formats", "docx"], "docx"),
        (["--formats", ""], "unknown format"),
        (["--target", "Fracture"], "Lung Opacity"),
    ],
)
def test_choices_that_do_not_exist_are_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], extra: list[str], words: str
) -> None:
    assert main(["analyze", str(ONE), "--out", str(tmp_path), *extra]) == 2
    assert words in capsys.readouterr().err


def test_nothing_is_computed_for_a_folder_that_cannot_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "cxr_desktop.cohort.case.analyze_file", lambda *_: pytest.fail("an image was analysed")
    )
    (tmp_path / "file").touch()
    assert main(["analyze", str(ONE), "--out", str(tmp_path / "file" / "out")]) == 1
    assert "a part of that path is a file, not a folder; choose another" in capsys.readouterr().err


def test_a_folder_without_images_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert f"{tmp_path}: no image is in there" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--json", "list"], ["list", "--json"], ["--json"]])
def test_nodes_are_listed_as_json_wherever_that_is_said(tmp_path, monkeypatch, capsys, arguments):
    monkeypatch.setenv("CXR_DESKTOP_DATA", str(tmp_path))
    assert main(["nodes", *arguments]) == 0
    assert json.loads(capsys.readouterr().out)["nodes"] == []


def test_wrong_usage_exits_with_two(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["analyze"])
    assert stopped.value.code == 2
    assert main(["analyze", str(ONE), "--out", str(tmp_path), "--threshold", "half"]) == 2


def test_listings_and_doctor_print_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["methods", "--json"]) == 0
    assert {"rap", "rsp", "epsilon_plus"} <= set(json.loads(capsys.readouterr().out))
    assert main(["models", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["name"] == "demo"
    assert main(["doctor", "--json"]) == 0
    assert all(check["name"] for check in json.loads(capsys.readouterr().out))


@pytest.mark.skipif(os.name != "posix", reason="POSIX pipes")
@pytest.mark.parametrize("redirected", ["| head -c 1 >/dev/null", ">&-"])
def test_a_reader_that_leaves_early_gets_no_traceback(redirected: str) -> None:
    command = f"'{sys.executable}' -m cxr_desktop methods --json {redirected}"
    ended = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.skipif(os.name != "posix", reason="POSIX pipes")
@pytest.mark.parametrize("closed", ["2>&-", "2> >(true)", "2>/dev/full"])
def test_work_goes_on_where_nobody_hears_of_failures(tmp_path: Path, closed: str) -> None:
    gone = " ".join(f"{tmp_path}/gone-{number}.dcm" for number in range(40))
    command = f"sleep 0.2; '{sys.executable}' -m cxr_desktop library --json --add {gone} '{ONE}' {closed}"
    environment = os.environ | {"CXR_DESKTOP_DATA": str(tmp_path / "data")}
    ended = subprocess.run(["bash", "-c", command], stdout=subprocess.PIPE, env=environment, check=False)
    assert ended.returncode == 1
    assert [image["path"] for study in json.loads(ended.stdout) for image in study["images"]] == [str(ONE)]


@pytest.mark.skipif(os.name != "posix", reason="POSIX pipes")
@pytest.mark.parametrize(("redirected", "code"), [("| true", 0), (">/dev/full", 1)])
def test_tables_that_nobody_reads_are_no_traceback(tmp_path: Path, redirected: str, code: int) -> None:
    boxes = tmp_path / "boxes.csv"
    boxes.write_text("image,label,x,y,width,height,reader\na,x,1,1,5,5,A\na,x,1,1,6,5,B\n")
    command = f"'{sys.executable}' -m cxr_desktop agree '{boxes}' --out '{tmp_path}/out' {redirected}"
    ended = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, "Traceback" in ended.stderr) == (code, False)


@pytest.mark.parametrize("threshold", ["absolute:nan", "absolute:inf", "relative:nan", "percentile:101"])
def test_a_threshold_that_is_no_number_is_wrong_usage(tmp_path: Path, capsys, threshold: str) -> None:
    assert main(["analyze", str(ONE), "--out", str(tmp_path / "out"), "--threshold", threshold]) == 2
    assert threshold in capsys.readouterr().err


def test_what_failed_is_named_once(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console()
    console.fail("/a/b.dcm", "/a/b.dcm: the file is empty.")
    assert capsys.readouterr().err == "cxr-desktop: /a/b.dcm: the file is empty.\n"
    assert console.failures == [("/a/b.dcm", "the file is empty.")]


def test_a_document_is_json_whatever_the_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    Console(as_json=True).document({"auc": float("nan"), "deep": [(1.5, float("-inf"))], "name": "x"})
    printed = capsys.readouterr().out
    assert json.loads(printed, parse_constant=pytest.fail) == {
        "auc": None,
        "deep": [[1.5, None]],
        "name": "x",
    }


def test_what_a_terminal_cannot_show_is_written_as_its_code(tmp_path: Path) -> None:
    named = pydicom.dcmread(ONE)
    named.SpecificCharacterSet, named.PatientID = "ISO_IR 192", "山田"
    named.save_as(tmp_path / "山.dcm")
    environment = os.environ | {"CXR_DESKTOP_DATA": str(tmp_path / "data"), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "cxr_desktop", "library", "--add", str(tmp_path / "山.dcm")]
    ended = subprocess.run(command, capture_output=True, env=environment, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "\\u5c71\\u7530  " in ended.stdout
    assert "\\u5c71.dcm" in ended.stdout


def test_a_frame_of_several_is_chosen_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = pydicom.dcmread(ONE)
    first.decompress()
    pixels = first.pixel_array
    first.PixelData = np.stack([pixels, pixels[:, ::-1]]).tobytes()
    first.NumberOfFrames = 2
    cine = tmp_path / "cine.dcm"
    first.save_as(cine)
    scores = {}
    for frame, extra in ((1, []), (2, ["--frame", "2"])):
        out = tmp_path / f"out{frame}"
        arguments = ["analyze", str(cine), "--out", str(out), "--method", "gradcam", "--formats", "json"]
        assert main([*arguments, "--json", *extra]) == 0
        printed = json.loads(capsys.readouterr().out)["results"][0]
        assert printed["frame"] == frame
        document = json.loads((out / "cine.json").read_text())
        assert document["image"]["frame"] == frame
        scores[frame] = document["scores"]["Lung Opacity"]
    assert scores[1] != scores[2]
    arguments = ["analyze", str(cine), "--out", str(tmp_path / "no"), "--formats", "json"]
    assert main([*arguments, "--frame", "3"]) == 1
    assert "there is no frame 3; the file holds 2" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stop:
        main([*arguments, "--frame", "0"])
    assert stop.value.code == 2


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_a_command_that_is_told_to_end_leaves_nothing_half_done(tmp_path: Path) -> None:
    out, scratch = tmp_path / "out", tmp_path / "scratch"
    scratch.mkdir()
    command = [
        sys.executable,
        "-m",
        "cxr_desktop",
        "analyze",
        "--out",
        str(out),
        "--method",
        "gradcam",
        "--formats",
        "json",
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, "TMPDIR": str(scratch)}
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline()  # the first image is done, others follow
        running.terminate()
    assert running.returncode == 143
    assert not list(out.glob(".cxr-export-*"))
    assert not list(scratch.glob("cxr-desktop-*"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's full device")
@pytest.mark.parametrize("command", [["methods"], ["models", "--json"], ["methods", "--json"]])
def test_an_output_that_is_full_is_told_in_a_sentence(command):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "cxr_desktop", *command], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "cxr-desktop: the output cannot be written (No space left on device); free space or choose another file"
    ]


def test_analyze_names_lines_of_boxes_that_it_cannot_use(tmp_path, capsys):
    boxes = tmp_path / "boxes.csv"
    boxes.write_text(
        "image,label,x,y,width,height\ntwo.dcm,Pneumonia,100,200,300,250\ntwo.dcm,Pneumonia,1,2,x,4\n"
    )
    given = [
        "analyze",
        ONE,
        "--out",
        tmp_path / "out",
        "--boxes",
        boxes,
        "--method",
        "gradcam",
        "--formats",
        "json",
    ]
    assert main([str(word) for word in given]) == 1
    assert "line 3, column width: 'x' is no number" in capsys.readouterr().err
    (written,) = (tmp_path / "out").glob("two.json")
    assert len(json.loads(written.read_text())["localization"]) == 1
    assert main([*map(str, given), "--boxes-format", "magic"]) == 2
    assert "none of csv, nih" in capsys.readouterr().err


def test_stopped_while_a_command_is_loaded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cxr_desktop.cli.import_module", interrupted)
    assert main(["evaluate", "index.csv"]) == 130
    assert capsys.readouterr().err == "cxr-desktop: stopped; what was finished is kept\n"
