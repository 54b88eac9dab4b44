"""Asks the engine for what the walk through the units needs next; the latest wish alone is followed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from cxr_desktop.domain.errors import Cancelled, CxrError
from cxr_desktop.domain.units import NetworkUnits
from cxr_desktop.jobs import Context
from cxr_desktop.ui.engine import Engine
from cxr_desktop.ui.job_bridge import Done, JobBridge, Request
from cxr_desktop.ui.panels.units_model import UnitsModel
from cxr_desktop.ui.translation import later, tr
from cxr_desktop.ui.viewer.heat_image import HeatImage, HeatLook, Sign, block_means, colours_of
from cxr_desktop.ui.viewer.loaded_image import LoadedImage
from cxr_desktop.ui.viewer.pictures import colour_picture, gray_picture

NETWORK, PICTURES, MAP, GRAY = "units", "unit pictures", "unit map", "unit gray"
THUMBNAIL, LARGE = 192, 900
KEPT = 24
PRIORITY = 11
STOPPED = later("Stopped. Choose another method, layer or unit to go on.")
ANSWER = HeatLook(sequential="viridis", diverging="purple-orange", opacity=0.75)

Key = tuple[str, str, str, tuple[int, ...]]


class UnitsWork(QObject):
    """Follows a model of the walk through one image, and fills it. network: as the engine loaded it."""

    def __init__(
        self,
        model: UnitsModel,
        engine: Engine,
        bridge: JobBridge,
        image: LoadedImage,
        network: Any,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._model, self._engine, self._bridge = model, engine, bridge
        self._image, self._network = image, network
        self._maps: OrderedDict[Key, HeatImage] = OrderedDict()
        model.request_changed.connect(self.start)
        model.layer_changed.connect(self._ask_pictures)
        model.chosen_changed.connect(self._ask_map)

    def start(self) -> None:
        """Ask what passes every layer, for the chosen method and target; once for the radiograph's gray."""
        self._cancel_all()
        if self._model.gray.isNull():
            self._bridge.submit(
                "", lambda _c, _r: gray_picture(self._image, LARGE), self._model.set_gray, self._failed,
                channel=GRAY, priority=PRIORITY + 2,
            )  # fmt: skip
        method, target, radiograph = self._model.method, self._model.target, self._image.radiograph
        self._submit(
            NETWORK,
            tr("Following the relevance through every layer"),
            lambda report: self._engine.units(self._network, radiograph, method, target, report),
            self._set_network,
        )

    def stop(self) -> None:
        """Cancel what is under way, and say so."""
        self._cancel_all()
        if self._model.doing:
            self._model.set_state(problem=tr(STOPPED))

    def _set_network(self, network: NetworkUnits) -> None:
        self._model.set_state()
        self._model.set_network(network)

    def _ask_pictures(self) -> None:
        self._bridge.cancel(PICTURES)
        layer, channels = self._model.layer, [unit.channel for unit in self._model.units]
        if layer is None or not layer.spatial:
            return
        radiograph, name = self._image.radiograph, layer.layer

        def work(context: Context, _request: Request) -> Mapping[int, QImage]:
            planes = self._engine.unit_activations(self._network, radiograph, name, channels)
            pictures = {}
            for channel, plane in zip(channels, planes, strict=True):
                context.check()
                pictures[channel] = answer_picture(plane)
            return pictures

        self._bridge.submit(
            "", work, self._model.set_pictures, self._failed, channel=PICTURES, priority=PRIORITY + 1
        )

    def _ask_map(self) -> None:
        self._bridge.cancel(MAP)
        model, layer = self._model, self._model.layer
        if layer is None or not model.chosen:
            return
        key: Key = (model.method, model.target, layer.layer, model.chosen)
        if key in self._maps:
            self._maps.move_to_end(key)
            model.set_state()
            model.set_heat(self._maps[key])
            return
        radiograph, (method, target, name, channels) = self._image.radiograph, key
        self._submit(
            MAP,
            tr("Map of {title}").format(title=model.title),
            lambda report: HeatImage.build(
                self._engine.unit_map(self._network, radiograph, method, target, name, channels, report)
            ),
            lambda heat: self._keep(key, heat),
        )

    def _keep(self, key: Key, heat: HeatImage) -> None:
        self._maps[key] = heat
        while len(self._maps) > KEPT:
            self._maps.popitem(last=False)
        self._model.set_state()
        self._model.set_heat(heat)

    def _submit(self, channel: str, title: str, compute: Callable[..., Any], done: Done) -> None:
        def work(context: Context, request: Request) -> Any:
            def report(share: float) -> None:
                context.report(share)
                request.part(share)

            return compute(report)

        self._model.set_state(title)
        self._bridge.submit(
            title,
            work,
            done,
            self._failed,
            channel=channel,
            partial=lambda share: self._model.set_state(title, share),
            priority=PRIORITY,
        )

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, Cancelled):
            self._model.set_state(problem=tr(STOPPED))
        elif isinstance(error, CxrError):
            self._model.set_state(problem=str(error))
        else:
            self._model.set_state(
                problem=tr("Unexpected {name}: {error}").format(name=type(error).__name__, error=error)
            )

    def _cancel_all(self) -> None:
        for channel in (NETWORK, PICTURES, MAP, GRAY):
            self._bridge.cancel(channel)


def answer_picture(activation: NDArray[np.float32]) -> QImage:
    """What a unit answers in the colours of a thumbnail, clear where it is silent."""
    step = max(1, -(-max(activation.shape) // THUMBNAIL))
    plane = block_means(activation, step)
    signed = bool((plane < 0).any())
    look = HeatLook(
        ANSWER.sequential, ANSWER.diverging, ANSWER.opacity, Sign.BOTH if signed else Sign.POSITIVE
    )
    return colour_picture(colours_of(plane, float(np.abs(plane).max(initial=0.0)) or 1.0, look))
