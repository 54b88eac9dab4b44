"""Maps on disk: equal when they come back, never another's, never in the way."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cxr_desktop.domain import AttributionMap, InstanceHeader, ModelIdentity
from cxr_desktop.library import ReadingStore
from cxr_desktop.library.kept_maps import FOLDER, KeptMaps, MapKey

MODEL = ModelIdentity("small", "1.0", "ab" * 32)
KEY = MapKey("12" * 32, MODEL, "rap", "Lung Opacity", "cpu", ("0.1", "2.9"))


def made(seed: int = 0, size: int = 40) -> AttributionMap:
    values = np.random.default_rng(seed).normal(size=(size, 30)).astype(np.float32)
    values.flags.writeable = False
    options = {"residual": "magnitude", "hostile": (), "epsilon": 1e-6, "baseline": None}
    return AttributionMap(values, "rap", "Lung Opacity", MODEL, options, 1.25, 1e-7, ("a note",), "cpu")


def test_a_map_comes_back_as_it_was(tmp_path: Path) -> None:
    maps, found = KeptMaps(tmp_path), made()
    assert maps.load(KEY) is None
    maps.keep(KEY, found)
    back = KeptMaps(tmp_path).load(KEY)
    assert back is not None
    assert np.array_equal(back.values, found.values)
    assert not back.values.flags.writeable
    for name in ("method", "target", "model", "parameters", "start", "gap", "notes", "device"):
        assert getattr(back, name) == getattr(found, name)


@pytest.mark.parametrize(
    "change",
    [
        {"image": "12" * 32 + "#frame2"},
        {"model": replace(MODEL, weights_sha256="cd" * 32)},
        {"method": "rsp"},
        {"target": "Nodule"},
        {"device": "cuda:0"},
        {"versions": ("0.2", "2.9")},
        {"parameters": {"residual": "signed"}},
    ],
)
def test_another_question_is_not_answered(tmp_path: Path, change: dict[str, object]) -> None:
    maps = KeptMaps(tmp_path)
    maps.keep(KEY, made())
    assert maps.load(replace(KEY, **change)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("cut", [0, 10, 3000])
def test_a_damaged_file_is_as_if_it_were_not_there(tmp_path: Path, cut: int) -> None:
    maps = KeptMaps(tmp_path)
    maps.keep(KEY, made())
    path = tmp_path / FOLDER / KEY.file_name
    path.write_bytes(path.read_bytes()[:cut])
    assert maps.load(KEY) is None
    assert not path.exists()


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    maps = KeptMaps(tmp_path, largest_bytes=14_000)
    keys = [replace(KEY, image=f"{place}" * 64) for place in range(4)]
    for place, key in enumerate(keys[:2]):
        maps.keep(key, made(place))
        os.utime(tmp_path / FOLDER / key.file_name, (1000 + place, 1000 + place))
    assert maps.load(keys[0]) is not None  # used again: the second is now the oldest
    maps.keep(keys[2], made(2))
    assert [maps.load(key) is not None for key in keys] == [True, False, True, False]


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("in the way")
    maps = KeptMaps(tmp_path)
    maps.keep(KEY, made())
    assert maps.load(KEY) is None


def test_a_forgotten_study_takes_its_maps_along(tmp_path: Path) -> None:
    maps = KeptMaps(tmp_path)
    other = replace(KEY, image="34" * 32)
    for key in (KEY, replace(KEY, image=KEY.image + "#frame3"), other):
        maps.keep(key, made())
    header = InstanceHeader(path=tmp_path / "a.dcm", study_uid="1.2.3")
    store = ReadingStore(tmp_path)
    store.studies.keep([header], {header.path: KEY.image})
    store.studies.forget("1.2.3")
    store.close()
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == [other.file_name]
