"""Builds the window and wires it: the one place that knows every part."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from cxr_desktop.domain.errors import CxrError
from cxr_desktop.policy import read_policy

if TYPE_CHECKING:
    from cxr_desktop.ui.engine import Engine
    from cxr_desktop.ui.main_window import MainWindow
    from cxr_desktop.ui.parts import Parts

DATA_VARIABLE = "CXR_DESKTOP_DATA"
READER_VARIABLE = "CXR_DESKTOP_READER"
WORKERS = 3


def run_window(
    paths: Sequence[Path] = (),
    *,
    demo: bool = False,
    data: Path | None = None,
    device: str = "auto",
    model: str = "",
) -> int:
    """Open the window on paths or on the demo study; returns the exit code when it is closed.

    data: where readings and settings are kept, by default the system's place for a user's data.
    """
    problem = display_problem()
    if problem:
        sys.stderr.write(f"cxr-desktop: {problem}\n")
        return 1
    try:
        return _run(paths, demo, data or data_folder(), device, model)
    except CxrError as error:
        # From a menu nobody sees standard error.
        sys.stderr.write(f"cxr-desktop: {error}\n")
        _refuse(str(error))
        return 1


def display_problem() -> str:
    """Why no window can be shown here, and what to do; empty where one can."""
    if not sys.platform.startswith("linux"):
        return ""
    if any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
        return ""
    return (
        "there is no display to open a window on. Run it in a desktop session, over 'ssh -X', or with "
        "'xvfb-run'; 'cxr-desktop analyze' needs no display."
    )


def data_location() -> Path:
    """Where a user's readings and settings are kept, whether or not it is there yet.

    Raises PolicyError for a damaged policy file.
    """
    chosen = os.environ.get(DATA_VARIABLE)
    own = Path(chosen).expanduser() if chosen else platformdirs.user_data_path("cxr-desktop")
    return read_policy().data_folder or own


def data_folder() -> Path:
    """`data_location`, made for that account alone where it is not there: for who is about to keep something."""
    folder = data_location()
    with suppress(OSError):  # who writes there tells it
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def build_parts(engine: Engine, data: Path, reader: str = "", *, blinded: bool = False) -> Parts:
    """Models and flows of one window.

    reader: who reads, by default as kept from earlier or the account's name. blinded: the policy demands
    that the network stays hidden until a first reading is committed.
    """
    from cxr_desktop.ui.adjudicating import Adjudicating
    from cxr_desktop.ui.agreeing import Agreeing
    from cxr_desktop.ui.comparing import Comparing
    from cxr_desktop.ui.deidentifying import Deidentifying
    from cxr_desktop.ui.earlier_studies import EarlierStudies
    from cxr_desktop.ui.exporting import Exporting
    from cxr_desktop.ui.first_reading import FirstReading
    from cxr_desktop.ui.frames import Frames
    from cxr_desktop.ui.inference import Inference
    from cxr_desktop.ui.job_bridge import JobBridge
    from cxr_desktop.ui.keymap import KeyMap
    from cxr_desktop.ui.labelling import Labelling
    from cxr_desktop.ui.lung_window import LungWindow
    from cxr_desktop.ui.measuring import Measuring
    from cxr_desktop.ui.opening import Opening
    from cxr_desktop.ui.packing import Packing
    from cxr_desktop.ui.panels.heatmap_model import HeatmapModel
    from cxr_desktop.ui.panels.study_list_model import StudyListModel
    from cxr_desktop.ui.panels.units_exploring import Exploring
    from cxr_desktop.ui.parts import Parts
    from cxr_desktop.ui.printing import Printing
    from cxr_desktop.ui.reading_model import ReadingModel
    from cxr_desktop.ui.saved_measurements import SavedMeasurements
    from cxr_desktop.ui.saved_readings import SavedReadings
    from cxr_desktop.ui.session import Session
    from cxr_desktop.ui.settings import Settings
    from cxr_desktop.ui.shown_states import ShownStates
    from cxr_desktop.ui.study.evaluating import Evaluating
    from cxr_desktop.ui.study.reviewing import Reviewing
    from cxr_desktop.ui.tag_reading import TagReading
    from cxr_desktop.ui.transferring import Transferring
    from cxr_desktop.ui.trusting import Trusting
    from cxr_desktop.ui.undoing import Undoing
    from cxr_desktop.ui.viewer.measurement_model import MeasurementModel
    from cxr_desktop.ui.viewer.view_layout import ViewLayout
    from cxr_desktop.ui.viewer.viewer_model import ViewerModel
    from cxr_desktop.ui.working import Working

    labels = label_names()
    bridge, session, viewer, heatmap = JobBridge(WORKERS), Session(), ViewerModel(), HeatmapModel()
    settings = Settings(data / "settings.json")
    stated, (kept, role) = reader or os.environ.get(READER_VARIABLE, ""), settings.reader()
    reading = ReadingModel(stated or kept or reader_name(), labels[0], labels=labels)
    reading.role = role
    measurements = MeasurementModel()
    inference = Inference(engine, bridge, session, heatmap)
    opening = Opening(engine, bridge, session, data / "unpacked")
    trusting = Trusting(engine, bridge, session, heatmap, reading, inference)
    studies, saved = StudyListModel(), SavedReadings(data, session, reading)
    first = FirstReading(session, reading, settings, required=blinded, known=bool(stated or kept))
    comparing = Comparing(engine, bridge, session, heatmap, reading, saved)
    exporting = Exporting(
        engine, bridge, session, heatmap, reading, inference, trusting, settings.export_choice()
    )
    transferring = Transferring(bridge, session, data)
    exporting.done.connect(transferring.note_exported)
    transferring.fetched.connect(opening.open_paths)
    return Parts(
        bridge=bridge,
        session=session,
        viewer=viewer,
        reading=reading,
        heatmap=heatmap,
        studies=studies,
        opening=opening,
        inference=inference,
        saved=saved,
        exporting=exporting,
        transferring=transferring,
        printing=Printing(engine, bridge, exporting),
        settings=settings,
        labels=labels,
        labelling=Labelling(data, settings, reading, bridge),
        measurements=measurements,
        measuring=Measuring(bridge, session, measurements),
        saved_measurements=SavedMeasurements(data / "measurements", saved, session, measurements, reading),
        undoing=Undoing(session, reading, measurements),
        keymap=KeyMap(settings),
        tags=TagReading(engine, bridge),
        deidentifying=Deidentifying(bridge),
        layout=ViewLayout(),
        earlier=EarlierStudies(bridge, saved, session, studies),
        exploring=Exploring(engine, bridge, session, heatmap, inference),
        trusting=trusting,
        reviewing=Reviewing(engine, bridge, opening, studies, heatmap),
        evaluating=Evaluating(engine, bridge),
        frames=Frames(engine, bridge, session),
        lung_window=LungWindow(engine, bridge, session, viewer),
        first=first,
        states=ShownStates(session, viewer),
        comparing=comparing,
        adjudicating=Adjudicating(comparing, reading),
        agreeing=Agreeing(bridge, saved, studies),
        working=Working(bridge, saved, session, studies, reading),
        packing=Packing(data, bridge, saved, studies, opening, reading, first),
    )


def build_window(parts: Parts) -> MainWindow:
    """The window over its parts; closing it saves and ends everything."""
    from cxr_desktop.ui.main_window import MainWindow

    def closing() -> None:
        parts.settings.save_export_choice(parts.exporting.choice)
        parts.close()

    return MainWindow(parts, closing)


def label_names() -> tuple[str, ...]:
    """What a box can be called: the labels of the default set, in the order of their number keys."""
    from cxr_desktop.library.label_sets import DEFAULT_SET, read_label_set
    from cxr_desktop.resources import resource

    return read_label_set(resource("labels", "sets", f"{DEFAULT_SET}.toml")).names


def reader_name() -> str:
    """Who is reading: a name or code from the environment, else the account's."""
    try:
        return os.environ.get(READER_VARIABLE) or getpass.getuser()
    except (OSError, KeyError):
        return "reader"


