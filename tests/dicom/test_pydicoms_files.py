"""Every file that pydicom tests itself with, and every real one at hand, is shown or refused with a reason."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pydicom
import pytest

from cxr_desktop.dicom import DicomReadError, find_instances, read_radiograph

PLACES = {
    "pydicom": Path(pydicom.__file__).parent / "data",
    "pydicom-data": Path(found.origin).parent
    if (found := find_spec("data_store")) and found.origin
    else None,
    "shared": Path(__file__).parents[3] / "shared" / "data" / "dicom",
}
# pydicom decodes neither of them.
TOO_DAMAGED = ("JPEG2000-embedded-sequence-delimiter.dcm", "MR_truncated.dcm")


def files(place: str) -> list[Path]:
    folder = PLACES[place]
    if folder is None or not folder.is_dir():
        pytest.skip(f"{place} is absent")
    return [
        path for path in sorted(folder.rglob("*")) if path.is_file() and not path.suffix.startswith(".py")
    ]


@pytest.mark.parametrize("place", PLACES)
def test_files_are_shown_or_refused_with_a_reason(place):
    shown, refused = 0, []
    for path in files(place):
        try:
            radiograph = read_radiograph(path)
        except DicomReadError as error:
            refused.append((path, str(error)))
            continue
        gray = radiograph.display()
        assert gray.dtype == np.uint8
        assert gray.shape == (radiograph.rows, radiograph.columns) == radiograph.pixels.shape
        assert radiograph.pixels.min() == radiograph.pixels.max() or np.ptp(gray) > 0, f"{path.name} is blank"
        shown += 1
    assert shown > 0
    for path, sentence in refused:
        assert_reason(sentence, path)
        assert path.name in TOO_DAMAGED or not has_an_image(path), sentence


@pytest.mark.parametrize("place", PLACES)
def test_folders_of_them_are_listed_without_a_stop(place, tmp_path):
    found = list(find_instances(files(place), unpack=tmp_path))
    assert {item.path for item in found if item.path.suffix == ".dcm"} >= {
        path for path in files(place) if path.suffix == ".dcm"
    }


def has_an_image(path: Path) -> bool:
    dataset = pydicom.dcmread(path, force=True) if path.suffix == ".dcm" else pydicom.Dataset()
    return "PixelData" in dataset and "BitsAllocated" in dataset


def assert_reason(sentence: str, path: Path) -> None:
    """The file, then what is wrong with it, then what to do: two sentences in words."""
    assert sentence.startswith(f"{path}: ")
    reason = sentence.removeprefix(f"{path}: ")
    assert re.fullmatch(r"[a-z0-9].+?[.;)] .+\.", reason), sentence
    assert not re.search(r"Traceback|Exception|<.*object at|None", reason), sentence
