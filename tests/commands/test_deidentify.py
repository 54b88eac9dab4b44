"""`deidentify`: copies, their report, and what goes wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pydicom
import pytest

from cxr_desktop.cli import main
from cxr_desktop.resources import resource


@pytest.fixture
def originals(tmp_path: Path) -> Path:
    """Two studies of one patient under names that tell."""
    folder = tmp_path / "Müller Anna"
    folder.mkdir()
    for name in ("one-current.dcm", "one-prior.dcm"):
        shutil.copy(resource("demo", "study", name), folder / f"Müller {name}")
    return folder


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert main(["deidentify", *arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_a_folder_is_copied_with_a_report(capsys, originals: Path, tmp_path: Path) -> None:
    out, report = tmp_path / "out", tmp_path / "removed.txt"
    options = [
        "--retain-dates",
        "modified",
        "--retain-patient",
        "--clean",
        "5,6,70,8",
        "--report",
        str(report),
    ]
    document = told(capsys, str(originals), "--out", str(out), *options)
    files = sorted(one.name for one in out.iterdir())
    assert files == sorted(one["file"] for one in document["files"])
    assert len(files) == 2
    assert [code["value"] for code in document["codes"]] == ["113100", "113101", "113107", "113108"]
    said = report.read_text(encoding="utf-8")
    assert "Patient's Name" in said
    assert "2  blanked" in said
    assert "Müller" not in said + " ".join(files)
    copies = [pydicom.dcmread(out / name) for name in files]
    assert len({str(copy.PatientID) for copy in copies}) == 1
    assert len({str(copy.StudyInstanceUID) for copy in copies}) == 2


def test_a_kept_key_adds_to_a_set(capsys, originals: Path, tmp_path: Path) -> None:
    first, second = sorted(originals.iterdir())
    key = tmp_path / "key"
    for place, source in enumerate((first, second)):
        told(capsys, str(source), "--out", str(tmp_path / str(place)), "--key", str(key))
    patients = {pydicom.dcmread(path).PatientID for path in tmp_path.glob("[01]/*.dcm")}
    assert len(patients) == 1
    assert key.stat().st_mode & 0o077 == 0
    told(capsys, str(first), "--out", str(tmp_path / "2"))
    assert pydicom.dcmread(next((tmp_path / "2").iterdir())).PatientID not in patients


def test_what_fails_is_named_and_the_rest_done(capsys, originals: Path, tmp_path: Path) -> None:
    broken = originals / "broken.dcm"
    broken.write_bytes(next(originals.iterdir()).read_bytes()[:3000])
    document = told(capsys, str(originals), "--out", str(tmp_path / "out"), code=1)
    assert len(document["files"]) == 2
    assert [Path(one["input"]).name for one in document["failures"]] == ["broken.dcm"]
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_no_copy_is_written_over_another_of_the_set(capsys, originals: Path, tmp_path: Path) -> None:
    first = sorted(originals.iterdir())[0]
    shutil.copy(first, originals / "again.dcm")
    other = pydicom.dcmread(first)
    other.WindowCenter = 7
    other.save_as(originals / "other.dcm")
    document = told(capsys, str(originals), "--out", str(tmp_path / "out"), code=1)
    assert len(document["files"]) == len(list((tmp_path / "out").iterdir())) == 2
    ((name, reason),) = [(Path(one["input"]).name, one["reason"]) for one in document["failures"]]
    assert name == "other.dcm"
    assert "SOP Instance UID of another image" in reason
    assert 7 not in {pydicom.dcmread(path).WindowCenter for path in (tmp_path / "out").iterdir()}


def test_rectangles_are_only_suggested(capsys, originals: Path, tmp_path: Path) -> None:
    document = told(capsys, str(originals), "--suggest")
    assert len(document["images"]) == 2
    assert all(part.replace(",", "").isdigit() for one in document["images"] for part in one["suggested"])
    assert not (tmp_path / "out").exists()


def test_wrong_usage_is_said(capsys, originals: Path, tmp_path: Path) -> None:
    assert main(["deidentify", str(originals)]) == 2
    assert "--out DIR" in capsys.readouterr().err
    for wrong in ("1,2,3", "1,2,0,4", "a,b,c,d"):
        with pytest.raises(SystemExit) as left:
            main(["deidentify", str(originals), "--out", str(tmp_path / "out"), "--clean", wrong])
        assert left.value.code == 2
    assert main(["deidentify", str(tmp_path / "nothing"), "--out", str(tmp_path / "out")]) == 1
