"""The audit trail: chained, append-only, and telling of every change."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing

import numpy as np
import pytest

from cxr_desktop.library import ReadingStore, StoreError, TrailError, broken_links, from_lines, to_lines
from cxr_desktop.library.trail import START

CHANGES = 100


@pytest.fixture
def store(tmp_path):
    with closing(ReadingStore(tmp_path)) as opened:
        yield opened


@pytest.fixture
def entries(store):
    for number in range(5):
        store.trail.append(
            "export", {"image_sha256": f"{number}" * 8, "reader": "Åsa", "files": {"a.pdf": "0" * 64}}
        )
    return store.trail.entries()


def test_each_entry_holds_the_hash_of_the_one_before(store, entries):
    assert [one.number for one in entries] == [1, 2, 3, 4, 5]
    assert [one.previous for one in entries] == [START, *(one.sha256 for one in entries[:-1])]
    assert store.trail.head() == entries[-1].sha256
    assert broken_links(entries) == ()


def test_entries_can_neither_be_changed_nor_deleted(store, entries):
    with closing(sqlite3.connect(store.path)) as other:
        for statement in ("UPDATE trail SET entry = '{}'", "DELETE FROM trail"):
            with pytest.raises(sqlite3.IntegrityError, match="never"):
                other.execute(statement)


def test_a_change_past_the_triggers_breaks_the_chain(store, entries):
    with closing(sqlite3.connect(store.path)) as other, other:
        other.execute("DROP TRIGGER trail_stays")
        other.execute("UPDATE trail SET entry = replace(entry, 'Åsa', 'Eva') WHERE number = 3")
    assert broken_links(store.trail.entries()) == ("entry 3 is not what was written",)


@pytest.mark.parametrize("text", ["5", "[]", '{"reader": NaN}', "{"])
def test_an_entry_made_another_kind_of_thing_is_said(store, entries, text):
    with closing(sqlite3.connect(store.path)) as other, other:
        other.execute("DROP TRIGGER trail_stays")
        other.execute("UPDATE trail SET entry = ? WHERE number = 3", (text,))
    with pytest.raises(StoreError, match="an entry that was changed"):
        store.trail.entries()


def test_a_name_with_a_line_separator_is_no_end_of_a_line(store):
    store.trail.append("export", {"reader": "Dr.\u2028A\x85B"})
    entries = store.trail.entries()
    assert from_lines(to_lines(entries)) == entries


def test_what_is_left_out_or_moved_is_said(entries):
    assert broken_links(entries[:2] + entries[3:]) == ("entry 3 is missing: entry 4 stands in its place",)
    assert broken_links(entries[1:])[0].startswith("entry 1 is missing")
    assert len(broken_links((entries[1], entries[0], *entries[2:]))) >= 1


def test_an_exported_trail_reads_back_and_each_of_100_changed_bytes_is_found(entries):
    content = to_lines(entries)
    assert from_lines(content) == entries
    random = np.random.default_rng(4)
    for place in random.choice(len(content), CHANGES, replace=False):
        changed = bytearray(content)
        changed[place] ^= int(random.integers(1, 256))
        try:
            problems = broken_links(from_lines(bytes(changed)))
        except TrailError:
            continue
        assert problems, f"byte {place}"


def test_two_programs_write_one_chain(tmp_path):
    def write(name: str) -> None:
        with closing(ReadingStore(tmp_path)) as store:
            for _ in range(10):
                store.trail.append("export", {"reader": name})

    threads = [threading.Thread(target=write, args=(name,)) for name in "AB"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with closing(ReadingStore(tmp_path)) as store:
        entries = store.trail.entries()
    assert len(entries) == 20
    assert broken_links(entries) == ()