def _run(paths: Sequence[Path], demo: bool, data: Path, device: str, model: str) -> int:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from cxr_desktop.resources import resource
    from cxr_desktop.ui.hindrances import saving_problem
    from cxr_desktop.ui.job_bridge import shorten_switches
    from cxr_desktop.ui.last_resort import LastResort
    from cxr_desktop.ui.restricted_engine import RestrictedEngine
    from cxr_desktop.ui.system_fonts import lend_font
    from cxr_desktop.ui.theme import apply_theme
    from cxr_desktop.ui.translation import FOLDER, install_translation

    policy = read_policy()
    engine = RestrictedEngine(policy, device, model, data)
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("CXR Desktop")
    fontless = lend_font()
    install_translation(application, resource() / FOLDER)
    apply_theme(application)
    shorten_switches()
    parts = build_parts(engine, data, blinded=policy.commit_then_reveal)
    window = build_window(parts)
    with LastResort(window.tell, data / "crashes", lambda: parts.saved.failed):
        window.show()
        if fontless:
            window.tell(fontless)
            sys.stderr.write(f"cxr-desktop: {fontless}\n")
        unsaved = saving_problem(data)
        if unsaved:
            warn(window, unsaved)
        window.ask_reader()
        # The engine is loaded once the window stands, so that nothing is waited for.
        QTimer.singleShot(0, window, lambda: _begin(parts, paths, demo))
        return application.exec()


def warn(window: MainWindow, sentence: str) -> None:
    """A dialog that waits to be read and keeps nobody from working."""
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QMessageBox

    box = QMessageBox(QMessageBox.Icon.Warning, "CXR Desktop", sentence, parent=window)
    box.setObjectName("warning")
    box.setWindowModality(Qt.WindowModality.NonModal)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.show()


def _refuse(sentence: str) -> None:
    from PySide6.QtWidgets import QApplication, QMessageBox

    _application = QApplication.instance() or QApplication(sys.argv[:1])
    QMessageBox.critical(None, "CXR Desktop", sentence)


def _begin(parts: Parts, paths: Sequence[Path], demo: bool) -> None:
    if demo:
        parts.opening.open_demo()
    elif paths:
        parts.opening.open_paths([Path(path).absolute() for path in paths])
    else:
        parts.earlier.load()
    parts.inference.start()
    parts.exporting.list_formats()
