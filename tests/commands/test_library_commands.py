"""`library`, `export` and `audit`: from a study opened earlier to a report that the trail vouches for."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cxr_desktop.cli import main
from cxr_desktop.domain import Box, StudyFinding
from cxr_desktop.library import AddBox, Commit, Override, ReadingStore, StateFinding, StoredEvent
from cxr_desktop.resources import resource


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CXR_DESKTOP_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return Path(shutil.copy(resource("demo", "study", "two.dcm"), tmp_path / "two.dcm"))


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert main([*arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_a_study_is_added_exported_with_its_readings_and_recorded(capsys, image, data, tmp_path):
    (study,) = told(capsys, "library", "--add", str(image))
    uid = study["study_uid"]
    assert (study["patient_id"], study["images"][0]["available"]) == ("DEMO-2", True)
    drawn = Box(100, 120, 300, 200, "Lung Opacity", source="Dr. A")
    out = tmp_path / "out"
    first = ["export", uid, "--out", str(out), "--method", "gradcam", "--formats", "json", "--device", "cpu"]
    document = told(capsys, *first)
    assert document["failures"] == []
    report = json.loads((out / "two.json").read_text())
    assert report["readings"] == []
    with closing(ReadingStore(data)) as store:
        store.append(StoredEvent(report["image"]["sha256"], "Dr. A", AddBox(drawn)))
    told(capsys, *first)
    report = json.loads((out / "two.json").read_text())
    assert [reading["reader"] for reading in report["readings"]] == ["Dr. A"]
    assert report["localization"][0]["box"]["x"] == 100
    verified = told(capsys, "verify", str(out / "two.json"), "--hashes-only")
    checks = {check["subject"]: check for check in verified["checks"]}
    assert checks["audit trail"]["verdict"] == "same"
    assert checks["audit trail"]["detail"].startswith("entry 2 of 2")
    audited = told(capsys, "audit", "--out", str(tmp_path / "trail.jsonl"))
    assert (audited["entries"], audited["whole"]) == (2, True)
    exported = (tmp_path / "trail.jsonl").read_bytes()
    assert b"Demo" not in exported
    assert told(capsys, "audit", "--check", str(tmp_path / "trail.jsonl"))["head"] == audited["head"]
    (tmp_path / "trail.jsonl").write_bytes(exported.replace(b'"number": 2', b'"number": 3'))
    assert told(capsys, "audit", "--check", str(tmp_path / "trail.jsonl"), code=1)["problems"] != []


def test_readings_without_a_box_are_exported_too(capsys, image, data, tmp_path):
    (study,) = told(capsys, "library", "--add", str(image))
    sha256 = hashlib.sha256(image.read_bytes()).hexdigest()
    happened = {
        "normal": (Commit(),),
        "whole study": (StateFinding(StudyFinding("Pleural Effusion")),),
        "undecided": (Override(("blank",)),),
    }
    with closing(ReadingStore(data)) as store:
        for reader, events in happened.items():
            for event in events:
                store.append(StoredEvent(sha256, reader, event))
    out = tmp_path / "out"
    told(
        capsys,
        "export",
        study["study_uid"],
        "--out",
        str(out),
        "--method",
        "gradcam",
        "--formats",
        "json,txt",
    )
    report = json.loads((out / "two.json").read_text())
    assert [one["reader"] for one in report["readings"]] == ["normal", "whole study"]
    assert report["readings"][0]["state"] == "committed"
    assert report["readings"][1]["study_findings"][0]["label"] == "Pleural Effusion"


def test_readings_of_further_frames_are_told_of(capsys, image, data, tmp_path):
    (study,) = told(capsys, "library", "--add", str(image))
    sha256 = hashlib.sha256(image.read_bytes()).hexdigest()
    with closing(ReadingStore(data)) as store:
        store.append(StoredEvent(f"{sha256}#frame3", "Dr. A", Commit()))
    arguments = ["export", study["study_uid"], "--out", str(tmp_path / "out"), "--method", "gradcam"]
    assert main([*arguments, "--formats", "json"]) == 0
    assert "frame 3 was read, too; this report is of the first alone" in capsys.readouterr().err


def test_a_file_that_is_gone_or_changed_is_said(capsys, image, data, tmp_path):
    (study,) = told(capsys, "library", "--add", str(image))
    arguments = ["export", study["study_uid"], "--out", str(tmp_path / "out"), "--method", "gradcam"]
    with closing(ReadingStore(data)) as store:
        (kept,) = store.studies.images()
        store.studies.keep([kept.header], {kept.header.path: "0" * 64})
    (failure,) = told(capsys, *arguments, code=1)["failures"]
    assert "has changed since it was opened" in failure["reason"]
    image.unlink()
    (failure,) = told(capsys, *arguments, code=1)["failures"]
    assert "not there any more" in failure["reason"]
    assert told(capsys, "library")[0]["images"][0]["available"] is False


def test_a_study_is_forgotten(capsys, image):
    (study,) = told(capsys, "library", "--add", str(image))
    assert told(capsys, "library", "--forget", study["study_uid"]) == []
    assert main(["library", "--forget", study["study_uid"]]) == 1
    assert "nothing was removed" in capsys.readouterr().err


def test_a_damaged_store_is_told_of(capsys, image, data):
    told(capsys, "library", "--add", str(image))
    (data / "readings.sqlite3").write_bytes(b"no store" * 1000)
    assert told(capsys, "library") == []
    assert main(["library"]) == 0
    assert "damaged" not in capsys.readouterr().err
    (data / "readings.sqlite3").write_bytes(b"no store" * 1000)
    assert main(["library"]) == 0
    (kept, *_) = sorted(data.glob("readings.sqlite3.damaged-*"), reverse=True)
    assert f"was damaged and is kept as {kept}" in capsys.readouterr().err


def test_a_store_of_a_newer_version_says_to_update(capsys, data):
    data.mkdir()
    with closing(sqlite3.connect(data / "readings.sqlite3")) as store:
        store.execute("PRAGMA user_version = 99")
    assert main(["library"]) == 1
    assert "newer version of CXR Desktop and stay as they are; update" in capsys.readouterr().err


def test_no_study_is_not_every_study(capsys, image, tmp_path):
    told(capsys, "library", "--add", str(image))
    assert main(["export", "", "--out", str(tmp_path / "out")]) == 1
    assert "no study ''" in capsys.readouterr().err


def test_an_unknown_study_and_a_file_that_is_no_image_are_sentences(capsys, tmp_path):
    assert main(["export", "1.2.3", "--out", str(tmp_path)]) == 1
    assert "cxr-desktop library --add PATH" in capsys.readouterr().err
    (tmp_path / "a.txt").write_text("x")
    assert main(["library", "--add", str(tmp_path / "a.txt")]) == 1
    assert "a.txt" in capsys.readouterr().err


def test_analyze_leaves_no_trace_in_the_library(capsys, image, data, tmp_path):
    arguments = ["analyze", str(image), "--out", str(tmp_path / "out"), "--method", "gradcam"]
    assert main([*arguments, "--formats", "json"]) == 0
    assert not data.exists()
