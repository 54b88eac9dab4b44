"""Where nothing can be kept, or a library is damaged: said in words with the cure."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QMessageBox, QWidget

from cxr_desktop.app import warn
from cxr_desktop.ui import hindrances
from cxr_desktop.ui.hindrances import reason, saving_problem


def test_a_folder_that_can_be_written_is_no_problem_and_is_left_empty(tmp_path: Path) -> None:
    assert saving_problem(tmp_path / "new" / "data") == ""
    assert list((tmp_path / "new" / "data").iterdir()) == []


def test_what_cannot_be_written_is_named_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = saving_problem(tmp_path / "file" / "data")
    assert str(tmp_path / "file" / "data") in said
    assert "Not a directory" in said
    assert "CXR_DESKTOP_DATA" in said


@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC, errno.EACCES])
def test_the_systems_reason_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(hindrances.tempfile, "TemporaryFile", refused)
    assert os.strerror(number) in saving_problem(tmp_path)


def test_a_damaged_library_is_told_with_the_cure_and_other_errors_as_they_are() -> None:
    for error in (
        ImportError("libtorch_cpu.so: cannot open shared object file: No such file or directory"),
        OSError("libc10.so: invalid ELF header"),
    ):
        assert str(error) in reason(error)
        assert "Install CXR Desktop again" in reason(error)
    missing = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "/home/me/a.dcm")
    assert reason(missing) == str(missing)
    assert reason(ValueError("no")) == "no"


def test_the_warning_waits_to_be_read_and_keeps_nobody_from_working(qtbot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    warn(window, "Nothing can be kept on this computer")
    box = window.findChild(QMessageBox, "warning")
    assert box.isVisible()
    assert not box.isModal()
    assert box.text() == "Nothing can be kept on this computer"
    button = box.findChild(QDialogButtonBox).buttons()[0]
    with qtbot.waitSignal(box.destroyed):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
