"""Random kills while a reader draws: nothing committed is lost, and undo goes back to the first stroke.

KILLS in the environment sets how many; 20 by default, 200 for the full run.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cxr_desktop.library import ReadingStore, Undo

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("KILLS", "20"))

# Draws, changes and takes back without end; tells the number of each event once the store has it.
DRAWING = """
import sys
from pathlib import Path
from cxr_desktop.domain import Box
from cxr_desktop.library import AddBox, Journal, ReplaceBox, StoredEvent
journal = Journal(Path(sys.argv[1]), lambda error: print("failed", error, flush=True), print)
first = int(sys.argv[2])
for number in range(first, first + 10**6):
    last = number - first
    event = ReplaceBox(0, Box(number, 1, 2, 3)) if last % 3 == 2 else AddBox(Box(number, 0, 1, 1))
    journal.append(StoredEvent("i", "A", event))
    journal.ask(lambda store, number=number: print(number, flush=True))
    if last % 8 == 7:
        import threading
        written = threading.Event()
        journal.ask(lambda store: written.set())
        written.wait()
"""


def kill_while_drawing(folder: Path, first: int, after: int) -> int:
    """Draw into the store until `after` events were told written, kill -9; returns the last one told."""
    process = subprocess.Popen(
        [sys.executable, "-c", DRAWING, str(folder), str(first)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    told = first - 1
    for line in process.stdout:
        told = int(line)
        if told >= first + after:
            break
    os.kill(process.pid, signal.SIGKILL)
    told = max([told, *(int(line) for line in process.stdout if line.endswith("\n"))])
    process.wait()
    process.stdout.close()
    return told


@pytest.mark.slow
def test_random_kills_lose_no_committed_event(tmp_path):
    dice = random.Random(5)
    written = 0
    for _ in range(KILLS):
        told = kill_while_drawing(tmp_path, written, dice.randrange(1, 60))
        store = ReadingStore(tmp_path)
        assert store.set_aside is None
        assert store.is_sound()
        kept = store.events("i", "A")
        numbers = [int(event.box.x) for event in kept]
        assert numbers == list(range(len(numbers))), "events are whole, in order, each once"
        assert len(numbers) > told, "what was told written is there"
        written = len(numbers)
        store.close()
    store = ReadingStore(tmp_path)
    history = store.history("i", "A")
    store.close()
    steps = 0
    while history.can_undo:
        history = history.after(Undo())
        steps += 1
    assert history.present.boxes == ()
    assert steps == written
