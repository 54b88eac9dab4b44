"""The worklist over the library: kept up to date, filtered, opened case by case. No widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from cxr_desktop.domain import InstanceHeader
from cxr_desktop.domain.errors import Cancelled
from cxr_desktop.library import Amend, Commit, Event, History, ReadingStore
from cxr_desktop.ui.job_bridge import JobBridge
from cxr_desktop.ui.panels.study_list_model import StudyListModel
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.saved_readings import SavedReadings
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.store_question import guarded
from cxr_desktop.ui.translation import later, tr

if TYPE_CHECKING:
    from cxr_desktop.cohort.results import NetworkResult
    from cxr_desktop.ui.worklist import Choice, WorkCase

KeptCase = tuple[InstanceHeader, str, Mapping[str, History]]
ALL_READ = later("No unread case is left in the library.")


class Working(QObject):
    """Cases in the order of the study list, then those of the library that are not in it.

    changed: other cases, or another choice among them. case_ready: the file to show. told: a sentence."""

    changed = Signal()
    case_ready = Signal(object)
    told = Signal(str)
    _loaded = Signal(object, bool)
    _failed = Signal(str)

    def __init__(
        self,
        bridge: JobBridge,
        saved: SavedReadings,
        session: Session,
        studies: StudyListModel,
        reading: ReadingModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._saved, self._session = bridge, saved, session
        self._studies, self._reading = studies, reading
        self.cases: tuple[WorkCase, ...] = ()
        self.results: tuple[NetworkResult, ...] = ()
        self.choice: Choice | None = None
        self._images: Sequence[KeptCase] = ()
        self._loaded.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._failed.connect(self.told, Qt.ConnectionType.QueuedConnection)
        reading.happened.connect(self._follow)
        reading.reader_changed.connect(self.changed)

    @property
    def reader(self) -> str:
        return self._reading.reader

    @property
    def blinded(self) -> bool:
        return self._session.blinded

    @property
    def shown(self) -> tuple[WorkCase, ...]:
        """Cases that pass the choice."""
        from cxr_desktop.ui.worklist import Choice, chosen

        return chosen(self.cases, self.choice or Choice(), self.reader, self.blinded)

    def load(self, *, then_next: bool = False) -> None:
        """Ask the library for its cases. then_next: and open the next unread one."""

        def read(store: ReadingStore) -> None:
            from cxr_desktop.library.reader_table import readings_of

            drawn = set(store.images())
            kept = {image.header.path: image for image in store.studies.images()}
            found = [
                (
                    image.header,
                    image.sha256,
                    readings_of(store, image.sha256) if image.sha256 in drawn else {},
                )
                for image in kept.values()
            ]
            self._loaded.emit(found, then_next)

        self._saved.ask(guarded(read, self._failed.emit))

    def choose(self, choice: Choice) -> None:
        """Show other cases."""
        if choice != self.choice:
            self.choice = choice
            self.changed.emit()

    def open(self, case: WorkCase) -> None:
        """Show a case in the viewer."""
        if self._studies.row_of(case.header.path) is None:
            self._studies.add([case.header])
        self.case_ready.emit(case.header.path)

    def next_unread(self) -> None:
        """Show the next case that the reader has not read."""
        self.load(then_next=True)

    def use_evaluation(self, folder: Path) -> None:
        """Lay what an evaluation said of the images beside the readings."""

        def work(_context: object, _request: object) -> tuple[NetworkResult, ...]:
            from cxr_desktop.cohort.results import read_results

            return read_results(folder)

        self._bridge.submit(
            tr("Reading results in {name}").format(name=folder.name),
            work,
            self._use,
            self._refused,
            channel="worklist",
        )

    def _follow(self, event: Event) -> None:
        """A case that is committed or amended leaves one list for another."""
        if self.cases and isinstance(event, Commit | Amend):
            self.load()

    def _use(self, results: tuple[NetworkResult, ...]) -> None:
        self.results = results
        self._join()

    def _take(self, images: Sequence[KeptCase], then_next: bool) -> None:
        self._images = images
        self._join()
        if then_next:
            self._open_next()

    def _join(self) -> None:
        from cxr_desktop.ui.worklist import work_cases

        places = {header.path: place for place, header in enumerate(self._studies.headers)}
        last = len(places)
        images = sorted(self._images, key=lambda one: (places.get(one[0].path, last), one[0].path))
        self.cases = work_cases(images, self.results)
        self.changed.emit()

    def _open_next(self) -> None:
        from cxr_desktop.ui.worklist import next_unread

        image = self._session.image
        case = next_unread(self.shown, self.reader, image.radiograph.header.path if image else None)
        if case is None:
            self.told.emit(tr(ALL_READ))
        else:
            self.open(case)

    def _refused(self, error: BaseException) -> None:
        if not isinstance(error, Cancelled):
            self.told.emit(str(error))
