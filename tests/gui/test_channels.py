"""Work that one part of the window asks for is never ended by what another part asks for."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import cxr_desktop.ui

SHARED = {"image"}
"""An image and a frame of it are asked for in one place or the other; the newest wish wins."""
NAMED = re.compile(r'channel=f?"([^"{]*)|^CHANNEL = "([^"]*)"', re.MULTILINE)


def test_no_two_files_name_a_channel_alike():
    files = defaultdict(set)
    for path in Path(cxr_desktop.ui.__file__).parent.rglob("*.py"):
        for found in NAMED.finditer(path.read_text(encoding="utf-8")):
            files[found[1] or found[2]].add(path.name)
    assert len(files) > 10
    assert {name: where for name, where in files.items() if len(where) > 1 and name not in SHARED} == {}
