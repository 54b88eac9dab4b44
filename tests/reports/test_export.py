"""Files whole or not there, and what is said when they cannot be written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxr_desktop.domain.errors import ExportError
from cxr_desktop.reports import export, issue, stem_of, stems_of
from cxr_desktop.reports.json_document import JsonExporter
from cxr_desktop.reports.naming import LONGEST, sanitised


def test_files_are_named_after_the_image_and_nothing_else_is_left(make_analysis, tmp_path):
    written = export(make_analysis(), ["json", "png"], tmp_path / "new" / "folder")
    names = ["case-7.json", "case-7.gradcam.npy", "case-7.rap.npy", "case-7.png"]
    assert [path.name for path in written] == names
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == sorted(names)


def test_an_unknown_format_is_refused_before_anything_is_written(make_analysis, tmp_path):
    with pytest.raises(ExportError, match=r"unknown format 'docx'; available: pdf, .*json"):
        export(make_analysis(), ["json", "docx"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_failure_half_way_leaves_the_earlier_file_and_no_rest(make_analysis, tmp_path, monkeypatch):
    export(make_analysis(), ["json", "csv"], tmp_path)
    before = (tmp_path / "case-7.json").read_bytes()
    whole = JsonExporter.write

    def half(self, analysis, stem):
        whole(self, analysis, stem)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(JsonExporter, "write", half)
    (tmp_path / "case-7.csv").unlink()
    with pytest.raises(ExportError, match=r"case-7\.json cannot be written: the disk is full; make room"):
        export(make_analysis(scores={"Lung Opacity": 0.1}), ["json", "csv"], tmp_path)
    assert (tmp_path / "case-7.json").read_bytes() == before
    assert (tmp_path / "case-7.csv").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def wrapped(first: OSError) -> OSError:
    """As pydicom passes an error on: a new one with the traceback in its words."""
    try:
        try:
            raise first
        except OSError as error:
            raise OSError(f"With tag got exception: {error}\nTraceback (most recent call last):\n") from error
    except OSError as error:
        return error


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        wrapped(OSError(errno.ENOSPC, "No space left on device")),
        OSError("1048576 requested and 193504 written"),  # as numpy says it
    ],
)
def test_a_full_disk_is_said_however_a_library_tells_of_it(make_analysis, tmp_path, monkeypatch, error):
    def refuse(self, analysis, stem):
        raise error

    monkeypatch.setattr(JsonExporter, "write", refuse)
    with pytest.raises(ExportError) as refused:
        export(make_analysis(), ["json"], tmp_path)
    assert str(refused.value).endswith(
        "case-7.json cannot be written: the disk is full; make room or choose another disk"
    )


def test_a_full_disk_leaves_no_half_manifest(make_analysis, tmp_path, monkeypatch):
    whole = Path.write_bytes

    def half(self, data):
        if self.suffix in (".manifest", ".part"):
            whole(self, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        return whole(self, data)

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(ExportError, match=r"case-7\.manifest cannot be written: the disk is full"):
        issue(make_analysis(), ["txt"], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["case-7.txt"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the administrator may write everywhere")
def test_a_read_only_folder_is_said_with_its_cure(make_analysis, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(ExportError, match=r"no permission to write there; choose another folder"):
        export(make_analysis(), ["json"], tmp_path)


def test_a_file_in_place_of_the_folder_is_said(make_analysis, tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ExportError, match=r"in the folder .*out: a part of that path is a file"):
        export(make_analysis(), ["json"], tmp_path / "out")


@pytest.mark.parametrize(
    ("path", "stem"),
    [
        ("RG1_J2KI.dcm", "RG1_J2KI"),
        ("1.2.840.113619.7", "1.2.840.113619.7"),
        ("archive.2024.png", "archive.2024"),
        ("IM0001", "IM0001"),
        ("a b:c?.dcm", "a b_c_"),
        ("one\u2028two\t.dcm", "one_two_"),
        ("röntgen.tif", "röntgen"),
        ("con.dcm", "con_"),
        (".dcm", "dcm"),
    ],
)
def test_stem(path, stem):
    assert stem_of(Path(path)) == stem


def test_equal_names_from_different_folders_get_different_stems():
    paths = [Path(p) for p in ("a/x.dcm", "b/X.png", "c/x.dcm", "d/x-2.dcm")]
    assert stems_of(paths) == ("x", "X-2", "x-3", "x-2-2")


@pytest.mark.parametrize("letter", ["a", "ä", "山", "🫁"])
def test_long_names_that_differ_at_the_end_stay_apart_and_fit_on_a_disk(letter):
    stems = stems_of(Path(f"{letter * 125}{number}.dcm") for number in range(12))
    assert len({sanitised(stem) for stem in stems}) == 12
    assert all(sanitised(stem) == stem for stem in stems)
    assert all(len(f"{stem}.integrated_gradients.2.seg.dcm".encode()) <= 255 for stem in stems)


@given(st.text(max_size=300))
def test_any_name_becomes_a_harmless_one(name):
    safe = sanitised(name)
    assert 0 < len(safe) <= LONGEST + 1
    assert not set(safe) & set('/\\:*?"<>|\n\0')
    assert safe[0] != "."
    assert safe[-1] not in ". "


@given(st.lists(st.text("ab/.", max_size=6), max_size=8))
def test_stems_of_a_batch_never_meet(names):
    stems = stems_of(Path(name) for name in names)
    assert len({stem.casefold() for stem in stems}) == len(names)
