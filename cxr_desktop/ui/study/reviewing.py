"""Results of many images in the window: a folder of them opened, its cases shown in the viewer one by one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from cxr_desktop.domain.errors import Cancelled
from cxr_desktop.domain.reasons import ReasonCase, StudyResults
from cxr_desktop.ui.engine import Engine, RefusedFile
from cxr_desktop.ui.job_bridge import JobBridge
from cxr_desktop.ui.opening import Found, Opening
from cxr_desktop.ui.panels.heatmap_model import HeatmapModel
from cxr_desktop.ui.panels.study_list_model import StudyListModel
from cxr_desktop.ui.study.results_model import ResultsModel
from cxr_desktop.ui.translation import later, tr

SOON = 8
NO_WORKLIST = later("No worklist is open: choose one under Network, Many images.")
AT_THE_END = later("That was the last case of the worklist.")
AT_THE_START = later("That was the first case of the worklist.")
BASELINES = {"location-prior": later("Location prior"), "random": later("Random map")}
"""What methods are held against, as the tables of an evaluation call it."""


class Reviewing(QObject):
    """case_ready: the file of the case that was asked for is in the list of studies. told: a sentence."""

    case_ready = Signal(object)
    told = Signal(str)
    failed = Signal(str)

    def __init__(
        self,
        engine: Engine,
        bridge: JobBridge,
        opening: Opening,
        studies: StudyListModel,
        heatmap: HeatmapModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine, self._bridge, self._opening = engine, bridge, opening
        self._studies, self._heatmap = studies, heatmap
        self._wanted: Path | None = None
        self.model = ResultsModel(self)
        opening.found.connect(self._found)

    def title_of(self, method: str) -> str:
        """A method, or what methods are held against, as the window calls it."""
        baseline = BASELINES.get(method)
        return tr(baseline) if baseline else self._heatmap.title_of(method)

    def open_folder(self, folder: Path) -> None:
        """Read the results in a folder; the newest wish wins."""
        self._bridge.submit(
            tr("Reading results in {name}").format(name=folder.name),
            lambda _context, _request: self._engine.study_results(folder),
            self._use,
            self._fail,
            channel="study results",
            priority=SOON,
        )

    def open_case(self, case: ReasonCase) -> None:
        """Show a case in the viewer with the map that it is judged by, and the readers' boxes."""
        results = self.model.results
        path = results.files.get(case.image) if results else None
        if path is None:
            self.told.emit(tr("{image} is not among the files of these results.").format(image=case.image))
            return
        self._wanted = path
        self.model.set_current(case)
        if case.method in [method.name for method in self._heatmap.methods]:
            self._heatmap.set_method(case.method)
        if case.target in self._heatmap.targets:
            self._heatmap.set_target(case.target)
        if self._studies.row_of(path) is None:
            self._opening.open_paths([path], show=False)
        else:
            self._ready(path)

    def step(self, by: int) -> None:
        """Show the case `by` places further on the worklist."""
        if not self.model.worklist:
            self.told.emit(tr(NO_WORKLIST))
            return
        case = self.model.step(by)
        if case is None:
            self.told.emit(tr(AT_THE_END) if by > 0 else tr(AT_THE_START))
        else:
            self.open_case(case)

    def _use(self, results: StudyResults) -> None:
        self._opening.open_boxes(results.boxes)
        self.model.set_results(results)

    def _found(self, found: Found) -> None:
        for item in found.items:
            if item.path != self._wanted:
                continue
            if isinstance(item, RefusedFile):
                self.told.emit(f"{item.path.name}: {item.reason}")
            else:
                self._studies.add([item])
                self._ready(item.path)

    def _ready(self, path: Path) -> None:
        self._wanted = None
        model = self.model
        if model.current in model.worklist:
            at = model.worklist.index(model.current) + 1
            self.told.emit(
                tr("{title}: case {at} of {count}").format(
                    title=model.title, at=at, count=len(model.worklist)
                )
            )
        self.case_ready.emit(path)

    def _fail(self, error: BaseException) -> None:
        if not isinstance(error, Cancelled):
            self.failed.emit(str(error))
