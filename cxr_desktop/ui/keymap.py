"""Which keys run which action: those of the table, unless the reader chose others."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence

from cxr_desktop.ui.actions import ACTIONS, HELD_KEYS, ActionSpec
from cxr_desktop.ui.settings import Settings
from cxr_desktop.ui.translation import tr


class KeyMap(QObject):
    """A key belongs to one action: given to another, the first one loses it."""

    changed = Signal()

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._chosen = _sound(settings.shortcuts())

    def keys(self, spec: ActionSpec) -> tuple[str, ...]:
        """Those chosen for the action, or those of the table that were not given to another one."""
        if spec.id in self._chosen or not self._chosen:
            return self._chosen.get(spec.id, spec.keys)
        given = {_portable(key) for keys in self._chosen.values() for key in keys}
        return tuple(key for key in spec.keys if _portable(key) not in given)

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
            return tr("Press the key to use.")
        if _portable(key) in HELD_KEYS:
            return tr("{key} acts while it is held, so it cannot run an action.").format(key=key)
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


def _sound(kept: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Of known actions, without keys that act while they are held; a key that several have is the first one's."""
    known, taken = {spec.id for spec in ACTIONS}, set(HELD_KEYS)
    found: dict[str, tuple[str, ...]] = {}
    for action, keys in kept.items():
        if action in known:
            found[action] = tuple(key for key in keys if _portable(key) not in taken)
            taken.update(map(_portable, keys))
    return found


def _portable(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)
