"""Which keys run which action: those of the table, unless the reader chose others."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence

from cxr_desktop.ui.actions import ACTIONS, HELD_KEYS, ActionSpec
from cxr_desktop.ui.settings import Settings


class KeyMap(QObject):
    """A key belongs to one action: given to another, the first one loses it."""

    changed = Signal()

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        known = {spec.id for spec in ACTIONS}
        chosen = settings.shortcuts()
        self._chosen = {action: keys for action, keys in chosen.items() if action in known}

    def keys(self, spec: ActionSpec) -> tuple[str, ...]:
        return self._chosen.get(spec.id, spec.keys)

    def told(self, spec: ActionSpec) -> str:
        """The keys as this system writes them."""
        native = QKeySequence.SequenceFormat.NativeText
        return ", ".join(QKeySequence(key).toString(native) for key in self.keys(spec))

    def is_own(self, spec: ActionSpec) -> bool:
        """Whether the reader chose these keys."""
        return spec.id in self._chosen

    def holder(self, key: str) -> ActionSpec | None:
        """The action that has the key now."""
        wanted = QKeySequence(key)
        return next(
            (spec for spec in ACTIONS if any(QKeySequence(k) == wanted for k in self.keys(spec))), None
        )

    def refusal(self, key: str) -> str:
        """Why a key cannot be given to any action; '' where it can."""
        if not key:
            return "Press the key to use."
        if QKeySequence(key) in [QKeySequence(held) for held in HELD_KEYS]:
            return f"{key} acts while it is held, so it cannot run an action."
        return ""

    def assign(self, spec: ActionSpec, key: str) -> None:
        """Give the action this key alone, taken from whichever action had it."""
        holder = self.holder(key)
        if holder is not None and holder.id != spec.id:
            wanted = QKeySequence(key)
            kept = tuple(k for k in self.keys(holder) if QKeySequence(k) != wanted)
            self._choose(holder, kept)
        self._choose(spec, (key,))
        self._keep()

    def clear(self, spec: ActionSpec) -> None:
        """Leave the action without a key."""
        self._choose(spec, ())
        self._keep()

    def restore(self) -> None:
        """The keys of the table, for every action."""
        self._chosen.clear()
        self._keep()

    def _choose(self, spec: ActionSpec, keys: tuple[str, ...]) -> None:
        self._chosen[spec.id] = keys
        if keys == spec.keys:
            del self._chosen[spec.id]

    def _keep(self) -> None:
        self._settings.save_shortcuts(self._chosen)
        self.changed.emit()
