"""Begins a walk through the network for the image, score and method on screen."""

from __future__ import annotations

from cxr_desktop.ui.engine import Engine
from cxr_desktop.ui.inference import Inference
from cxr_desktop.ui.job_bridge import JobBridge
from cxr_desktop.ui.panels.heatmap_model import HeatmapModel
from cxr_desktop.ui.panels.units_model import UnitsModel
from cxr_desktop.ui.panels.units_work import UnitsWork
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.viewer.heat_image import HeatImage, HeatLook


class Exploring:
    """Knows what a walk needs of the window, and takes back the map that is to be shown there."""

    def __init__(
        self,
        engine: Engine,
        bridge: JobBridge,
        session: Session,
        heatmap: HeatmapModel,
        inference: Inference,
    ) -> None:
        self._engine, self._bridge, self._session = engine, bridge, session
        self._heatmap, self._inference = heatmap, inference

    def begin(self) -> tuple[UnitsModel, UnitsWork]:
        """A fresh walk. Needs an image with shown scores."""
        image, prediction = self._session.image, self._session.prediction
        assert image is not None
        assert prediction is not None
        heatmap = self._heatmap
        target = heatmap.target or prediction.top
        model = UnitsModel(heatmap.methods, tuple(prediction.scores), heatmap.method, target, image.aspect)
        return model, UnitsWork(model, self._engine, self._bridge, image, self._inference.network)

    @property
    def look(self) -> HeatLook:
        """How maps lie on the image in the viewer."""
        return self._heatmap.look

    def show(self, heat: HeatImage) -> None:
        """Lay a map on the image in the viewer, until another is asked for."""
        self._inference.show_instead(heat)
