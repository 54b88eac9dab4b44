"""Two sources of boxes on the image that is open, held against each other. No widget."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from cxr_desktop.domain import Box, Threshold, ThresholdKind
from cxr_desktop.library import ReadingStore
from cxr_desktop.library.reader_table import readings_of
from cxr_desktop.ui.comparing_sources import NETWORK, Source, first_choice, sources
from cxr_desktop.ui.engine import Engine
from cxr_desktop.ui.job_bridge import JobBridge
from cxr_desktop.ui.panels.heatmap_model import HeatmapModel
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.saved_readings import SavedReadings
from cxr_desktop.ui.session import Session

if TYPE_CHECKING:
    from cxr_desktop.localization import IouCurve
    from cxr_desktop.localization.agreement import Sides

BLINK_MS = 650
MINIMUM_IOU = 0.0
MOST_KNOWN = 64
"""Pairs of sources whose outcome is kept."""


class Look(StrEnum):
    """How two sources share the canvas."""

    BOTH = "both"
    BLINK = "blink"
    SWIPE = "swipe"


class Comparing(QObject):
    """changed: sources, choice or outcome. look_changed: the same outcome, shown otherwise. curve_changed."""

    changed = Signal()
    look_changed = Signal()
    curve_changed = Signal()
    _loaded = Signal(str, object)

    def __init__(
        self,
        engine: Engine,
        bridge: JobBridge,
        session: Session,
        heatmap: HeatmapModel,
        reading: ReadingModel,
        saved: SavedReadings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine, self._bridge, self._session = engine, bridge, session
        self._heatmap, self._reading, self._saved = heatmap, reading, saved
        self.active = False
        self.sources: tuple[Source, ...] = ()
        self.first = self.second = ""
        self.look = Look.BOTH
        self.second_phase = False
        self.swipe = 0.5
        self.focus: tuple[Box, ...] | None = None
        self.curve: IouCurve | None = None
        self._others: Mapping[str, tuple[Box, ...]] = {}
        self._curve_of: object = None
        self._known: dict[tuple[tuple[Box, ...], tuple[Box, ...]], Sides] = {}
        self._blink = QTimer(self, interval=BLINK_MS)
        self._blink.timeout.connect(self.flip)
        self._loaded.connect(self._take, Qt.ConnectionType.QueuedConnection)
        session.image_changed.connect(self._forget)
        session.veil_changed.connect(self.reload)
        reading.reader_changed.connect(self.reload)
        heatmap.cut_changed.connect(self.curve_changed)
        for signal in (session.cut_changed, session.references_changed, reading.changed):
            signal.connect(self._refresh)

    def begin(self) -> None:
        """Show the comparison on the canvas, and keep it up to date."""
        self.active = True
        self.reload()

    def end(self) -> None:
        """Show the image as it is without a comparison."""
        self.active = False
        self.focus = None
        self.set_look(Look.BOTH)
        self.changed.emit()

    def reload(self) -> None:
        """Ask the library for the other readers of the image; nothing while it is veiled."""
        image = self._session.image
        if not self.active or image is None or self._session.veiled:
            self._others = {}
            self._refresh()
            return
        sha256 = image.key

        def load(store: ReadingStore) -> None:
            found = readings_of(store, sha256)
            self._loaded.emit(sha256, {name: history.present.boxes for name, history in found.items()})

        self._saved.ask(load)

    def choose(self, first: str, second: str) -> None:
        """Hold two sources against each other, by their keys."""
        if (first, second) != (self.first, self.second):
            self.first, self.second = first, second
            self._refresh()

    def set_look(self, look: Look) -> None:
        if look is not self.look:
            self.look, self.second_phase = look, False
            self._blink.start() if look is Look.BLINK else self._blink.stop()
            self.look_changed.emit()

    def set_focus(self, boxes: tuple[Box, ...] | None) -> None:
        """Show these boxes alone, or all of them (None)."""
        if boxes != self.focus:
            self.focus = boxes
            self.look_changed.emit()

    def set_swipe(self, share: float) -> None:
        """How much of the canvas, from the left, shows the first source."""
        self.swipe = min(max(share, 0.0), 1.0)
        self.look_changed.emit()

    def flip(self) -> None:
        """The other source's turn."""
        self.second_phase = not self.second_phase
        self.look_changed.emit()

    def set_percentile(self, percentile: float) -> None:
        """Cut the map that is shown at another place."""
        self._heatmap.set_threshold(Threshold(ThresholdKind.PERCENTILE, round(percentile, 1)))

    @property
    def threshold(self) -> Threshold:
        return self._heatmap.threshold

    @property
    def pair(self) -> tuple[Source, Source] | None:
        """The two sources; None where there is no image, one of them is gone, or there is but one."""
        by_key = {source.key: source for source in self.sources}
        found = by_key.get(self.first), by_key.get(self.second)
        return (found[0], found[1]) if found[0] and found[1] and len(by_key) > 1 else None

    @property
    def sides(self) -> Sides | None:
        return self.between(*self.pair) if self.pair else None

    @property
    def region_iou(self) -> float | None:
        """IoU of the map's part above its threshold with the boxes of `measured_against` taken together."""
        cut, against, image = self._session.cut, self.measured_against, self._session.image
        if cut is None or against is None or image is None:
            return None
        from cxr_desktop.localization import mask_iou

        rows, columns = cut.region.shape
        scale = columns / image.radiograph.columns, rows / image.radiograph.rows
        covered = np.zeros_like(cut.region)
        for box in against.boxes:
            left, right = (round(x * scale[0]) for x in (box.x, box.right))
            top, bottom = (round(y * scale[1]) for y in (box.y, box.bottom))
            covered[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = True
        return mask_iou(cut.region, covered)

    @property
    def measured_against(self) -> Source | None:
        """Whose boxes the curve holds the map against: the first of the two that is not the network."""
        pair = self.pair
        return next((one for one in pair or () if one.key != NETWORK and one.boxes), None)

    def between(self, first: Source, second: Source) -> Sides:
        """How any two sources lie; asked again for the same boxes, the answer is at hand."""
        from cxr_desktop.localization.agreement import side_by_side

        key = first.boxes, second.boxes
        if key not in self._known:
            while len(self._known) >= MOST_KNOWN:
                del self._known[next(iter(self._known))]
            self._known[key] = side_by_side(*key, MINIMUM_IOU)
        return self._known[key]

    def _forget(self) -> None:
        self._others, self.sources = {}, ()
        if self.active:
            self.reload()

    def _take(self, sha256: str, others: Mapping[str, tuple[Box, ...]]) -> None:
        image = self._session.image
        if image is not None and image.key == sha256 and not self._session.veiled:
            self._others = others
            if any(boxes for name, boxes in others.items() if name != self._reading.reader):
                self._reading.note_reveal()
            self._refresh()

    def _refresh(self) -> None:
        if not self.active:
            return
        cut, reading = self._session.cut, self._reading
        self.sources = (
            ()
            if self._session.image is None
            else sources(
                (reading.reader, reading.shown.boxes),
                self._others,
                self._session.references,
                cut.boxes if cut else None,
            )
        )
        if self.sources and self.pair is None:
            self.first, self.second = first_choice(self.sources)
        self._ask_curve()
        self.changed.emit()

    def _ask_curve(self) -> None:
        heat, against = self._session.heat, self.measured_against
        question = (heat, against.boxes) if heat is not None and against is not None else None
        if question == self._curve_of:
            return
        self._curve_of, self.curve = question, None
        self._bridge.cancel("iou-curve")
        self.curve_changed.emit()
        if heat is None or against is None:
            return
        values, boxes = heat.source.values, against.boxes
        self._bridge.submit(
            "",
            lambda _context, _request: self._engine.iou_curve(values, boxes),
            self._draw_curve,
            _quietly,
            channel="iou-curve",
            priority=8,
        )

    def _draw_curve(self, curve: IouCurve) -> None:
        self.curve = curve
        self.curve_changed.emit()


def _quietly(_error: BaseException) -> None:
    """Superseded, or a map that cannot be cut: no curve is shown."""
