"""Boxes of files as readings of the library."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from cxr_desktop.domain import Box, InstanceHeader
from cxr_desktop.library import AddBox, ReadingStore, StoredEvent
from cxr_desktop.library.importing import found_readings, import_readings
from cxr_desktop.library.reader_table import read_images, reader_boxes
from cxr_desktop.localization import BoxTable

ONE, TWO = Box(1, 2, 3, 4, "Mass", source="NIH"), Box(5, 6, 7, 8, "Mass", source="RSNA")


@pytest.fixture
def headers(tmp_path):
    paths = [tmp_path / "a.png", tmp_path / "b.png", tmp_path / "c.png"]
    for number, path in enumerate(paths):
        path.write_bytes(b"image %d" % number)
    return [
        InstanceHeader(path, sop_instance_uid=f"1.{n}", rows=9, columns=8) for n, path in enumerate(paths)
    ]


def test_each_reader_of_a_file_becomes_one_and_twice_is_once(tmp_path, headers):
    unnamed = Box(0, 0, 1, 1, "Mass")
    tables = {
        Path("groups.csv"): BoxTable(
            {"a.png": [ONE, TWO], "1.1": [TWO]}, {"b": ["NIH"], "gone.png": ["NIH"]}
        ),
        Path("chen.csv"): BoxTable({"a": [unnamed]}),
    }
    found = found_readings(tables, headers)
    with closing(ReadingStore(tmp_path / "data")) as store:
        done = import_readings(store, found)
        assert (done.readings, done.new, done.readers) == (5, 9, ("NIH", "RSNA", "chen"))
        assert import_readings(store, found).new == 0
        images = read_images(store)
        assert all(h.committed for image in images for h in image.readings.values())
        assert reader_boxes(images) == {
            "a.png": {"NIH": (ONE,), "RSNA": (TWO,), "chen": (Box(0, 0, 1, 1, "Mass", source="chen"),)},
            "b.png": {"NIH": (), "RSNA": (TWO,)},
        }


def test_files_of_one_name_and_readings_in_two_versions_are_told_apart(tmp_path, headers):
    with closing(ReadingStore(tmp_path / "data")) as store:
        import_readings(store, found_readings({Path("x.csv"): BoxTable({"a.png": [ONE]})}, headers))
        sha256 = store.images()[0]
        store.merge([StoredEvent(sha256, "NIH", AddBox(TWO), "", "t", "other")])
        store.append(StoredEvent("f" * 64, "NIH", AddBox(ONE)))
        boxes = reader_boxes(read_images(store))
        assert boxes["a.png"] == {"NIH": (ONE,), "NIH (2)": (TWO,)}
        assert boxes["f" * 12] == {"NIH": (ONE,)}
