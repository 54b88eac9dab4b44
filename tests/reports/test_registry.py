"""The formats at hand, and plug-ins that fit or do not."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from cxr_desktop.domain.errors import ExportError
from cxr_desktop.reports import export, exporters, plugin_problems, registry


class NoteExporter:
    id, title, suffix = "note", "A note", ".note"

    def write(self, analysis, stem):
        path = stem.with_name(stem.name + self.suffix)
        path.write_text(analysis.prediction.model.name)
        return (path,)


class FailingExporter(NoteExporter):
    id, suffix = "failing", ".failing"

    def write(self, analysis, stem):
        raise ZeroDivisionError("by nothing")


class SecondPdf(NoteExporter):
    id = "pdf"


not_an_exporter = "just text"


@pytest.fixture
def plugins(monkeypatch):
    """A function that makes the given 'name -> attribute of this module' the installed plug-ins."""
    monkeypatch.setitem(sys.modules, "plugins_of_the_tests", sys.modules[__name__])

    def install(**found: str) -> None:
        points = [
            EntryPoint(name, f"plugins_of_the_tests:{value}", registry.GROUP) for name, value in found.items()
        ]
        monkeypatch.setattr(registry, "entry_points", lambda group: points if group == registry.GROUP else [])

    return install


def test_built_in_formats_have_the_promised_names(plugins):
    plugins()
    assert set(exporters()) >= {"pdf", "html", "txt", "json", "png", "csv", "coco", "voc", "yolo"}
    assert all(found.id == name and found.title for name, found in exporters().items())


def test_a_plugin_adds_a_format(plugins, make_analysis, tmp_path):
    plugins(note="NoteExporter")
    (path,) = export(make_analysis(), ["note"], tmp_path)
    assert path.read_text() == "demo"


def test_a_plugin_may_not_replace_a_format(plugins):
    plugins(rogue="SecondPdf")
    assert not isinstance(exporters()["pdf"], SecondPdf)
    (problem,) = plugin_problems()
    assert "'rogue'" in problem
    assert "'pdf' is already taken" in problem


def test_broken_plugins_are_named_and_the_rest_works(plugins, make_analysis, tmp_path, caplog):
    plugins(gone="no_such_thing", odd="not_an_exporter", note="NoteExporter")
    assert "note" in exporters()
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert ["'gone'" in plugin_problems()[0], "'odd'" in plugin_problems()[1]] == [True, True]
    with pytest.raises(ExportError, match=r"unknown format 'gone'.*exporter plug-in 'gone'.*does not load"):
        export(make_analysis(), ["gone"], tmp_path)


def test_a_plugin_that_cannot_be_imported_for_whatever_reason_is_named(plugins, monkeypatch, tmp_path):
    (tmp_path / "broken_on_import.py").write_text("raise ZeroDivisionError('by nothing')")
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint("broken", "broken_on_import:Thing", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [point])
    assert "pdf" in exporters()
    assert "'broken'" in plugin_problems()[0]


def test_a_plugin_that_fails_keeps_no_other_format_from_being_written(plugins, make_analysis, tmp_path):
    plugins(failing="FailingExporter", note="NoteExporter")
    with pytest.raises(ExportError, match="failing, a plug-in, failed: by nothing"):
        export(make_analysis(), ["failing", "note"], tmp_path)
    assert [path.suffix for path in tmp_path.iterdir()] == [".note"]


def test_importing_the_room_loads_neither_torch_nor_qt_nor_reportlab():
    code = (
        "import sys; from cxr_desktop.reports import exporters; exporters(); "
        "print([n for n in ('torch', 'PySide6', 'reportlab', 'PIL', 'scipy') if n in sys.modules])"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "[]"
