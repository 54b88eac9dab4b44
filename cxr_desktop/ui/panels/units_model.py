"""What is chosen and known on the walk from layer to units to map. No widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from cxr_desktop.domain.units import LayerUnits, NetworkUnits, Unit, units_named
from cxr_desktop.ui.engine import MethodChoice
from cxr_desktop.ui.translation import later, tr
from cxr_desktop.ui.viewer.heat_image import HeatImage

PREFERRED = "rap"
FAMILY = "propagation"
SHOWN = 12
CAVEAT = later(
    "Bars: orange speaks for the target, blue against. A unit's picture shows where it answers, its map what flows "
    "from the score through it alone. They show what the network used on this image. They do not show what a unit "
    "means, and a unit need not stand for one sign of disease."
)


class UnitsModel(QObject):
    """Setters signal only on change.

    request_changed: another method or target, everything is asked for again. network_changed: what passes the
    layers is known, or forgotten. layer_changed: other units to choose from. pictures_changed: what the units
    answer. chosen_changed: another unit, or several for one concept. map_changed: its map is there, or forgotten.
    state_changed: how far the work is, or why it failed. gray_changed: the radiograph is there.

    aspect: height of the radiograph's pixels over their width.
    """

    request_changed = Signal()
    network_changed = Signal()
    layer_changed = Signal()
    pictures_changed = Signal()
    chosen_changed = Signal()
    map_changed = Signal()
    state_changed = Signal()
    gray_changed = Signal()

    def __init__(
        self,
        methods: Sequence[MethodChoice],
        targets: Sequence[str],
        method: str,
        target: str,
        aspect: float = 1.0,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.methods = tuple(choice for choice in methods if choice.family == FAMILY)
        self.targets = tuple(targets)
        names = [choice.name for choice in self.methods]
        self.method = method if method in names else PREFERRED if PREFERRED in names else ""
        self.target = target
        self.network: NetworkUnits | None = None
        self.layer: LayerUnits | None = None
        self.units: tuple[Unit, ...] = ()
        self.gray = QImage()
        self.aspect = aspect
        self.pictures: Mapping[int, QImage] = {}
        self.chosen: tuple[int, ...] = ()
        self.heat: HeatImage | None = None
        self.doing = ""
        self.done = 0.0
        self.problem = ""
        self._last = ""
        self._sought: tuple[str, int] | None = None

    def set_method(self, method: str) -> None:
        if method != self.method:
            self.method = method
            self._ask_again()

    def set_target(self, target: str) -> None:
        if target != self.target:
            self.target = target
            self._ask_again()

    def set_network(self, network: NetworkUnits | None) -> None:
        """What passes every layer; the layer chosen last stays if it is there, else the deepest one is taken."""
        self.network = network
        self.network_changed.emit()
        if network is None:
            self._set_layer(None)
            return
        names = [layer.layer for layer in network.layers]
        self._set_layer(network.layer(self._last if self._last in names else network.deepest))

    def prefer(self, layer: str, channel: int) -> None:
        """Begin at a unit, also where it holds little of this image's relevance; unless the layer is not there."""
        self._last, self._sought = layer, (layer, channel)

    def choose_layer(self, name: str) -> None:
        """Show a layer's units and choose the first."""
        if self.network is not None and (self.layer is None or self.layer.layer != name):
            self._last = name
            self._set_layer(self.network.layer(name))

    def choose(self, channels: Sequence[int]) -> None:
        """One unit, or several as one concept, in the order of their relevance."""
        wanted = tuple(unit.channel for unit in self.units if unit.channel in channels)
        if wanted != self.chosen:
            self.chosen = wanted
            self.set_heat(None)
            self.chosen_changed.emit()

    def set_gray(self, gray: QImage) -> None:
        """The radiograph below everything."""
        self.gray = gray
        self.gray_changed.emit()

    def set_pictures(self, pictures: Mapping[int, QImage]) -> None:
        self.pictures = pictures
        self.pictures_changed.emit()

    def set_heat(self, heat: HeatImage | None) -> None:
        if heat is not self.heat:
            self.heat = heat
            self.map_changed.emit()

    def set_state(self, doing: str = "", done: float = 0.0, problem: str = "") -> None:
        """doing: what is computed now, empty for nothing; done: its share; problem: why it failed."""
        if (doing, done, problem) != (self.doing, self.done, self.problem):
            self.doing, self.done, self.problem = doing, done, problem
            self.state_changed.emit()

    @property
    def title(self) -> str:
        """What is chosen, as a heading."""
        if self.layer is None or not self.chosen:
            return ""
        return f"{units_named(self.chosen).capitalize()} of {self.layer.layer}"

    @property
    def sentence(self) -> str:
        """How much the chosen units hold, and which way they speak."""
        if self.layer is None or not self.chosen:
            return ""
        if not self.layer.magnitude:
            return tr("Nothing of the score for {target} passes this layer.").format(target=self.target)
        share = sum(self.layer.unit(channel).share for channel in self.chosen)
        way = "for" if share > 0 else "against"
        verbs = (tr("Holds"), "speaks") if len(self.chosen) == 1 else (tr("Together hold"), "speak")
        return tr("{verbs} {share:.1%} of the layer's relevance and {verbs2} {way} {target}.").format(
            verbs=verbs[0], share=abs(share), verbs2=verbs[1], way=way, target=self.target
        )

    @property
    def emptiness(self) -> str:
        """Why there are no pictures of answers; empty where there are some, or will be."""
        if self.layer is None:
            return "" if self.doing else tr("No layer to look into yet.")
        if not self.layer.spatial:
            return tr("Behind a dense layer a unit keeps no place in the image; its map still has one.")
        return ""

    def _ask_again(self) -> None:
        self.set_network(None)
        self.request_changed.emit()

    def _set_layer(self, layer: LayerUnits | None) -> None:
        self.layer = layer
        self.units = self._shown_of(layer) if layer else ()
        self.pictures = {}
        self.chosen = ()
        self.set_heat(None)
        self.layer_changed.emit()
        self.choose([unit.channel for unit in self.units[:1]])

    def _shown_of(self, layer: LayerUnits) -> tuple[Unit, ...]:
        """The strongest units, behind the one that was sought."""
        top = layer.top(SHOWN)
        if self._sought is None or self._sought[0] != layer.layer or self._sought[1] >= layer.channels:
            return top
        first = layer.unit(self._sought[1])
        return (first, *(unit for unit in top if unit.channel != first.channel))[:SHOWN]
