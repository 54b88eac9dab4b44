"""A system without fonts: the window lends itself those of the reports."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir>{0}/none</dir><cachedir>{0}/cache</cachedir></fontconfig>"""
PROGRAM = """
from PySide6.QtWidgets import QApplication
from PySide6.QtGui import QFont, QFontMetrics
from cxr_desktop.ui.system_fonts import lend_font
application = QApplication([])
print(QFontMetrics(QFont()).inFont("a"), lend_font(), QFontMetrics(QFont()).inFont("a"), sep="|")
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="fontconfig is of Linux")
@pytest.mark.parametrize("fonts", [True, False])
def test_letters_are_there_in_either_case(tmp_path: Path, fonts: bool) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    if not fonts:
        (tmp_path / "none").mkdir()
        (tmp_path / "fonts.conf").write_text(CONFIGURATION.format(tmp_path))
        environment["FONTCONFIG_FILE"] = str(tmp_path / "fonts.conf")
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    before, said, after = done.stdout.strip().split("|")
    assert (before, after) == (str(fonts), "True")
    assert ("no font" in said and "apt install fonts-dejavu-core" in said) is not fonts
