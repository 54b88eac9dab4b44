"""Which frame of the open file is on the canvas: turned over by hand, or played."""

from __future__ import annotations

import time
from collections import OrderedDict, deque

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from cxr_desktop.domain.errors import Cancelled
from cxr_desktop.ui.engine import Engine
from cxr_desktop.ui.job_bridge import JobBridge
from cxr_desktop.ui.latest_only import LatestOnly
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.viewer.loaded_image import LoadedImage

FIRST = 20
REST_MS = 250
USUAL_RATE = 10.0
LARGEST_BYTES = 384 * 2**20


class Frames(QObject):
    """Frames go by as pictures; the one that comes to rest becomes the session's image, read and analysed.

    changed: another frame, rate or file, or playing began or ended. index: counted from 0.
    """

    changed = Signal()
    told = Signal(str)

    def __init__(
        self, engine: Engine, bridge: JobBridge, session: Session, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._engine, self._bridge, self._session = engine, bridge, session
        self._loading = LatestOnly(bridge, FIRST)
        self._kept: OrderedDict[int, LoadedImage] = OrderedDict()
        self._first: LoadedImage | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.rest)
        self._clock = QTimer(self)
        self._clock.setTimerType(Qt.TimerType.PreciseTimer)
        self._clock.timeout.connect(self._play_on)
        self._times: deque[float] = deque(maxlen=24)
        self.index = 0
        self.rate = USUAL_RATE
        self.told_rate = 0.0
        session.image_changed.connect(self._follow)
        session.passing_changed.connect(self._follow)

    @property
    def count(self) -> int:
        return self._first.radiograph.header.frames if self._first else 0

    @property
    def playing(self) -> bool:
        return self._clock.isActive()

    @property
    def achieved(self) -> float:
        """Frames a second that were shown of late while playing; 0 where too few were."""
        if not self.playing or len(self._times) < 8:
            return 0.0
        return (len(self._times) - 1) / max(self._times[-1] - self._times[0], 1e-6)

    def step(self, by: int) -> None:
        """So many frames on; past the ends nothing happens."""
        self.stop()
        self.go_to(self.index + by)

    def go_to(self, index: int) -> None:
        """Put a frame on the canvas, the nearest there is."""
        index = min(max(index, 0), self.count - 1)
        if self.count > 1 and index != self.index:
            self.index = index
            self.changed.emit()
            self._bring()

    def toggle_play(self) -> None:
        """Play from here, over and over, or rest on the frame that is shown."""
        if self.playing:
            self.stop()
        elif self.count > 1:
            self._rest.stop()
            self._times.clear()
            self._clock.start(round(1000 / self.rate))
            self.changed.emit()

    def stop(self) -> None:
        if self.playing:
            self._clock.stop()
            self.changed.emit()
            self._rest.start()

    def set_rate(self, rate: float) -> None:
        """Frames a second."""
        if rate != self.rate and rate > 0:
            self.rate = rate
            self._clock.setInterval(round(1000 / rate))
            self.changed.emit()

    def rest(self) -> None:
        """Read and analyse the frame that is shown now."""
        self._clock.stop()
        self._rest.stop()
        picture = self._session.passing
        if picture is not None and picture.radiograph.header.frames > 1:
            self._bridge.submit(
                "",
                lambda _context, _request: LoadedImage.prepare(picture.radiograph),
                self._session.set_image,
                self._failed,
                channel="image",
                priority=FIRST,
            )
        self.changed.emit()

    def close(self) -> None:
        """Ask for nothing more."""
        self._clock.stop()
        self._rest.stop()

    def _follow(self) -> None:
        """Another file begins anew; a frame of the open one is where the hand is now."""
        shown = self._session.shown
        if shown is None or not shown.goes_on_from(self._first):
            self._clock.stop()
            self._rest.stop()
            self._loading.drop_next()
            self._kept.clear()
            self._first = shown
            self.told_rate = shown.radiograph.frame_rate if shown else 0.0
            self.rate = self.told_rate or USUAL_RATE
            self.index = shown.radiograph.frame if shown else 0
        elif self._session.passing is None:
            self.index = shown.radiograph.frame
        self.changed.emit()

    def _play_on(self) -> None:
        """The next frame, once the last one is on the canvas: none is left out where reading is slower."""
        shown = self._session.shown
        if shown is not None and shown.radiograph.frame == self.index:
            self.go_to((self.index + 1) % self.count)

    def _bring(self) -> None:
        first, index = self._first, self.index
        assert first is not None
        known = self._kept.get(index)
        if known is not None:
            self._kept.move_to_end(index)
            self._show(known, index)
            return
        path = first.radiograph.header.path
        self._loading.submit(
            lambda _context, _request: LoadedImage.picture(self._engine.read(path, index)),
            lambda image: self._arrived(first, image, index),
            lambda error: self._frame_failed(first, error),
        )

    def _arrived(self, first: LoadedImage, image: LoadedImage, index: int) -> None:
        if first is self._first:
            self._kept[index] = image
            while len(self._kept) > 1 and sum(kept.bytes for kept in self._kept.values()) > LARGEST_BYTES:
                self._kept.popitem(last=False)
            self._show(image, index)

    def _show(self, image: LoadedImage, index: int) -> None:
        if index == self.index or self._session.passing is not None:
            self._bridge.cancel("image")
            self._session.pass_by(image)
            self._times.append(time.monotonic())
            if not self.playing:
                self._rest.start()

    def _frame_failed(self, first: LoadedImage, error: BaseException) -> None:
        shown = self._session.shown
        if first is self._first and shown is not None and not isinstance(error, Cancelled):
            self._clock.stop()
            self.index = shown.radiograph.frame
            self.told.emit(str(error))
            self.rest()

    def _failed(self, error: BaseException) -> None:
        if not isinstance(error, Cancelled):
            self.told.emit(str(error))
