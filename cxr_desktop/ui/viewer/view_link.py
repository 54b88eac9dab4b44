"""Viewers that zoom, pan and window together, each in its own image's measure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject

from cxr_desktop.ui.viewer.viewer_model import ViewerModel


class ViewLink(QObject):
    """What one viewer does, the others do relative to their own fit and their own default window."""

    def __init__(self, viewers: tuple[ViewerModel, ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewers = viewers
        self._resting = False
        self.linked = True
        for viewer in viewers:
            viewer.view_changed.connect(self._spread(viewer, _follow_place))
            viewer.presentation_changed.connect(self._spread(viewer, _follow_gray))

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Nothing is passed on inside the block."""
        before, self._resting = self._resting, True
        try:
            yield
        finally:
            self._resting = before

    def follow(self, viewer: ViewerModel, leader: ViewerModel) -> None:
        """Bring one viewer in step with another."""
        if self.linked:
            with self.resting():
                _follow_place(viewer, leader)
                _follow_gray(viewer, leader)

    def _spread(
        self, leader: ViewerModel, follow: Callable[[ViewerModel, ViewerModel], None]
    ) -> Callable[[], None]:
        def spread() -> None:
            if self.linked and not self._resting and leader.image is not None:
                with self.resting():
                    for viewer in self._viewers:
                        if viewer is not leader and viewer.image is not None:
                            follow(viewer, leader)

        return spread


def _follow_place(viewer: ViewerModel, leader: ViewerModel) -> None:
    if viewer.image is not None and leader.image is not None:
        viewer.show_place(leader.place())


def _follow_gray(viewer: ViewerModel, leader: ViewerModel) -> None:
    if viewer.image is not None and leader.image is not None:
        viewer.show_gray(leader.gray())
