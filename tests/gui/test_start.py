"""Starting the program: what is imported, what a missing display says, what the help page holds."""

from __future__ import annotations

import os
import subprocess
import sys
from html import escape
from pathlib import Path

from cxr_desktop.cli import COMMANDS, build_parser
from cxr_desktop.ui.actions import ACTIONS
from cxr_desktop.ui.dialogs.keys import keys_page
from cxr_desktop.ui.keymap import KeyMap
from cxr_desktop.ui.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "torchvision", "timm", "captum", "scipy", "SimpleITK", "pandas", "pydicom", "reportlab")

WINDOW_STANDS = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from cxr_desktop.app import build_parts, build_window
from cxr_desktop.ui.local_engine import LocalEngine
from cxr_desktop.ui.theme import apply_theme
application = QApplication([])
apply_theme(application)
window = build_window(build_parts(LocalEngine(), Path(sys.argv[1])))
window.show()
application.processEvents()
print(*(name for name in sys.argv[2:] if name in sys.modules))
window.close()
"""


def run(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_no_heavy_library_is_imported_before_the_window_stands(tmp_path):
    done = run(WINDOW_STANDS, str(tmp_path), *HEAVY, QT_QPA_PLATFORM="offscreen")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_no_heavy_library_is_imported_for_the_words_that_open_the_window(tmp_path):
    code = (
        "import sys; from cxr_desktop.cli import build_parser\n"
        "for given in ([], ['demo'], ['open', 'a.dcm'], ['doctor']): build_parser(given).parse_args(given)\n"
        "print(*(name for name in sys.argv[1:] if name in sys.modules))"
    )
    assert run(code, *HEAVY).stdout.strip() == ""


def test_every_command_has_its_arguments_and_its_program():
    parsed = {name: build_parser([name]) for name in COMMANDS}
    for name, parser in parsed.items():
        (choices,) = (action.choices for action in parser._actions if isinstance(action.choices, dict))
        assert set(COMMANDS) < set(choices)
        assert choices[name].get_default("run") is not None


def test_a_missing_display_is_a_sentence_and_exit_code_1(tmp_path):
    code = "import sys; from cxr_desktop.app import run_window; sys.exit(run_window())"
    done = run(code, DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="", CXR_DESKTOP_DATA=str(tmp_path))
    assert done.returncode == 1
    assert "no display" in done.stderr
    assert "analyze" in done.stderr


def test_no_key_stands_for_two_commands():
    keys = [key for spec in ACTIONS for key in spec.keys]
    assert len(keys) == len(set(keys))
    assert len({spec.id for spec in ACTIONS}) == len(ACTIONS)


def test_the_help_page_names_every_key(tmp_path):
    page = keys_page(KeyMap(Settings(tmp_path / "settings.json")))
    for spec in ACTIONS:
        if spec.keys:
            assert escape(spec.text.rstrip("…")) in page
