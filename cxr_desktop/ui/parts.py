"""The models and flows that the window is built from."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Parts:
    """One of each; labels: what a box can be called."""

    bridge: JobBridge
    session: Session
    viewer: ViewerModel
    reading: ReadingModel
    heatmap: HeatmapModel
    studies: StudyListModel
    opening: Opening
    inference: Inference
    saved: SavedReadings
    exporting: Exporting
    printing: Printing
    settings: Settings
    labels: tuple[str, ...]
    measurements: MeasurementModel
    measuring: Measuring
    saved_measurements: SavedMeasurements
    undoing: Undoing
    keymap: KeyMap
    tags: TagReading
    deidentifying: Deidentifying
    layout: ViewLayout
    earlier: EarlierStudies
    exploring: Exploring
    trusting: Trusting
    reviewing: Reviewing
    evaluating: Evaluating
    frames: Frames
    lung_window: LungWindow
    states: ShownStates
    first: FirstReading
    labelling: Labelling
    comparing: Comparing
    adjudicating: Adjudicating
    agreeing: Agreeing
    packing: Packing
    working: Working
    transferring: Transferring

    def close(self) -> bool:
        """Save what is waiting, end every thread; True when all ended in time."""
        self.frames.close()
        self.settings.close()
        saved, ended = self.saved.close(), self.bridge.close()
        return saved and ended
