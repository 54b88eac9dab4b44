"""Statistics of measured areas, worked out on a worker once the hand has let go."""

from __future__ import annotations

from PySide6.QtCore import QObject

from cxr_desktop.ui.job_bridge import JobBridge
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.viewer.loaded_image import LoadedImage
from cxr_desktop.ui.viewer.measurement import AREAS, Measurement
from cxr_desktop.ui.viewer.measurement_model import MeasurementModel
from cxr_desktop.ui.viewer.region_statistics import pixel_window, region_statistics

AT_ONCE = 40_000
FIRST = 15


class Measuring(QObject):
    """Small areas are worked out at once, so that numbers follow the hand."""

    def __init__(
        self,
        bridge: JobBridge,
        session: Session,
        measurements: MeasurementModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._session, self._measurements = bridge, session, measurements
        self._asked: set[Measurement] = set()
        session.image_changed.connect(self._open)
        measurements.changed.connect(self._measure)

    def _open(self) -> None:
        self._asked.clear()
        image = self._session.image
        self._measurements.open(image.radiograph if image else None)

    def _measure(self) -> None:
        image, model = self._session.image, self._measurements
        if image is None:
            return
        for item in model.shown:
            if item.kind not in AREAS or item in model.statistics:
                continue
            x0, y0, x1, y1 = pixel_window(item, image.radiograph)
            if (x1 - x0) * (y1 - y0) <= AT_ONCE:
                model.set_statistics(item, region_statistics(item, image.radiograph))
            elif item in model.present and item not in self._asked:
                self._ask(image, item)

    def _ask(self, image: LoadedImage, item: Measurement) -> None:
        self._asked.add(item)
        self._bridge.submit(
            "",
            lambda context, _request: region_statistics(item, image.radiograph, context.check),
            lambda found: self._arrived(image, item, found),
            lambda _error: self._asked.discard(item),
            priority=FIRST,
        )

    def _arrived(self, image: LoadedImage, item: Measurement, found: object) -> None:
        if image is self._session.image:
            self._measurements.set_statistics(item, found)  # type: ignore[arg-type]
