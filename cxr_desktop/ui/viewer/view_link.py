"""Viewers that zoom, pan and window together, each in its own image's measure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject

from cxr_desktop.ui.viewer.viewer_model import ViewerModel

Follow = Callable[[ViewerModel, ViewerModel], None]


class ViewLink(QObject):
    """What one viewer does, the others do relative to their own fit and their own default window."""

    def __init__(self, viewers: tuple[ViewerModel, ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewers = viewers
        self._resting = False
        self.linked = True
        for viewer in viewers:
            _Lead(viewer, self)

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

    def spread(self, leader: ViewerModel, follow: Follow) -> None:
        """Have all others follow one viewer."""
        if self.linked and not self._resting and leader.image is not None:
            with self.resting():
                for viewer in self._viewers:
                    if viewer is not leader and viewer.image is not None:
                        follow(viewer, leader)


class _Lead(QObject):
    """Hands on what one viewer does, until the link is gone."""

    def __init__(self, viewer: ViewerModel, link: ViewLink) -> None:
        super().__init__(link)
        self._viewer, self._link = viewer, link
        viewer.view_changed.connect(self._place)
        viewer.presentation_changed.connect(self._gray)

    def _place(self) -> None:
        self._link.spread(self._viewer, _follow_place)

    def _gray(self) -> None:
        self._link.spread(self._viewer, _follow_gray)


def _follow_place(viewer: ViewerModel, leader: ViewerModel) -> None:
    if viewer.image is not None and leader.image is not None:
        viewer.show_place(leader.place())


def _follow_gray(viewer: ViewerModel, leader: ViewerModel) -> None:
    if viewer.image is not None and leader.image is not None:
        viewer.show_gray(leader.gray())
