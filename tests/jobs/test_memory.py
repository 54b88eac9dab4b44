"""What a job needed is given back when it ends."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROBE = """
import sys, time
from threading import Event
from cxr_desktop.jobs import Finished, JobPool

def resident():
    pages = int(open("/proc/self/statm").read().split()[1])
    return pages * 4096 / 2**20

ended = Event()
pool = JobPool(lambda event: ended.set() if isinstance(event, Finished) else None, workers=1)
kept = []

def work(context):
    blocks = [bytearray(b"x" * 65536) for _ in range(4000)]
    kept.append(bytearray(65536))  # above them, so that the allocator cannot let the rest go of itself
    time.sleep(0.3)

before = resident()
pool.submit("", work)
ended.wait(30)
pool.close()
print(resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the allocator of glibc")
def test_a_long_job_leaves_little_behind():
    done = subprocess.run(
        [sys.executable, "-c", PROBE], capture_output=True, text=True, check=True, timeout=120
    )
    assert float(done.stdout) < 50, "MiB, of the 250 that the job held"
