"""A map of how much each pixel of the stored image took part in a score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.prediction import ModelIdentity


@dataclass(frozen=True, slots=True, eq=False)
class AttributionMap:
    """Relevance laid out on the stored image.

    values: (rows, columns) float32, read-only; positive speaks for the target, negative against.
    start: what the map's sum should be in model space, None where the method promises nothing.
    gap: relative difference between that and what was found, None likewise.
    notes: what the method had to fall back on, if anything.
    """

    values: NDArray[np.float32]
    method: str
    target: str
    model: ModelIdentity
    parameters: Mapping[str, object] = field(default_factory=dict)
    start: float | None = None
    gap: float | None = None
    notes: tuple[str, ...] = ()
    device: str = "cpu"

    @property
    def signed(self) -> bool:
        return bool((self.values < 0).any())

    @property
    def limit(self) -> float:
        """Largest magnitude on the map, at least a tiny positive number."""
        return max(float(np.abs(self.values).max(initial=0.0)), 1e-12)
