"""How far the map on screen can be trusted, measured by a worker on request."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from cxr_desktop.domain import Agreement, AttributionMap, Box, MapTrust, Threshold, Trust
from cxr_desktop.domain.errors import Cancelled
from cxr_desktop.jobs import Context
from cxr_desktop.ui.engine import Engine
from cxr_desktop.ui.inference import Inference
from cxr_desktop.ui.job_bridge import JobBridge, Request
from cxr_desktop.ui.map_cache import MapKey
from cxr_desktop.ui.panels.heatmap_model import HeatmapModel
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.translation import tr

SOON = 9


@dataclass(frozen=True, slots=True)
class Question:
    """A map, where it is cut, and the boxes it is held against: what the figures are of."""

    map: MapKey
    threshold: Threshold
    boxes: tuple[Box, ...]


class Trusting(QObject):
    """changed: figures, agreement, progress or problem are others than before."""

    changed = Signal()

    def __init__(
        self,
        engine: Engine,
        bridge: JobBridge,
        session: Session,
        heatmap: HeatmapModel,
        reading: ReadingModel,
        inference: Inference,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine = engine
        self._bridge = bridge
        self._session = session
        self._heatmap = heatmap
        self._reading = reading
        self._inference = inference
        self._known: dict[Question, MapTrust] = {}
        self._whole: set[Question] = set()
        self._agreements: dict[tuple[MapKey, ...], Agreement] = {}
        self._under_way: Question | None = None
        self.progress = 0.0
        self.problem = ""

    @property
    def running(self) -> bool:
        return self._under_way is not None

    @property
    def question(self) -> Question | None:
        """What would be measured now; None while no whole map of a method is shown."""
        key, heat = self._inference.key(self._heatmap.method), self._session.heat
        if key is None or heat is None or heat.source.parameters.get("through") is not None:
            return None
        return Question(key, self._heatmap.threshold, self._boxes())

    @property
    def present(self) -> MapTrust | None:
        """Figures of the map on screen as far as they are there."""
        question = self.question
        return None if question is None else self._known.get(question)

    @property
    def complete(self) -> bool:
        return self.question in self._whole

    @property
    def agreement(self) -> Agreement | None:
        """Of the maps computed for the target on screen."""
        return self._agreements.get(self._shown_maps())

    def measure(self) -> None:
        """Measure the map on screen; a measurement under way gives place."""
        question, heat, image = self.question, self._session.heat, self._session.image
        if question is None or heat is None or image is None:
            return
        network, found, radiograph = self._inference.network, heat.source, image.radiograph

        def work(context: Context, asked: Request) -> None:
            def tell(done: float) -> None:
                context.report(done)
                asked.part(done)

            for grown in self._engine.trust(
                network, radiograph, found, question.threshold, question.boxes, tell
            ):
                asked.part(grown)

        self._begin(question)
        self._bridge.submit(
            tr("How far to trust {method}").format(method=self._heatmap.title_of(found.method)),
            work,
            lambda _nothing: self._end(question),
            self._fail,
            partial=lambda part: self._grow(question, part),
            channel="trust",
            priority=SOON,
        )
        self._compare()

    def cancel(self) -> None:
        """Stop measuring; what is there stays."""
        self._bridge.cancel("trust")
        self._under_way = None
        self.changed.emit()

    def of_maps(self, maps: tuple[AttributionMap, ...]) -> Trust:
        """What was measured, whole, of the maps that a report holds, with the boxes it holds."""
        boxes = self._boxes()
        measured = {
            (question.map.method, question.map.target): trust
            for question, trust in self._known.items()
            if question in self._whole and question.boxes == boxes and self._is_shown(question.map)
        }
        chosen = tuple(measured[m.method, m.target] for m in maps if (m.method, m.target) in measured)
        return Trust(chosen, self.agreement if chosen else None)

    def _boxes(self) -> tuple[Box, ...]:
        return (*self._session.references, *self._reading.history.present.boxes)

    def _is_shown(self, key: MapKey) -> bool:
        image, prediction = self._session.image, self._session.prediction
        return (
            image is not None
            and prediction is not None
            and (key.image, key.weights_sha256) == (image.key, prediction.model.weights_sha256)
        )

    def _shown_maps(self) -> tuple[MapKey, ...]:
        keys = (self._inference.key(method.name) for method in self._heatmap.methods)
        return tuple(key for key in keys if key is not None and self._inference.cache.get(key) is not None)

    def _compare(self) -> None:
        keys = self._shown_maps()
        heats = [self._inference.cache.get(key) for key in keys]
        maps = tuple(heat.source for heat in heats if heat is not None)
        if len(maps) < 2 or len(maps) != len(keys) or keys in self._agreements:
            return
        self._bridge.submit(
            "",
            lambda _context, _request: self._engine.agreement(maps),
            lambda found: self._agree(keys, found),
            self._fail,
            channel="agreement of maps",
            priority=SOON,
        )

    def _begin(self, question: Question) -> None:
        self._under_way, self.progress, self.problem = question, 0.0, ""
        self.changed.emit()

    def _grow(self, question: Question, part: MapTrust | float) -> None:
        if isinstance(part, float):
            self.progress = part
        else:
            self._known[question] = part
        self.changed.emit()

    def _end(self, question: Question) -> None:
        self._whole.add(question)
        self._under_way = None
        self.changed.emit()

    def _agree(self, keys: tuple[MapKey, ...], found: Agreement) -> None:
        self._agreements[keys] = found
        self.changed.emit()

    def _fail(self, error: BaseException) -> None:
        self._under_way = None
        self.problem = "" if isinstance(error, Cancelled) else str(error)
        self.changed.emit()
