"""Maps in the making: one job a method, each map computed once."""

from __future__ import annotations

from cxr_desktop.ui.job_bridge import Done, Failed, JobBridge, Work
from cxr_desktop.ui.map_cache import MapKey


class MapsUnderWay:
    """Jobs of the maps of one image. Of those, one may be there for the present choice alone: it goes with it."""

    def __init__(self, bridge: JobBridge, priority: int) -> None:
        self._bridge = bridge
        self._priority = priority
        self._keys: dict[str, MapKey] = {}
        self._alone: MapKey | None = None

    def choose(self, key: MapKey, title: str, work: Work, done: Done, failed: Failed) -> None:
        """Make the map of the present choice, unless it is in the making."""
        if self._keys.get(key.method) != key:
            self.make(key, title, work, done, failed)
            self._alone = key

    def make(self, key: MapKey, title: str, work: Work, done: Done, failed: Failed) -> None:
        """Make a map that is wanted whatever is chosen."""
        if self._alone == key:
            self._alone = None
        if self._keys.get(key.method) == key:
            return

        def ended(tell: Done | Failed, outcome: object) -> None:
            self._forget(key)
            tell(outcome)  # type: ignore[arg-type]

        self._keys[key.method] = key
        self._bridge.submit(
            title,
            work,
            lambda made: ended(done, made),
            lambda error: ended(failed, error),
            channel=_channel(key),
            priority=self._priority,
        )

    def leave_choice(self, key: MapKey | None = None) -> None:
        """Let go what was there for the last choice alone. key: the next choice, None where there is none."""
        if self._alone is not None and self._alone != key:
            self._stop(self._alone)

    def stop(self) -> None:
        """Let go all of them."""
        for key in tuple(self._keys.values()):
            self._stop(key)

    def _stop(self, key: MapKey) -> None:
        self._bridge.cancel(_channel(key))
        self._forget(key)

    def _forget(self, key: MapKey) -> None:
        if self._keys.get(key.method) == key:
            del self._keys[key.method]
        if self._alone == key:
            self._alone = None


def _channel(key: MapKey) -> str:
    return f"map of {key.method}"
