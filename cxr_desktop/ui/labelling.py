"""Which label set the number keys belong to: a shipped one, or one of the reader's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from cxr_desktop.domain.label_set import LabelSet
from cxr_desktop.library.label_sets import DEFAULT_SET, LabelSetError, label_sets, write_label_set
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.settings import Settings


class Labelling(QObject):
    """changed: other sets are at hand, or another one is in use. problems: own files that are no sets."""

    changed = Signal()

    def __init__(
        self, data: Path, settings: Settings, reading: ReadingModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._data, self._settings, self._reading = data, settings, reading
        self._sets: tuple[LabelSet, ...] | None = None
        self.problems: tuple[str, ...] = ()
        self.chosen = settings.label_set() or DEFAULT_SET
        if self.chosen != DEFAULT_SET:
            self.use(self.chosen)

    @property
    def sets(self) -> tuple[LabelSet, ...]:
        """The sets at hand, read when first asked for."""
        if self._sets is None:
            self._sets, self.problems = label_sets(self._data)
        return self._sets

    def use(self, set_id: str) -> None:
        """Give the number keys the labels of a set; one that is gone leaves them as they are."""
        found = next((one for one in self.sets if one.id == set_id), None)
        if found is not None:
            self.chosen = found.id
            self._settings.save_label_set(found.id)
            self._reading.set_labels(found.names)
            self.changed.emit()

    def save(self, title: str, names: Sequence[str]) -> str:
        """Keep an own set and use it. Returns why that cannot be done, or ''."""
        try:
            made = write_label_set(self._data, title, names)
        except LabelSetError as error:
            return str(error)
        self._sets = None
        self.use(made.id)
        return ""
