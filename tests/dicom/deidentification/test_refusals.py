"""Bad input and bad disks: a clear sentence, and no half file."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest

from cxr_desktop.dicom import DicomReadError
from cxr_desktop.dicom.deidentification import deidentify
from cxr_desktop.domain.errors import ExportError

Save = Callable[..., Path]


WHEEL = Path(pydicom.__file__).parent / "data" / "test_files"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("rtplan.dcm", "RT Plan object, which holds no pixel data"),
        ("test-SR.dcm", "holds no pixel data"),
        ("MR_truncated.dcm", "truncated"),
    ],
)
def test_what_is_no_whole_image_is_refused(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(DicomReadError, match=said) as refused:
        deidentify(WHEEL / name, tmp_path / "out")
    assert name in str(refused.value)
    assert not (tmp_path / "out").exists()


def test_a_picture_without_header_is_refused(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("L", (8, 8)).save(tmp_path / "a.png")
    with pytest.raises(DicomReadError, match="no DICOM file"):
        deidentify(tmp_path / "a.png", tmp_path / "out")


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.95])
def test_a_truncated_file_leaves_nothing_behind(radiograph, save: Save, tmp_path: Path, cut: float) -> None:
    source = save(radiograph())
    source.write_bytes(source.read_bytes()[: int(source.stat().st_size * cut)])
    with pytest.raises(DicomReadError):
        deidentify(source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("code", "said"), [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "the file system is read-only")]
)
def test_a_full_or_read_only_disk_is_said_and_leaves_no_half_file(
    radiograph, save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, said: str
) -> None:
    def refuse(_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(ExportError, match=said):
        deidentify(save(radiograph()), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_that_is_a_file_is_said(radiograph, save: Save, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(ExportError, match="is a file, not a folder"):
        deidentify(save(radiograph()), tmp_path / "out")


def test_the_original_is_never_written_over(radiograph, save: Save, pseudonyms, tmp_path: Path) -> None:
    source = save(radiograph())
    copy = deidentify(source, tmp_path, pseudonyms=pseudonyms)
    named_as_its_copy = source.rename(source.parent / copy.path.name)
    before = named_as_its_copy.read_bytes()
    with pytest.raises(ExportError, match="is the original itself"):
        deidentify(named_as_its_copy, source.parent, pseudonyms=pseudonyms)
    assert named_as_its_copy.read_bytes() == before
