"""Files are there whole or as they were."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cxr_desktop.domain.errors import ExportError
from cxr_desktop.domain.whole_file import replaced, write_text, write_through, written_whole


def half_written(path: Path) -> None:
    path.write_text("half")
    raise KeyboardInterrupt


def test_a_block_that_fails_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.txt", "before")
    with pytest.raises(KeyboardInterrupt), replaced(path) as staged:
        half_written(staged)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_two_at_one_file_are_not_in_each_others_way(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with replaced(path) as first, replaced(path) as second:
        first.write_text("first")
        second.write_text("second")
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_what_the_system_says_comes_with_its_cure(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ExportError, match=r"a\.txt cannot be written: a part of that path is a file"):
        write_text(tmp_path / "file" / "a.txt", "text")
    with (
        pytest.raises(ExportError, match="No such file"),
        written_whole(tmp_path / "none" / "a.txt") as staged,
    ):
        staged.touch()


def test_what_is_written_through_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, there, sync = tmp_path / "a", list[bool](), os.fsync

    def watched(descriptor: int) -> None:
        there.append(path.exists())
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    write_through(path, b"content")
    assert there == [False]
    assert path.read_bytes() == b"content"
