"""The studies of the library: kept when an image of theirs is shown, listed again at the next start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from cxr_desktop.domain import InstanceHeader
from cxr_desktop.library import KeptImage, ReadingStore, study_key
from cxr_desktop.ui.job_bridge import JobBridge
from cxr_desktop.ui.panels.study_list_model import StudyListModel, person
from cxr_desktop.ui.saved_readings import SavedReadings
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.translation import later, tr

GONE = later("Not at its place any more. Put the file back, or remove the study from the library.")
LISTED = 500


class EarlierStudies(QObject):
    """The store is asked on its own thread, the files on a worker: they may lie on a slow disk."""

    told = Signal(str)
    _loaded = Signal(object)

    def __init__(
        self,
        bridge: JobBridge,
        saved: SavedReadings,
        session: Session,
        studies: StudyListModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._saved = saved
        self._session = session
        self._studies = studies
        self._loaded.connect(self._list, Qt.ConnectionType.QueuedConnection)
        session.image_changed.connect(self._keep)

    def load(self) -> None:
        """Put the library's newest images into the study list."""
        self._saved.ask(lambda store: self._loaded.emit(store.studies.images()[:LISTED]))

    def forget(self, header: InstanceHeader) -> None:
        """Take the study of an image out of the library and the list; files and readings stay."""
        study = study_key(header)

        def remove(store: ReadingStore) -> None:
            store.studies.forget(study)

        self._saved.ask(remove)
        self._studies.remove_study(study)
        name = person(header.patient_name) or header.patient_id or header.path.name
        self.told.emit(
            tr("Removed from the library: {name}. Its files and your readings stay.").format(name=name)
        )

    def _keep(self) -> None:
        """Remember all images of the study that is looked at, and what bytes the shown one has."""
        image = self._session.image
        if image is None:
            return
        shown = image.radiograph.header
        headers = {header.path: header for header in self._studies.study_of(shown)} | {shown.path: shown}
        hashes = {shown.path: image.radiograph.sha256}

        def keep(store: ReadingStore) -> None:
            store.studies.keep(headers.values(), hashes)

        self._saved.ask(keep)

    def _list(self, images: Sequence[KeptImage]) -> None:
        headers = [image.header for image in images]
        self._bridge.submit(
            "",
            lambda _context, _request: tuple(h.path for h in headers if not h.path.is_file()),
            lambda missing: self._show(headers, missing),
            lambda error: self.told.emit(str(error)),
            priority=5,
        )

    def _show(self, headers: Sequence[InstanceHeader], missing: Sequence[Path]) -> None:
        self._studies.add_earlier(headers, dict.fromkeys(missing, tr(GONE)))
