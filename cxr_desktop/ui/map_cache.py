"""Maps computed earlier, the least recently used ones given up first."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from cxr_desktop.ui.viewer.heat_image import HeatImage

LARGEST_BYTES = 768 * 2**20


@dataclass(frozen=True, slots=True)
class MapKey:
    """What a map is of, beyond doubt. image: the key of its frame."""

    image: str
    weights_sha256: str
    method: str
    target: str


class MapCache:
    """Bounded by the memory that its maps take."""

    def __init__(self, largest_bytes: int = LARGEST_BYTES) -> None:
        self._largest = largest_bytes
        self._maps: OrderedDict[MapKey, HeatImage] = OrderedDict()

    @property
    def bytes(self) -> int:
        """What the maps take."""
        return sum(map(_bytes, self._maps.values()))

    def get(self, key: MapKey) -> HeatImage | None:
        heat = self._maps.get(key)
        if heat is not None:
            self._maps.move_to_end(key)
        return heat

    def put(self, key: MapKey, heat: HeatImage) -> None:
        self._maps[key] = heat
        self._maps.move_to_end(key)
        while len(self._maps) > 1 and self.bytes > self._largest:
            self._maps.popitem(last=False)

    def of_image(self, image: str, weights_sha256: str, target: str) -> tuple[HeatImage, ...]:
        """Every map of an image, model and target at hand, in the order of use."""
        wanted = (image, weights_sha256, target)
        return tuple(
            heat for key, heat in self._maps.items() if (key.image, key.weights_sha256, key.target) == wanted
        )


def _bytes(heat: HeatImage) -> int:
    return heat.source.values.nbytes + heat.plane.nbytes + heat.index.nbytes
