"""Readings merge as sets do: in any order, any number of times, into the same library."""

from __future__ import annotations

import random
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxr_desktop.domain import Box
from cxr_desktop.library import AddBox, Commit, ReadingStore, RemoveBox, StoredEvent, Undo
from cxr_desktop.library.chains import Link, chain, heads

IMAGES, READERS = ("i", "j"), ("A", "B")
events = st.one_of(
    st.builds(AddBox, st.builds(Box, *[st.integers(0, 9)] * 4)),
    st.just(RemoveBox(0)), st.just(Undo()), st.just(Commit())
)  # fmt: skip
strokes = st.tuples(st.sampled_from(IMAGES), st.sampled_from(READERS), events)
machines = st.lists(st.lists(strokes, max_size=8), min_size=1, max_size=4)


def drawn(folder: Path, begun: list[StoredEvent], happened) -> list[StoredEvent]:
    """What a machine holds that began with some events and went on."""
    with closing(ReadingStore(folder)) as store:
        store.merge(begun)
        for image, reader, event in happened:
            store.append(StoredEvent(image, reader, event))
        return [e for image in IMAGES for reader in READERS for e in store.all_of(image, reader)]


def merged(folder: Path, files: list[list[StoredEvent]]):
    """All that a library says after merging files in this order."""
    with closing(ReadingStore(folder)) as store:
        for file in files:
            store.merge(file)
        assert store.is_sound()
        return {
            (image, reader): (store.versions(image, reader), frozenset(store.all_of(image, reader)))
            for image in IMAGES
            for reader in READERS
        }


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(machines, st.booleans(), st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(happened, shared, dice: random.Random):
    with TemporaryDirectory() as scratch:
        root, begun = Path(scratch), []
        if shared:
            begun = drawn(root / "first", [], [("i", "A", AddBox(Box(0, 0, 1, 1))), ("i", "A", Commit())])
        files = [drawn(root / f"m{n}", begun, each) for n, each in enumerate(happened)]
        once = merged(root / "once", files)
        again = [*files, *dice.sample(files, dice.randint(0, len(files)))]
        dice.shuffle(again)
        assert merged(root / "again", again) == once
        halves = merged(root / "halves", [list(dice.sample(file, len(file))) for file in files])
        assert halves == once
        every = {event for file in files for event in file}
        assert frozenset().union(*(found for _, found in once.values())) == every, "no stroke is lost"


def test_a_reading_continued_in_two_places_is_two_versions_and_goes_on_as_one(tmp_path):
    begun = drawn(tmp_path / "a", [], [("i", "A", AddBox(Box(0, 0, 1, 1)))])
    here = drawn(tmp_path / "b", begun, [("i", "A", AddBox(Box(1, 0, 1, 1)))])
    there = drawn(tmp_path / "c", begun, [("i", "A", AddBox(Box(2, 0, 1, 1))), ("i", "A", Commit())])
    with closing(ReadingStore(tmp_path / "home")) as store:
        store.merge(here)
        store.merge(there)
        first, second = store.versions("i", "A")
        assert [box.x for box in first.present.boxes] == [0, 2]
        assert [box.x for box in second.present.boxes] == [0, 1]
        assert store.history("i", "A") == first
        store.append(StoredEvent("i", "A", Commit()))
        assert len(store.versions("i", "A")) == 2
        assert store.events("i", "A")[-2:] == (Commit(), Commit())


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.sampled_from(["", *"abcdef"]), st.integers(1, 6)))
)
def test_a_chain_ends_whatever_the_links_say(table):
    links = {uid: Link(after, step, None) for uid, (after, step) in table.items()}
    for head in links:
        assert len(chain(links, head)) <= len(links)
    assert set(heads(links)) <= set(links)
