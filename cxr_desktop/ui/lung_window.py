"""The gray of the lungs: a window chosen from the pixels of the lung field, worked out on a worker."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from cxr_desktop.domain.errors import Cancelled
from cxr_desktop.jobs import Context
from cxr_desktop.ui.engine import Engine, LungField
from cxr_desktop.ui.job_bridge import JobBridge, Request
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.translation import tr
from cxr_desktop.ui.viewer.gray_histogram import lung_window
from cxr_desktop.ui.viewer.loaded_image import LoadedImage
from cxr_desktop.ui.viewer.viewer_model import ViewerModel

SOON = 16


class LungWindow(QObject):
    """Falls back to the image's central part, and says why, where no lungs are found."""

    told = Signal(str)

    def __init__(
        self,
        engine: Engine,
        bridge: JobBridge,
        session: Session,
        viewer: ViewerModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine, self._bridge, self._session, self._viewer = engine, bridge, session, viewer

    def ask(self) -> None:
        """Find the lungs of the image at rest, and show it in their gray."""
        image = self._session.image
        if image is None or self._session.passing is not None:
            return

        def work(_context: Context, _request: Request) -> LungField:
            return self._engine.lung_field(image.radiograph)

        self._bridge.submit(
            tr("Finding the lungs"),
            work,
            lambda field: self._show(image, field),
            self._failed,
            channel="lung window",
            priority=SOON,
        )

    def _show(self, image: LoadedImage, field: LungField) -> None:
        if image is not self._session.image:
            return
        window = None if field.reason else lung_window(image.radiograph, field.mask)
        if window is not None:
            self._viewer.set_voi(window)
            return
        reason = field.reason or tr("all of the lung field has one value")
        self._viewer.show_central()
        self.told.emit(
            tr(
                "No window of the lung field: {reason}. The central part's percentiles are used instead."
            ).format(reason=reason.rstrip("."))
        )

    def _failed(self, error: BaseException) -> None:
        if not isinstance(error, Cancelled):
            self.told.emit(str(error))
