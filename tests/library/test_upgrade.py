"""A store of an earlier version: copied before it is changed, and left as it was where that fails."""

from __future__ import annotations

import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from cxr_desktop.library import ReadingStore, StoreError, schema
from cxr_desktop.library.backup import KEPT, back_up, backups

ROOT = Path(__file__).resolve().parents[2]
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


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    path = tmp_path / "readings.sqlite3"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(VERSION_1)
    return path


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as store:
        return store.execute("PRAGMA user_version").fetchone()[0]


def test_the_copy_is_named_by_version_and_time_and_is_the_store_as_it_was(earlier: Path) -> None:
    ReadingStore(earlier.parent).close()
    (copy,) = backups(earlier)
    assert re.fullmatch(r"readings\.version-1\.\d{8}T\d{12}Z\.sqlite3", copy.name)
    assert (version_of(copy), version_of(earlier)) == (1, schema.VERSION)
    copy.replace(earlier)  # how an administrator goes back
    assert version_of(earlier) == 1


def test_the_latest_copies_stay_and_one_without_a_time_counts_as_the_oldest(earlier: Path) -> None:
    (earlier.parent / "readings.version-9.sqlite3").write_bytes(b"")
    made = [back_up(earlier, 1) for _ in range(KEPT + 2)]
    assert backups(earlier) == made[-KEPT:]


def test_a_step_that_fails_leaves_the_store_as_it_was_and_says_so(
    earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = {
        **schema._STEPS,
        schema.VERSION: "UPDATE events SET reader = 'B';\nCREATE TABLE events (no TEXT);\n",
    }
    monkeypatch.setattr(schema, "_STEPS", steps)
    with pytest.raises(
        StoreError, match=r"could not be brought to this version.*They are as they were; a copy is"
    ):
        ReadingStore(earlier.parent)
    assert version_of(earlier) == 1
    monkeypatch.undo()
    with closing(ReadingStore(earlier.parent)) as store:
        assert len(store.events("i", "A")) == 1
        assert store.set_aside is None


@pytest.mark.skipif(not shutil.which("unshare"), reason="needs unshare, for a small disk of its own")
def test_a_full_disk_leaves_the_store_as_it_was_and_says_so(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from cxr_desktop.library import ReadingStore, StoreError\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "try: ReadingStore(folder)\n"
        "except StoreError as error: print(error)\n"
        "print(*sorted(path.name for path in folder.iterdir() if path.suffix not in ('-wal', '-shm')))\n"
    )
    filled = VERSION_1 + "".join(
        f"INSERT INTO events (time, image_sha256, sop_instance_uid, reader, event) VALUES "
        f"('t', 'i{n}', '1.2', 'A', '{'x' * 900}');\n"
        for n in range(400)
    )
    with closing(sqlite3.connect(tmp_path / "filled.sqlite3")) as old:
        old.executescript(filled)
    disk = tmp_path / "disk"
    disk.mkdir()
    script = (
        'mount -t tmpfs -o size=900k tmpfs "$1" 2>/dev/null || exit 77\n'
        'cp "$2" "$1/readings.sqlite3" && "$3" -c "$4" "$1" && "$3" -c "'
        "import sqlite3, sys; store = sqlite3.connect(sys.argv[1] + '/readings.sqlite3'); "
        "print(store.execute('PRAGMA user_version').fetchone(), store.execute('PRAGMA quick_check').fetchone())"
        '" "$1"'
    )
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c", script, "sh"]
    arguments = [str(disk), str(tmp_path / "filled.sqlite3"), sys.executable, code]
    done = subprocess.run([*command, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("no disk can be mounted here")
    said, listed, state = done.stdout.splitlines()
    assert "no copy could be made before the upgrade" in said
    assert "full" in said
    assert "They are as they were" in said
    assert listed.split()[0] == "readings.sqlite3"
    assert "part" not in listed
    assert state == "(1,) ('ok',)"


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_a_new_folder_of_readings_is_for_its_account_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "reader"
    ReadingStore(folder).close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
