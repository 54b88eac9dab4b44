"""What actions act upon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cxr_desktop.ui.first_reading import FirstReading
from cxr_desktop.ui.frames import Frames
from cxr_desktop.ui.inference import Inference
from cxr_desktop.ui.lung_window import LungWindow
from cxr_desktop.ui.opening import Opening
from cxr_desktop.ui.panels.heatmap_model import HeatmapModel
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.shown_states import ShownStates
from cxr_desktop.ui.undoing import Undoing
from cxr_desktop.ui.viewer.measurement_model import MeasurementModel
from cxr_desktop.ui.viewer.view_layout import ViewLayout
from cxr_desktop.ui.viewer.viewer_model import ViewerModel

Ask = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Dialogs:
    """Questions that the window asks; each opens a dialog or moves the choice in the list."""

    open_files: Ask
    open_folder: Ask
    export: Ask
    send: Ask
    find_studies: Ask
    nodes: Ask
    deidentify: Ask
    print_report: Ask
    compare: Ask
    units: Ask
    keys: Ask
    about: Ask
    model_card: Ask
    search: Ask
    next_image: Ask
    previous_image: Ask
    quit: Ask
    palette: Ask
    shortcuts: Ask
    tags: Ask
    pattern: Ask
    trust: Ask
    second_window: Ask
    study: Ask
    next_case: Ask
    previous_case: Ask
    readers: Ask
    agreement: Ask
    worklist: Ask
    next_unread: Ask
    make_pack: Ask
    open_pack: Ask
    hand_back: Ask
    merge: Ask
    import_readings: Ask
    commit: Ask
    reader: Ask
    label_sets: Ask


@dataclass(frozen=True, slots=True)
class Commands:
    """The models and flows behind the window, as the table of actions reaches them."""

    viewer: ViewerModel
    reading: ReadingModel
    heatmap: HeatmapModel
    session: Session
    opening: Opening
    inference: Inference
    dialogs: Dialogs
    measurements: MeasurementModel
    undoing: Undoing
    layout: ViewLayout
    frames: Frames
    lung_window: LungWindow
    states: ShownStates
    first: FirstReading
