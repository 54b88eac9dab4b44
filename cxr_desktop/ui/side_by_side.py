"""The main canvas with other images of the patient beside it, moving together."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget

from cxr_desktop.domain import InstanceHeader
from cxr_desktop.ui.opening import Opening
from cxr_desktop.ui.panels.study_list_model import StudyListModel
from cxr_desktop.ui.priors import priors_of, standing
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.side_view import SideView
from cxr_desktop.ui.translation import later, tr
from cxr_desktop.ui.viewer.loaded_image import LoadedImage
from cxr_desktop.ui.viewer.view_layout import ViewLayout
from cxr_desktop.ui.viewer.view_link import ViewLink
from cxr_desktop.ui.viewer.viewer_model import ViewerModel

MOST, ACROSS = 4, 2
NO_PRIOR = later("No other image of this patient is in the list.")
NO_MORE = later("No further image of this patient is in the list.")


class SideBySide(QWidget):
    """One image, two side by side, or two by two; the first is the one being read."""

    def __init__(
        self,
        canvas: QWidget,
        viewer: ViewerModel,
        session: Session,
        studies: StudyListModel,
        opening: Opening,
        layout: ViewLayout,
    ) -> None:
        super().__init__()
        self.setObjectName("sideBySide")
        self._viewer, self._session, self._studies = viewer, session, studies
        self._opening, self._layout = opening, layout
        self._shown: list[InstanceHeader | None] = [None] * (MOST - 1)
        self._sides = tuple(SideView(number, viewer, session, self) for number in range(1, MOST))
        self._link = ViewLink((viewer, *(side.viewer for side in self._sides)), self)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(2)
        for place, widget in enumerate((canvas, *(side.canvas for side in self._sides))):
            grid.addWidget(widget, *divmod(place, ACROSS))
        layout.changed.connect(self._arrange)
        session.image_changed.connect(self._fill)
        opening.searched.connect(self._fill)
        self._grid = grid
        self._arrange()

    def _arrange(self) -> None:
        for number, side in enumerate(self._sides, 1):
            side.canvas.setVisible(number < self._layout.count)
        for place in range(ACROSS):
            self._grid.setColumnStretch(place, int(place < self._layout.count))
            self._grid.setRowStretch(place, int(place * ACROSS < self._layout.count))
        self._link.linked = self._layout.linked
        self._fill()
        for side in self._sides:
            self._link.follow(side.viewer, self._viewer)

    def _fill(self) -> None:
        """Ask for what the sides should show and do not show yet."""
        image = self._session.image
        priors: tuple[InstanceHeader, ...] = ()
        if image is not None and self._layout.count > 1:
            priors = priors_of(image.radiograph.header, self._studies.showable)
        for number, side in enumerate(self._sides):
            wanted = priors[number] if number < min(len(priors), self._layout.count - 1) else None
            if wanted is None:
                self._opening.cancel_beside(number)
                self._shown[number] = None
                with self._link.resting():
                    side.tell(tr(NO_PRIOR) if number == 0 else tr(NO_MORE))
            elif wanted != self._shown[number]:
                self._shown[number] = wanted
                self._ask(number, wanted)
            elif image is not None and side.viewer.image is not None:
                self._show(number, side.viewer.image)

    def _ask(self, number: int, header: InstanceHeader) -> None:
        self._opening.open_beside(
            header, number, lambda image: self._show(number, image), self._sides[number].tell
        )

    def _show(self, number: int, image: LoadedImage) -> None:
        current, side = self._session.image, self._sides[number]
        if current is None:
            return
        with self._link.resting():
            side.show(image, *standing(current.radiograph.header, image.radiograph.header))
        self._link.follow(side.viewer, self._viewer)
