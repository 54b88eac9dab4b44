"""A search that is broken off goes on where it was, and is forgotten once it ends."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cxr_desktop.domain import InstanceHeader
from cxr_desktop.library import UnfinishedSearch


@pytest.fixture
def files(tmp_path):
    found = [tmp_path / f"{number}.dcm" for number in range(450)]
    for path in found:
        path.write_bytes(b"image")
    return found


def header(path):
    return InstanceHeader(
        path, patient_name=f"Müller^{path.stem}", study_uid="1.2", rows=4, columns=5, frames=3
    )


def searched(place, files, *, paths=(Path("folder"),)):
    search = UnfinishedSearch(place, paths)
    for path in files:
        search.note(header(path))
    return search


def test_what_was_found_is_known_again_whole(tmp_path, files):
    searched(tmp_path / "s.jsonl", files).break_off()
    again = UnfinishedSearch(tmp_path / "s.jsonl", [Path("folder")])
    assert [again.known(path) for path in files] == [header(path) for path in files]
    assert again.known(tmp_path / "other.dcm") is None
    again.break_off()


def test_it_is_kept_through_several_ends(tmp_path, files):
    place = tmp_path / "s.jsonl"
    searched(place, files[:100]).break_off()
    searched(place, files[100:200]).break_off()
    again = UnfinishedSearch(place, [Path("folder")])
    assert all(again.known(path) for path in files[:200])
    again.finish()
    assert not place.exists()


def test_a_file_that_changed_is_read_again(tmp_path, files):
    searched(tmp_path / "s.jsonl", files).break_off()
    files[0].write_bytes(b"another image")
    os.utime(files[1], ns=(1, 1))
    files[2].unlink()
    again = UnfinishedSearch(tmp_path / "s.jsonl", [Path("folder")])
    assert [again.known(path) is None for path in files[:4]] == [True, True, True, False]
    again.break_off()


def test_another_search_begins_anew(tmp_path, files):
    place = tmp_path / "s.jsonl"
    searched(place, files).break_off()
    other = UnfinishedSearch(place, [Path("elsewhere")])
    assert other.known(files[0]) is None
    other.break_off()
    assert "Müller" not in place.read_text(encoding="utf-8"), "nothing of the first one is left"


@pytest.mark.parametrize(
    "damage", [lambda text: text[:-40], lambda text: text[:-1] + "\n[1]\n{}\nnot json\n\x00"]
)
def test_a_torn_file_gives_what_is_whole(tmp_path, files, damage):
    place = tmp_path / "s.jsonl"
    searched(place, files[:20]).break_off()
    place.write_text(damage(place.read_text(encoding="utf-8")), encoding="utf-8")
    again = UnfinishedSearch(place, [Path("folder")])
    assert sum(again.known(path) is not None for path in files[:20]) >= 19
    again.break_off()


def test_a_place_that_cannot_be_written_is_no_failure(tmp_path, files):
    (tmp_path / "file").write_bytes(b"")
    search = searched(tmp_path / "file" / "s.jsonl", files)
    assert search.known(files[0]) is None
    search.break_off()
