"""Presentation states that are at hand for the image on the canvas, and the one that is applied."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from cxr_desktop.domain import Voi, Window
from cxr_desktop.domain.presentation import Presentation, PresentationState
from cxr_desktop.ui.panels.study_list_model import day, person
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.translation import tr
from cxr_desktop.ui.viewer.loaded_image import LoadedImage
from cxr_desktop.ui.viewer.view_transform import UPRIGHT
from cxr_desktop.ui.viewer.viewer_model import Look, ViewerModel


class ShownStates(QObject):
    """None is applied unasked; `withdraw` brings back what was on the screen before.

    changed: others are offered, or another one, or none, is applied.
    """

    changed = Signal()
    told = Signal(str)

    def __init__(self, session: Session, viewer: ViewerModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._viewer = session, viewer
        self._known: dict[str, PresentationState] = {}
        self._image: LoadedImage | None = None
        self._before: Look | None = None
        self.applied: PresentationState | None = None
        session.image_changed.connect(self._follow)
        session.passing_changed.connect(self.changed)
        session.veil_changed.connect(self._follow_veil)

    def add(self, state: PresentationState) -> None:
        """Keep a state that was found."""
        self._known[state.sop_instance_uid] = state
        self.changed.emit()

    @property
    def offered(self) -> tuple[PresentationState, ...]:
        """Those for the image at rest, in the order in which they were made; none while others are hidden."""
        image = None if self._session.veiled else self._image
        found = [
            state for state in self._known.values() if image is not None and _on(state, image) is not None
        ]
        return tuple(sorted(found, key=lambda state: state.created))

    @property
    def presentation(self) -> Presentation | None:
        """What the applied state asks of the frame on the canvas; None where none is applied or frames pass."""
        if self.applied is None or self._image is None or self._session.passing is not None:
            return None
        return _on(self.applied, self._image)

    def apply(self, state: PresentationState) -> None:
        """Show the image as the state asks."""
        image = self._image
        asked = _on(state, image) if image is not None else None
        if image is None or asked is None:
            return
        if self.applied is None:
            self._before = self._viewer.look
        self.applied = state
        self._present(asked, image)
        if state.notes:
            self.told.emit(" ".join(state.notes))
        self.changed.emit()

    def _follow_veil(self) -> None:
        """A state holds what others drew: it goes with them."""
        if self._session.veiled:
            self.withdraw()
        self.changed.emit()

    def withdraw(self) -> None:
        """Back to how the image was shown before."""
        if self.applied is not None:
            self.applied = None
            if self._before is not None:
                self._viewer.show_look(self._before)
            self._before = None
            self.changed.emit()

    def next(self) -> None:
        """The next state, after the last one the reader's own view again."""
        offered = self.offered
        at = offered.index(self.applied) + 1 if self.applied in offered else 0
        if at < len(offered):
            self.apply(offered[at])
        else:
            self.withdraw()

    def _present(self, asked: Presentation, image: LoadedImage) -> None:
        """The state's gray replaces the image's own, its polarity included (PS3.4 N.2)."""
        viewer = self._viewer
        voi: Voi = (
            asked.voi if asked.voi is not None else Window.spanning(*image.value_range, tr("full range"))
        )
        inverted = asked.inverted is not image.radiograph.grayscale.inverted
        name = self.applied.label if self.applied else ""
        viewer.show_gray_of(
            replace(voi, explanation=tr("presentation state {name}").format(name=name).rstrip()), inverted
        )
        turn = UPRIGHT.rotated(asked.rotation // 90)  # turned, then flipped (PS3.3 C.10.6)
        viewer.turn_to(turn.flipped_across() if asked.flipped else turn)
        area = asked.area
        if area is None:
            viewer.fit()
        else:
            viewer.show_area(area.left, area.top, area.right, area.bottom, area.magnification)

    def _follow(self) -> None:
        before, self._image = self._image, self._session.image
        image = self._image
        goes_on = image is not None and image.goes_on_from(before)
        if self.applied is not None and not (goes_on and image is not None and _on(self.applied, image)):
            if goes_on:  # a frame that the state is not for
                self.withdraw()
            self.applied, self._before = None, None
        self.changed.emit()


def title_of(state: PresentationState) -> str:
    """What it is called, who made it and when."""
    made = (person(state.creator), day(state.created[:8]))
    name = state.description or state.label or tr("Presentation state")
    told = ", ".join(part for part in made if part)
    return f"{name} ({told})" if told else name


def _on(state: PresentationState, image: LoadedImage) -> Presentation | None:
    radiograph = image.radiograph
    return state.on(radiograph.header.sop_instance_uid, radiograph.frame + 1)
