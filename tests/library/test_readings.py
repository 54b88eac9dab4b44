"""The store of readings: nothing lost, nothing changed, undo to the first stroke."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxr_desktop.domain import (
    Box,
    Certainty,
    Commitment,
    Decision,
    Finding,
    Judgement,
    Laterality,
    Reading,
    ReadingState,
    Settlement,
    ShapeKind,
    StudyFinding,
    Verdict,
)
from cxr_desktop.library import (
    AddBox,
    Amend,
    Commit,
    History,
    Journal,
    JudgeBox,
    Override,
    ReadingLocked,
    ReadingStore,
    Redo,
    RemoveBox,
    ReplaceBox,
    Reveal,
    Settle,
    StateFinding,
    StoredEvent,
    StoreError,
    Undo,
    WithdrawFinding,
)
from cxr_desktop.library.events import from_json, to_json

ROOT = Path(__file__).resolve().parents[2]
coordinates = st.floats(0, 5000, allow_nan=False)
boxes = st.builds(
    Box, coordinates, coordinates, coordinates, coordinates, st.text(max_size=8), st.none() | coordinates
)
said = {
    "certainty": st.sampled_from(Certainty),
    "laterality": st.sampled_from(Laterality),
    "comment": st.text(max_size=8),
}
shares = st.tuples(st.floats(0, 1), st.floats(0, 1))
plain_shapes = st.sampled_from([ShapeKind.BOX, ShapeKind.ELLIPSE])
findings = st.one_of(
    st.builds(Finding, *[coordinates] * 4, st.text(max_size=8), shape=plain_shapes, **said),
    st.builds(
        Finding, coordinates, coordinates, st.just(0), st.just(0), shape=st.just(ShapeKind.POINT), **said
    ),
    st.builds(
        Finding,
        *[coordinates] * 4,
        shape=st.just(ShapeKind.POLYGON),
        vertices=st.lists(shares, min_size=3, max_size=6).map(tuple),
        **said,
    ),
)
boxes = boxes | findings
indices = st.integers(0, 3)
events = st.one_of(
    st.builds(AddBox, boxes),
    st.builds(ReplaceBox, indices, boxes),
    st.builds(RemoveBox, indices),
    st.builds(StateFinding, st.builds(StudyFinding, st.text(max_size=3), **said)),
    st.builds(WithdrawFinding, st.text(max_size=3)),
    st.just(Undo()),
    st.just(Redo()),
    st.builds(Override, st.tuples(st.text(max_size=5)), st.text(max_size=5)),
    st.builds(JudgeBox, st.sampled_from(list(Verdict)), boxes, st.text(max_size=4), st.none() | boxes),
    st.builds(Commit, st.booleans(), st.text(max_size=3), st.text(max_size=3)),
    st.builds(
        Settle,
        st.builds(
            Settlement,
            st.tuples(st.text(max_size=3), st.text(max_size=3)),
            st.sampled_from(list(Decision)),
            st.none() | boxes,
            st.none() | boxes,
        ),
        st.lists(boxes, max_size=2).map(tuple),
    ),
    st.builds(Amend, st.text(max_size=5)),
    st.builds(Reveal, st.text(max_size=3)),
)


class Slow:
    """Undo and redo from their definition: two stacks."""

    def __init__(self) -> None:
        self.boxes: tuple[Box, ...] = ()
        self.before: list[tuple[Box, ...]] = []
        self.undone: list[tuple[Box, ...]] = []
        self.committed = self.locked = False

    def do(self, event) -> None:
        if isinstance(event, Commit):
            if not self.locked:
                self.before, self.undone = [], []
            self.committed = self.locked = True
        elif isinstance(event, Amend):
            self.locked = self.locked and not self.committed
        elif self.locked:
            return
        elif isinstance(event, Undo):
            if self.before:
                self.undone.append(self.boxes)
                self.boxes = self.before.pop()
        elif isinstance(event, Redo):
            if self.undone:
                self.before.append(self.boxes)
                self.boxes = self.undone.pop()
        elif not isinstance(event, Override | Reveal):
            after = list(self.boxes)
            if isinstance(event, AddBox):
                after.append(event.box)
            elif isinstance(event, JudgeBox):
                after += [event.box] if event.box else []
            elif isinstance(event, Settle):
                after += event.boxes
            elif isinstance(event, StateFinding | WithdrawFinding):
                pass
            elif event.index >= len(after):
                return
            elif isinstance(event, RemoveBox):
                del after[event.index]
            else:
                after[event.index] = event.box
            self.before.append(self.boxes)
            self.undone.clear()
            self.boxes = tuple(after)


@given(st.lists(events, max_size=30))
def test_history_is_that_of_two_stacks(happened):
    slow = Slow()
    for event in happened:
        slow.do(event)
    history = History.replay("A", happened)
    assert history.present.boxes == slow.boxes
    assert history.locked == slow.locked


@given(st.lists(events, max_size=20))
def test_events_one_by_one_give_what_their_replay_gives(happened):
    history, kept = History.start("A"), []
    for event in happened:
        try:
            history = history.after(event)
        except (IndexError, ReadingLocked):
            continue
        kept.append(event)
    assert history == History.replay("A", kept)


def test_a_committed_reading_is_locked_until_a_reason_is_stated():
    first, second = Box(1, 2, 3, 4), Box(5, 6, 7, 8)
    history = History.replay("A", [AddBox(first), Commit(blinded=True)])
    assert (history.state, history.committed, history.can_undo) == (ReadingState.COMMITTED, True, False)
    with pytest.raises(ReadingLocked, match="state a reason"):
        history.after(AddBox(second))
    assert History.replay("A", [AddBox(first), Commit(), AddBox(second)]).present.boxes == (first,)
    amending = history.after(Amend("missed the left base")).after(AddBox(second))
    assert (amending.state, amending.reason) == (ReadingState.AMENDING, "missed the left base")
    assert amending.present.boxes == (first, second)
    assert amending.after(Commit()).state is ReadingState.COMMITTED


def test_what_was_committed_stays_beside_what_was_made_of_it():
    first, second = Box(1, 2, 3, 4), Box(5, 6, 7, 8)
    history = History.replay(
        "A",
        [
            AddBox(first),
            Commit(True, "2026-01-02T03:04:05+00:00", "Radiologist"),
            Amend("missed"),
            AddBox(second),
            Undo(),
            Undo(),
            Redo(),
            Commit(time="later"),
        ],
    )
    assert history.present.boxes == (first, second)
    assert history.present.commitments == (
        Commitment((first,), (), "2026-01-02T03:04:05+00:00", "Radiologist", True, ""),
        Commitment((first, second), (), "later", reason="missed"),
    )
    assert history.present.amended


@given(st.lists(events, max_size=30))
def test_nothing_is_taken_back_across_a_commit(happened):
    history = History.start("A")
    for event in happened:
        before = history.present.first
        try:
            history = history.after(event)
        except (IndexError, ReadingLocked):
            continue
        if before is not None:
            assert history.present.first == before
        if isinstance(event, Commit):
            assert not history.can_undo
            assert not history.can_redo


def test_a_look_before_the_first_commit_is_remembered_and_one_after_it_is_none():
    assert History.replay("A", [Reveal(), Commit()]).revealed
    assert not History.replay("A", [Commit(), Reveal()]).revealed


def test_whoever_only_looked_is_no_reader(tmp_path):
    store = ReadingStore(tmp_path)
    store.append(stored(Reveal()))
    store.append(stored(Commit(), reader="B"))
    assert store.readers("i") == ("B",)
    store.close()


def test_a_draft_needs_no_reason():
    assert History.start("A").after(Amend("why")).state is ReadingState.DRAFT


def test_verdicts_are_undone_with_their_boxes():
    suggested, own = Box(1, 2, 3, 4, score=0.7), Box(1, 2, 3, 4, "Mass")
    accepted = History.start("A").after(JudgeBox(Verdict.ACCEPTED, suggested, "rap", own))
    assert accepted.present.boxes == (own,)
    assert accepted.present.judgements == (Judgement(suggested, Verdict.ACCEPTED, "rap"),)
    changed = accepted.after(JudgeBox(Verdict.REJECTED, suggested, "rap"))
    assert changed.present.verdict_on(suggested) is Verdict.REJECTED
    assert len(changed.present.judgements) == 1
    undone = changed.after(Undo()).after(Undo())
    assert undone.present == Reading("A")


@given(events)
def test_an_event_reads_back_as_it_was_written(event):
    assert from_json(to_json(event)) == event


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind":"burn"}', '{"kind":"add","box":{"x":1}}', "null"])
def test_text_that_is_no_event_is_refused(text):
    with pytest.raises(ValueError, match="not an event"):
        from_json(text)


def test_events_of_earlier_programs_read_as_they_were_written():
    old = '{"kind":"add","box":{"x":1,"y":2,"width":3,"height":4,"label":"Mass","score":null,"source":"A"}}'
    assert from_json(old) == AddBox(Box(1, 2, 3, 4, "Mass", None, "A"))
    assert from_json('{"kind":"commit","blinded":true}') == Commit(True)
    assert to_json(AddBox(Box(1, 2, 3, 4, "Mass", None, "A"))) == old


def test_study_findings_are_stated_changed_and_taken_back():
    sure, unsure = StudyFinding("Edema", Certainty.DEFINITE), StudyFinding("Edema", Certainty.POSSIBLE)
    history = History.replay("A", [StateFinding(unsure), StateFinding(sure)])
    assert history.present.study_findings == (sure,)
    assert history.after(Undo()).present.study_findings == (unsure,)
    assert history.after(WithdrawFinding("Edema")).present.study_findings == ()
    assert history.after(Commit()).present.first.study_findings == (sure,)


def stored(event, image="i", reader="A"):
    return StoredEvent(image, reader, event)


def test_readers_and_images_are_kept_apart(tmp_path):
    store = ReadingStore(tmp_path)
    first, second = Box(1, 2, 3, 4), Box(5, 6, 7, 8)
    store.append(stored(AddBox(first)))
    store.append(stored(AddBox(second), reader="B"))
    store.append(stored(AddBox(second), image="j"))
    assert store.history("i", "A").present.boxes == (first,)
    assert store.history("i", "B").present.boxes == (second,)
    assert store.readers("i") == ("A", "B")
    store.close()


def test_events_can_neither_be_changed_nor_deleted(tmp_path):
    store = ReadingStore(tmp_path)
    store.append(stored(AddBox(Box(1, 2, 3, 4))))
    other = sqlite3.connect(store.path)
    for statement in ("UPDATE events SET reader = 'B'", "DELETE FROM events"):
        with pytest.raises(sqlite3.IntegrityError):
            other.execute(statement)
    other.close()
    store.close()


def test_two_stores_on_one_file_see_each_other(tmp_path):
    one, two = ReadingStore(tmp_path), ReadingStore(tmp_path)
    one.append(stored(AddBox(Box(1, 2, 3, 4))))
    two.append(stored(AddBox(Box(5, 6, 7, 8))))
    assert len(one.history("i", "A").present.boxes) == 2
    one.close()
    two.close()


def test_a_damaged_store_is_set_aside_and_kept(tmp_path):
    path = tmp_path / "readings.sqlite3"
    path.write_bytes(b"SQLite format 3\0" + b"rubbish" * 1000)
    store = ReadingStore(tmp_path)
    assert store.set_aside is not None
    assert store.set_aside.read_bytes().endswith(b"rubbish")
    store.append(stored(AddBox(Box(1, 2, 3, 4))))
    assert store.is_sound()
    store.close()


def test_a_store_that_lost_all_its_bytes_is_set_aside_and_said_to_be(tmp_path):
    path = tmp_path / "readings.sqlite3"
    path.touch()
    os.utime(path, (time.time() - 3600,) * 2)
    store = ReadingStore(tmp_path)
    assert store.set_aside is not None
    assert store.set_aside.read_bytes() == b""
    store.append(stored(AddBox(Box(1, 2, 3, 4))))
    store.close()


def test_what_a_log_holds_of_a_store_without_bytes_is_not_thrown_away(tmp_path):
    path, log = tmp_path / "readings.sqlite3", tmp_path / "readings.sqlite3-wal"
    path.touch()
    log.write_bytes(b"the only copy")
    store = ReadingStore(tmp_path)
    assert store.set_aside is not None
    assert store.set_aside.with_name(f"{store.set_aside.name}-wal").read_bytes() == b"the only copy"
    store.close()


def test_a_store_that_another_program_is_just_making_is_left_in_its_place(tmp_path):
    path = tmp_path / "readings.sqlite3"
    path.touch()
    before = path.stat().st_ino
    store = ReadingStore(tmp_path)
    assert store.set_aside is None
    assert path.stat().st_ino == before
    store.close()


@pytest.mark.parametrize("what", ["removed", "replaced"])
def test_a_store_that_went_while_it_was_open_takes_nothing_and_says_so(tmp_path, what):
    store = ReadingStore(tmp_path)
    store.append(stored(AddBox(Box(1, 2, 3, 4))))
    store.path.rename(tmp_path / "elsewhere.sqlite3")
    if what == "replaced":
        ReadingStore(tmp_path).close()
    with pytest.raises(StoreError, match="moved, removed or replaced"):
        store.append(stored(AddBox(Box(5, 6, 7, 8))))
    store.close()


def test_the_journal_tells_of_a_damaged_store_apart_from_failures(tmp_path):
    (tmp_path / "readings.sqlite3").write_bytes(b"no store" * 1000)
    failures, said = [], []
    journal = Journal(tmp_path, failures.append, said.append)
    journal.append(stored(AddBox(Box(1, 2, 3, 4))))
    assert journal.close()
    assert failures == []
    assert len(said) == 1
    assert "damaged" in said[0]
    store = ReadingStore(tmp_path)
    assert len(store.history("i", "A").present.boxes) == 1
    store.close()


def test_what_can_be_read_of_a_damaged_store_comes_along(tmp_path):
    path = tmp_path / "readings.sqlite3"
    store = ReadingStore(tmp_path)
    for image in range(60):
        for number in range(5):
            store.append(StoredEvent(f"{image}", "A", AddBox(Box(number, 2, 3, 4, "Nodule" * 9))))
    for number in range(3):
        store.trail.append("export", {"number": number})
    before = {f"{image}": store.events(f"{image}", "A") for image in range(60)}
    (page,) = store._connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'events'").fetchone()
    store.close()
    size, data = 4096, bytearray(path.read_bytes())
    leaf = int.from_bytes(data[(page - 1) * size + 12 :][:2], "big")  # a cell of the root: child page, key
    child = int.from_bytes(data[(page - 1) * size + leaf :][:4], "big")
    data[(child - 1) * size : child * size] = b"\xaa" * size
    path.write_bytes(data)
    again = ReadingStore(tmp_path)
    assert again.set_aside.read_bytes() == data
    assert 250 < again.salvaged < 300, "one page of rows is lost"
    after = {f"{image}": again.events(f"{image}", "A") for image in range(60)}
    assert all(after[image] == events[: len(after[image])] for image, events in before.items())
    assert sum(after[image] == events for image, events in before.items()) > 50
    again.append(stored(AddBox(Box(1, 2, 3, 4))))
    assert again.trail.append("export", {}).number == 4
    assert again.is_sound()
    again.close()
    third = ReadingStore(tmp_path)
    assert third.set_aside is None
    third.close()


def test_a_store_of_a_newer_program_is_left_alone(tmp_path):
    connection = sqlite3.connect(tmp_path / "readings.sqlite3")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="newer version"):
        ReadingStore(tmp_path)
    assert [path.name for path in tmp_path.glob("*.damaged*")] == []


def test_a_folder_that_cannot_be_used_is_named_with_a_cure(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="CXR_DESKTOP_DATA"):
        ReadingStore(tmp_path / "file")


def test_the_journal_writes_everything_before_it_ends(tmp_path):
    failures: list[StoreError] = []
    journal = Journal(tmp_path, failures.append, print)
    for number in range(50):
        journal.append(stored(AddBox(Box(number, 0, 1, 1))))
    assert journal.close()
    store = ReadingStore(tmp_path)
    assert [box.x for box in store.history("i", "A").present.boxes] == list(range(50))
    store.close()
    assert failures == []


STROKES = """
import sys
import time
from pathlib import Path
from cxr_desktop.domain import Box
from cxr_desktop.library import AddBox, Journal, StoredEvent
journal = Journal(Path(sys.argv[1]), print, print)
for number in range(10**9):
    journal.append(StoredEvent("i", "A", AddBox(Box(number, 0, 1, 1))))
    journal.ask(lambda store, number=number: print(number, flush=True))
    if number % 20 == 0:
        import threading
        written = threading.Event()
        journal.ask(lambda store: written.set())
        written.wait()
"""


@pytest.mark.parametrize("strokes", [1, 7, 40])
def test_a_kill_loses_no_event_that_was_told_written(tmp_path, strokes):
    process = subprocess.Popen(
        [sys.executable, "-c", STROKES, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    told = -1
    for line in process.stdout:
        told = int(line)
        if told >= strokes:
            break
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    store = ReadingStore(tmp_path)
    assert store.is_sound()
    history = store.history("i", "A")
    assert len(history.present.boxes) > told
    for _ in history.present.boxes:
        history = history.after(Undo())
    assert history.present.boxes == ()
    store.close()


def test_a_reading_that_settled_something_is_adjudicated_when_committed():
    mass = Box(1, 2, 3, 4, "Mass")
    settled = History.start("C").after(Settle(Settlement(("A", "B"), Decision.FIRST, mass), (mass,)))
    assert settled.present.boxes == (mass,)
    done = settled.after(Commit())
    assert (done.state, done.locked, done.can_undo) == (ReadingState.ADJUDICATED, True, False)
    assert settled.after(Undo()).after(Commit()).state is ReadingState.COMMITTED
    assert done.after(Amend("why")).state is ReadingState.AMENDING
