"""An uncaught error: told in the window, reported without a word of the patient."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cxr_desktop.domain.errors import CxrError
from cxr_desktop.ui import last_resort
from cxr_desktop.ui.crash_report import KEPT, write_report
from cxr_desktop.ui.last_resort import LastResort
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.saved_readings import SavedReadings
from cxr_desktop.ui.session import Session

PATIENT = "Doe^Jane 1.2.840.99 /home/me/Doe.dcm"


def failing() -> Exception:
    patient = PATIENT  # a local value, as a reader of files has it
    try:
        try:
            raise KeyError(patient)
        except KeyError as error:
            raise CxrError(f"{patient} cannot be read") from error
    except CxrError as error:
        return error


def test_the_report_has_kinds_and_places_and_no_value(tmp_path: Path) -> None:
    path = write_report(tmp_path / "crashes", failing())
    assert path is not None
    text = path.read_text(encoding="utf-8")
    assert "cxr_desktop.domain.errors.CxrError" in text
    assert "builtins.KeyError" in text
    assert "failing, line " in text
    for word in (*PATIENT.split(), "Doe", "Jane", str(tmp_path)):
        assert word not in text


def test_old_reports_give_way(tmp_path: Path) -> None:
    paths = [write_report(tmp_path, failing()) for _ in range(KEPT + 3)]
    assert sorted(tmp_path.iterdir()) == paths[3:]


def test_an_uncaught_error_is_told_with_its_report_and_the_hook_is_put_back(tmp_path: Path) -> None:
    told: list[str] = []
    before = sys.excepthook
    with LastResort(told.append, tmp_path, lambda: False):
        error = failing()
        sys.excepthook(type(error), error, error.__traceback__)
    (report,) = tmp_path.glob("crash-*.txt")
    assert told == [
        f"Something went wrong (CxrError); your boxes are saved. {error} A report without patient data: {report}."
    ]
    assert sys.excepthook is before


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    told: list[str] = []
    with LastResort(told.append, blocked / "crashes", lambda: True):
        error = failing()
        sys.excepthook(type(error), error, error.__traceback__)
    assert told == [f"Something went wrong (CxrError); not all boxes could be saved. {error}"]


def test_readings_know_that_something_could_not_be_kept(qtbot, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    saved = SavedReadings(tmp_path / "file" / "data", Session(), ReadingModel("A", "Nodule"))
    assert not saved.failed
    with qtbot.waitSignal(saved.told):
        saved.ask(lambda _store: None)
    assert saved.failed
    assert saved.close()


def test_every_sentence_of_it_is_translated(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(last_resort, "tr", lambda text: f"<{text}>")
    told: list[str] = []
    with LastResort(told.append, tmp_path, lambda: False):
        error = failing()
        sys.excepthook(type(error), error, error.__traceback__)
    assert re.fullmatch(r"<[^<>]+> <[^<>]+>", told[0])


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_crash_in_a_library_leaves_its_places(tmp_path: Path) -> None:
    code = (
        "import ctypes, sys; from pathlib import Path; from cxr_desktop.ui.last_resort import LastResort\n"
        "def falling(): ctypes.string_at(0)\n"
        "with LastResort(print, Path(sys.argv[1]), bool): falling()"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=root, check=False, capture_output=True
    )
    assert done.returncode != 0
    assert "in falling" in (tmp_path / "native.txt").read_text()
