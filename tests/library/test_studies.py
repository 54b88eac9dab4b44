"""The studies of the library: found again, forgotten for good, and brought over from an earlier store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cxr_desktop.domain import Box, InstanceHeader
from cxr_desktop.library import AddBox, KeptImage, ReadingStore, StoredEvent, StoreError
from cxr_desktop.library.backup import backups
from cxr_desktop.library.schema import VERSION

VERSION_1 = """
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, image_sha256 TEXT NOT NULL,
    sop_instance_uid TEXT NOT NULL, reader TEXT NOT NULL, event TEXT NOT NULL
);
CREATE INDEX events_of_reading ON events (image_sha256, reader, id);
CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_remain BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
INSERT INTO events (time, image_sha256, sop_instance_uid, reader, event) VALUES
    ('2024-01-01T10:00:00+01:00', 'i', '1.2', 'A', '{"kind":"add","box":{"x":1,"y":2,"width":3,"height":4}}');
PRAGMA user_version = 1;
"""


def header(name: str, study: str = "1.2.3", **fields: object) -> InstanceHeader:
    known = {"patient_name": "Müller^Zoë", "patient_id": "P-1", "rows": 10, "series_number": 4} | fields
    return InstanceHeader(Path(f"/images/{name}"), study_uid=study, **known)


@pytest.fixture
def store(tmp_path):
    with closing(ReadingStore(tmp_path)) as opened:
        yield opened


def test_headers_come_back_whole_with_the_study_opened_last_first(store):
    store.studies.keep([header("a.dcm"), header("b.dcm")], {Path("/images/a.dcm"): "aa"})
    store.studies.keep([header("c.png", study="")])
    found = store.studies.images()
    assert [(one.study, one.header, one.sha256) for one in found] == [
        ("/images/c.png", header("c.png", study=""), ""),
        ("1.2.3", header("a.dcm"), "aa"),
        ("1.2.3", header("b.dcm"), ""),
    ]
    store.studies.keep([header("b.dcm")], {Path("/images/b.dcm"): "bb"})
    assert [one.header.path.name for one in store.studies.images()] == ["a.dcm", "b.dcm", "c.png"]


def test_a_hash_stays_known_when_the_image_is_only_listed_again(store):
    store.studies.keep([header("a.dcm")], {Path("/images/a.dcm"): "aa"})
    store.studies.keep([header("a.dcm", view_position="AP")])
    (found,) = store.studies.images("1.2.3")
    assert (found.sha256, found.header.view_position) == ("aa", "AP")


def test_a_forgotten_study_leaves_no_name_on_disk(tmp_path):
    with closing(ReadingStore(tmp_path)) as store:
        store.studies.keep([header(f"{n}.dcm", patient_name="Unmistakable^Name") for n in range(40)])
        store.studies.keep([header("z.dcm", study="9.9")])
        assert store.studies.forget("1.2.3") == 40
        assert [one.study for one in store.studies.images()] == ["9.9"]
        assert store.studies.forget("1.2.3") == 0
        held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"Unmistakable" not in held
    assert "Müller".encode() in held


def test_a_header_of_a_newer_program_is_read_without_what_is_unknown(store, tmp_path):
    store.studies.keep([header("a.dcm")])
    with closing(sqlite3.connect(store.path)) as other, other:
        other.execute("""UPDATE images SET header = replace(header, '{', '{"mood": "good", ')""")
    assert store.studies.images()[0].header == header("a.dcm")
    with closing(sqlite3.connect(store.path)) as other, other:
        other.execute("UPDATE images SET header = 'rubbish'")
    with pytest.raises(StoreError, match="cannot be read back"):
        store.studies.images()


def test_a_store_of_version_1_is_copied_first_and_keeps_its_readings(tmp_path):
    path = tmp_path / "readings.sqlite3"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(VERSION_1)
    with closing(ReadingStore(tmp_path)) as store:
        assert store.set_aside is None
        assert store.history("i", "A").present.boxes == (Box(1, 2, 3, 4),)
        store.append(StoredEvent("i", "A", AddBox(Box(5, 6, 7, 8))))
        store.studies.keep([header("a.dcm")])
        assert store.trail.entries() == ()
        assert store.is_sound()
    with closing(sqlite3.connect(path)) as new:
        assert new.execute("PRAGMA user_version").fetchone() == (VERSION,)
        with pytest.raises(sqlite3.IntegrityError, match="never deleted"):
            new.execute("DELETE FROM events")
    (kept,) = backups(path)
    with closing(sqlite3.connect(kept)) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (1,)
        assert copy.execute("SELECT count(*) FROM events").fetchone() == (1,)
        assert (
            copy.execute("SELECT name FROM sqlite_master WHERE name IN ('images', 'trail')").fetchall() == []
        )


def test_readings_of_an_earlier_store_keep_their_order_and_get_names_that_are_the_same_everywhere(tmp_path):
    more = "".join(
        f"INSERT INTO events (time, image_sha256, sop_instance_uid, reader, event) VALUES "
        f"""('t', 'i', '1.2', '{"AB"[n % 2]}', '{{"kind":"add","box":{{"x":{n},"y":2,"width":3,"height":4}}}}');"""
        for n in range(6)
    )
    held = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        with closing(sqlite3.connect(tmp_path / name / "readings.sqlite3")) as old:
            old.executescript(VERSION_1 + more)
        with closing(ReadingStore(tmp_path / name)) as store:
            assert [event.box.x for event in store.events("i", "A")] == [1, 0, 2, 4]
            assert [event.box.x for event in store.events("i", "B")] == [1, 3, 5]
            held.append(store.chain("i", "A"))
    assert held[0] == held[1]


def test_a_new_store_is_not_copied(tmp_path):
    for _ in range(2):
        ReadingStore(tmp_path).close()
    assert backups(tmp_path / "readings.sqlite3") == []


def test_two_programs_may_bring_the_same_store_up(tmp_path):
    with closing(sqlite3.connect(tmp_path / "readings.sqlite3")) as old:
        old.executescript(VERSION_1)
    one, two = ReadingStore(tmp_path), ReadingStore(tmp_path)
    assert len(backups(one.path)) == 1
    one.studies.keep([header("a.dcm")])
    assert [type(found) for found in two.studies.images()] == [KeptImage]
    one.close()
    two.close()
