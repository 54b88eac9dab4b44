"""The library's readers over all their images: readings taken in from files, agreement measured and written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from cxr_desktop.domain import InstanceHeader
from cxr_desktop.domain.errors import Cancelled
from cxr_desktop.library import ReadingStore, StoreError
from cxr_desktop.ui.job_bridge import JobBridge
from cxr_desktop.ui.panels.study_list_model import StudyListModel
from cxr_desktop.ui.saved_readings import SavedReadings
from cxr_desktop.ui.store_question import guarded
from cxr_desktop.ui.translation import later, tr

if TYPE_CHECKING:
    from cxr_desktop.cohort.agreement import Agreement
    from cxr_desktop.library.reader_table import ReaderTable
    from cxr_desktop.localization import BoxTable

NO_IMAGE = later(
    "None of the images in the study list is named there. Open the images first, then import their readings."
)


class Agreeing(QObject):
    """changed: the agreement, or why there is none. exported: files. told: a sentence for the status bar."""

    changed = Signal()
    exported = Signal(object)
    told = Signal(str)
    imported = Signal()
    _read = Signal(object)
    _took = Signal(object)
    _failed = Signal(str)

    def __init__(
        self,
        bridge: JobBridge,
        saved: SavedReadings,
        studies: StudyListModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._saved, self._studies = bridge, saved, studies
        self.agreement: Agreement | None = None
        self.problem = ""
        self._table: ReaderTable | None = None
        queued = Qt.ConnectionType.QueuedConnection
        self._read.connect(self._measure, queued)
        self._took.connect(self._say_imported, queued)
        self._failed.connect(self._fail, queued)

    def measure(self) -> None:
        """Compare all readers of the library."""

        def read(store: ReadingStore) -> None:
            from cxr_desktop.library.reader_table import reader_table

            self._read.emit(reader_table(store))

        self._saved.ask(guarded(read, self._failed.emit))

    def import_files(self, paths: Sequence[Path]) -> None:
        """Take readers' boxes of the listed images from files into the library."""

        def work(_context: object, _request: object) -> Mapping[Path, BoxTable]:
            from cxr_desktop.cohort.box_input import read_box_input

            return {path: read_box_input(path) for path in paths}

        self._bridge.submit(tr("Reading boxes"), work, self._keep, self._refused, channel="import-readings")

    def export(self, folder: Path) -> None:
        """Write the agreement, the consensus and what adjudicators decided."""
        agreement, table = self.agreement, self._table
        if agreement is None or table is None:
            return

        def work(_context: object, _request: object) -> tuple[Path, ...]:
            from cxr_desktop.cohort.agreement_files import write_agreement

            return write_agreement(agreement, folder, table.sizes, table.adjudicated)

        self._bridge.submit(
            tr("Writing the agreement"), work, self.exported.emit, self._refused, channel="agreement tables"
        )

    def _keep(self, tables: Mapping[Path, BoxTable]) -> None:
        headers = self._studies.headers

        def keep(store: ReadingStore) -> None:
            self._took.emit(_imported(store, tables, headers))

        self._saved.ask(guarded(keep, self._failed.emit))

    def _say_imported(self, sentence: str) -> None:
        self.told.emit(sentence)
        self.imported.emit()

    def _measure(self, table: ReaderTable) -> None:
        def work(_context: object, _request: object) -> Agreement:
            from cxr_desktop.cohort.agreement import measure_agreement
            from cxr_desktop.cohort.reader_study import assemble_study

            return measure_agreement(assemble_study(table.readers, table.boxes))

        def show(found: Agreement) -> None:
            self.agreement, self._table, self.problem = found, table, ""
            self.changed.emit()

        self._bridge.submit(tr("Comparing all readers"), work, show, self._refused, channel="agreement")

    def _refused(self, error: BaseException) -> None:
        if not isinstance(error, Cancelled):
            self._fail(str(error))

    def _fail(self, sentence: str) -> None:
        self.problem = sentence[:1].upper() + sentence[1:]
        self.told.emit(self.problem)
        self.changed.emit()


def _imported(store: ReadingStore, tables: Mapping[Path, BoxTable], headers: Sequence[InstanceHeader]) -> str:
    from cxr_desktop.library.importing import found_readings, import_readings

    found = found_readings(tables, headers)
    if not found:
        raise StoreError(tr(NO_IMAGE))
    done = import_readings(store, found)
    again = "" if done.new else tr(" They were here already.")
    return tr("{readings} readings of {join} are in the library.{again}").format(
        readings=done.readings, join=", ".join(done.readers), again=again
    )
