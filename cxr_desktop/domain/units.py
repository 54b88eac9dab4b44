"""Units of a network: the channels of its layers, and how much of a decision passes through each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.errors import AttributionError
from cxr_desktop.domain.prediction import ModelIdentity


@dataclass(frozen=True, slots=True)
class Unit:
    """One channel of a layer. relevance: positive speaks for the target, negative against.

    share: of the relevance of all channels of the layer, by magnitude; signed like the relevance.
    """

    layer: str
    channel: int
    relevance: float
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class LayerUnits:
    """The channels of a layer. relevance: (channels,) float64, read-only. rows, columns: of the plane that a channel
    makes of the model's input, 1 x 1 behind a dense layer."""

    layer: str
    relevance: NDArray[np.float64]
    rows: int
    columns: int

    @property
    def channels(self) -> int:
        return len(self.relevance)

    @property
    def spatial(self) -> bool:
        """Whether a channel has a place for each part of the image, which makes its activation a picture."""
        return self.rows > 1 and self.columns > 1

    @property
    def magnitude(self) -> float:
        """Sum of the channels' magnitudes."""
        return float(np.abs(self.relevance).sum())

    @property
    def supporting(self) -> float:
        """Share 0..1 of the magnitude that speaks for the target; 0 where nothing passes."""
        return float(np.maximum(self.relevance, 0).sum()) / (self.magnitude or 1.0)

    @property
    def half(self) -> int:
        """The fewest channels that hold half of the magnitude: few where the layer's work is done by specialists."""
        held = np.cumsum(np.sort(np.abs(self.relevance))[::-1])
        return int(np.searchsorted(held, self.magnitude / 2)) + 1 if self.magnitude else 0

    def unit(self, channel: int) -> Unit:
        """Raises AttributionError for a channel that the layer does not have."""
        if not 0 <= channel < self.channels:
            raise AttributionError(f"{self.layer} has no unit {channel}; it has {self.channels}, from 0 on")
        relevance = float(self.relevance[channel])
        return Unit(self.layer, channel, relevance, relevance / (self.magnitude or 1.0))

    def top(self, count: int) -> tuple[Unit, ...]:
        """The units with the highest relevance, the highest first; of equal ones the lower channel first."""
        order = np.argsort(-self.relevance, kind="stable")[: max(count, 0)]
        return tuple(self.unit(int(channel)) for channel in order)


@dataclass(frozen=True, slots=True, eq=False)
class NetworkUnits:
    """What of one decision passes through each layer that the method reaches, from the image on.

    deepest: name of the layer with the last feature map, where concepts are most abstract and still have a place.
    notes: what the method had to fall back on, if anything.
    """

    layers: tuple[LayerUnits, ...]
    deepest: str
    method: str
    target: str
    model: ModelIdentity
    parameters: Mapping[str, object] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    device: str = "cpu"

    def layer(self, name: str) -> LayerUnits:
        """Raises AttributionError listing the layers for a name that is none of them."""
        for found in self.layers:
            if found.layer == name:
                return found
        names = ", ".join(layer.layer for layer in self.layers)
        raise AttributionError(f"{self.method} reaches no layer named {name!r}; choose one of {names}")


def units_named(channels: Sequence[int]) -> str:
    """'unit 3', 'units 3 and 7', 'units 3, 7 and 12'."""
    if len(channels) == 1:
        return f"unit {channels[0]}"
    return f"units {', '.join(map(str, channels[:-1]))} and {channels[-1]}"
