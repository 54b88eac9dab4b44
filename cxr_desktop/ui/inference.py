"""Model, scores, maps and their cuts for the image that is open; everything slow on workers."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from cxr_desktop.domain import Prediction
from cxr_desktop.domain.errors import Cancelled, CxrError
from cxr_desktop.jobs import Context
from cxr_desktop.ui.engine import Engine, MethodChoice, ModelChoice
from cxr_desktop.ui.hindrances import reason
from cxr_desktop.ui.job_bridge import Done, Failed, JobBridge, Request, Work
from cxr_desktop.ui.latest_only import LatestOnly
from cxr_desktop.ui.map_cache import MapCache, MapKey
from cxr_desktop.ui.maps_under_way import MapsUnderWay
from cxr_desktop.ui.panels.heatmap_model import HeatmapModel
from cxr_desktop.ui.session import CutMap, Session
from cxr_desktop.ui.translation import tr
from cxr_desktop.ui.viewer.contour_lines import contour_segments
from cxr_desktop.ui.viewer.heat_image import HeatImage, block_means

SOON, MAPS = 15, 10


class Inference(QObject):
    """Follows the session's image and the heat map's settings.

    models_changed: models to choose from. model_changed: another is in use or being loaded.
    unscored_changed: whether the open image cannot be classified. told: a sentence for the person at the screen.
    """

    models_changed = Signal()
    model_changed = Signal()
    maps_changed = Signal()
    unscored_changed = Signal()
    told = Signal(str)

    def __init__(
        self,
        engine: Engine,
        bridge: JobBridge,
        session: Session,
        heatmap: HeatmapModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine = engine
        self._bridge = bridge
        self._session = session
        self._heatmap = heatmap
        self._network: Any = None
        self._cutting = LatestOnly(bridge, SOON)
        self._making = MapsUnderWay(bridge, MAPS)
        self.cache = MapCache()
        self.refused: dict[MapKey, str] = {}
        """Why maps of the open image could not be made."""
        self.models: tuple[ModelChoice, ...] = ()
        self.model: ModelChoice | None = None
        self.problem, self.unscored = "", ""
        session.image_changed.connect(self._classify)
        session.passing_changed.connect(self._drop)
        session.prediction_changed.connect(self._offer_targets)
        session.veil_changed.connect(self._veil)
        heatmap.request_changed.connect(self._take_threshold)
        heatmap.request_changed.connect(self.request_map)
        heatmap.cut_changed.connect(self._request_cut)
        session.heat_changed.connect(self._request_cut)

    @property
    def ready(self) -> bool:
        return self._network is not None

    @property
    def network(self) -> Any:
        """The loaded model, None while there is none; for the engine's calls alone."""
        return self._network

    def start(self) -> None:
        """List models and methods, then load the first model behind the window."""
        self._bridge.submit("", self._list_choices, self._choose_first, self._failed, priority=SOON)

    def choose_model(self, name: str) -> None:
        """Load a model and classify the open image with it."""
        self.model = next((model for model in self.models if model.name == name), None)
        self._network, self.problem = None, ""
        self._heatmap.forget_thresholds()
        self._drop()
        self._session.set_prediction(None)
        self.model_changed.emit()
        self._bridge.submit(
            tr("Loading the model"), self._load, self._use, self._model_failed, channel="model", priority=SOON
        )

    def request_map(self) -> None:
        """The map of the chosen method and target, from the cache where it was computed before."""
        key = self.key(self._heatmap.method)
        if key is None:
            return
        self._heatmap.set_problem("")
        self._making.leave_choice(key)
        known = self.cache.get(key)
        self._session.set_heat(known)
        if known is None:
            self._making.choose(key, *self._job(key))

    def show_instead(self, heat: HeatImage) -> None:
        """Lay another map on the image, until a method's is asked for."""
        self._making.leave_choice()
        self._heatmap.set_problem("")
        self._session.set_heat(heat)

    def request_all(self) -> None:
        """Every method for the chosen target, to switch between at once."""
        for method in self._heatmap.methods:
            key = self.key(method.name)
            if key is not None and self.cache.get(key) is None:
                self._making.make(key, *self._job(key))

    def key(self, method: str) -> MapKey | None:
        """Of a method's map as chosen now; None while no score is shown that it could explain."""
        image, prediction = self._session.image, self._session.prediction
        if image is None or prediction is None or not self._session.scores_revealed:
            return None
        if not (self.ready and method and self._heatmap.target):
            return None
        return MapKey(image.key, prediction.model.weights_sha256, method, self._heatmap.target)

    def _list_choices(
        self, _context: Context, _request: Request
    ) -> tuple[tuple[ModelChoice, ...], tuple[MethodChoice, ...]]:
        return self._engine.models(), self._engine.methods()

    def _choose_first(self, choices: tuple[tuple[ModelChoice, ...], tuple[MethodChoice, ...]]) -> None:
        self.models = choices[0]
        self._heatmap.offer_methods(choices[1])
        self.models_changed.emit()
        if self.models:
            self.choose_model(self.models[0].name)
        else:
            self.problem = tr("No model is installed; images can be read and annotated without one.")
            self.model_changed.emit()

    def _load(self, context: Context, _request: Request) -> Any:
        assert self.model is not None
        context.report(0.1, "libraries")
        self._engine.warm_up()
        context.report(0.6, "weights")
        return self._engine.load_model(self.model.name)

    def _use(self, network: Any) -> None:
        self._network = network
        self._take_threshold()
        self.model_changed.emit()
        self._classify()

    def _model_failed(self, error: BaseException) -> None:
        self.problem = reason(error)
        self.model_changed.emit()
        self._failed(error)

    def _drop(self) -> None:
        """Ask nothing more of the image that was there."""
        self._bridge.cancel("prediction")
        self._making.stop()
        self._cutting.drop_next()
        self.refused.clear()

    def _classify(self) -> None:
        self._drop()
        self._tell_unscored("")
        image, network = self._session.image, self._network
        if image is None or network is None:
            return
        self._bridge.submit(
            tr("Classifying {name}").format(name=image.radiograph.header.path.name),
            lambda _context, _request: self._engine.predict(network, image.radiograph),
            self._session.set_prediction,
            self._not_scored,
            channel="prediction",
            priority=SOON,
        )

    def _not_scored(self, error: BaseException) -> None:
        if not isinstance(error, Cancelled):
            self._tell_unscored(tr("No scores for this image: {error}").format(error=_told(error)))
            self.told.emit(self.unscored)

    def _tell_unscored(self, sentence: str) -> None:
        if sentence != self.unscored:
            self.unscored = sentence
            self.unscored_changed.emit()

    def _offer_targets(self) -> None:
        prediction: Prediction | None = self._session.prediction
        if prediction is None:
            return
        self._heatmap.offer_targets(tuple(prediction.scores), prediction.top)
        if self._session.scores_revealed:
            self.request_map()

    def _veil(self) -> None:
        """A map under way tells by its title what the network found: none is while the image is veiled."""
        if self._session.veiled:
            self._making.stop()

    def _job(self, key: MapKey) -> tuple[str, Work, Done, Failed]:
        """Title of the job that makes a map, the work, and what becomes of it."""
        image, network = self._session.image, self._network
        assert image is not None

        def work(context: Context, _request: Request) -> HeatImage:
            found = self._engine.explain(
                network, image.radiograph, key.method, key.target, lambda done: context.report(done)
            )
            context.check()
            return HeatImage.build(found)

        title = tr("{method} for {target}").format(
            method=self._heatmap.title_of(key.method), target=key.target
        )
        return title, work, lambda heat: self._keep(key, heat), lambda error: self._map_failed(key, error)

    def _keep(self, key: MapKey, heat: HeatImage) -> None:
        self.cache.put(key, heat)
        self.refused.pop(key, None)
        if key == self.key(self._heatmap.method) and self._session.heat is None:
            self._heatmap.set_problem("")
            self._session.set_heat(heat)
        self.maps_changed.emit()

    def _take_threshold(self) -> None:
        if self.model is not None:
            self._heatmap.offer_threshold(self.model.threshold(self._heatmap.method))

    def _request_cut(self) -> None:
        heat = self._session.heat
        if heat is None:
            self._cutting.drop_next()
            return
        threshold, sign = self._heatmap.threshold, self._heatmap.look.sign

        def work(_context: Context, _request: Request) -> CutMap:
            cut = self._engine.cut(heat.source.values, threshold, sign.value)
            plane = block_means(cut.evidence, heat.step)
            level = max(cut.level, float(np.finfo(np.float32).tiny))
            segments = contour_segments(plane, level, heat.step)
            return CutMap(heat, threshold, sign, cut.level, cut.boxes, plane >= level, segments)

        self._cutting.submit(work, self._set_cut, self._failed)

    def _set_cut(self, cut: CutMap) -> None:
        if cut.heat is self._session.heat:
            self._session.set_cut(cut)

    def _map_failed(self, key: MapKey, error: BaseException) -> None:
        if isinstance(error, Cancelled):
            return
        self.refused[key] = _told(error)
        if key == self.key(self._heatmap.method):
            self._heatmap.set_problem(_told(error))
        else:
            self._failed(error)
        self.maps_changed.emit()

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, Cancelled):
            return
        self.told.emit(_told(error))


def _told(error: BaseException) -> str:
    """The error's own sentence where it was made for people."""
    return (
        str(error)
        if isinstance(error, CxrError)
        else tr("Unexpected {name}: {error}").format(name=type(error).__name__, error=error)
    )
