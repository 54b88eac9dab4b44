"""From a unit in the results to the walk through the network that begins at it, on the present case."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from cxr_desktop.domain.reasons import Look, UnitFigures
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.study.reviewing import Reviewing


class UnitOpening(QObject):
    """ready (unit): the case is on screen and its scores may be seen, which a walk through the network needs."""

    ready = Signal(object)

    def __init__(self, session: Session, reviewing: Reviewing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._reviewing = session, reviewing
        self._wanted: tuple[Path, UnitFigures] | None = None
        session.prediction_changed.connect(self._look)

    def open(self, unit: UnitFigures) -> None:
        """Show a case, then the unit on it; a later wish takes the place of this one.

        The worklist's present case where the network predicted the finding, for else hardly anything passes the
        unit; or the first that it predicted for another reason, or at all.
        """
        model = self._reviewing.model
        predicted = [case for case in model.cases if case.predicted]
        wrong = [case for case in predicted if case.look(model.rule) is not Look.THERE]
        case = (
            model.current if model.current in predicted else next(iter((*wrong, *predicted)), model.current)
        )
        path = model.results.files.get(case.image) if model.results and case else None
        if case is None or path is None:
            return
        self._wanted = (path, unit)
        self._reviewing.open_case(case)
        self._look()

    def _look(self) -> None:
        image = self._session.image
        if self._wanted is None or image is None or not self._session.scores_revealed:
            return
        path, unit = self._wanted
        if image.radiograph.header.path == path:
            self._wanted = None
            self.ready.emit(unit)
