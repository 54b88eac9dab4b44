"""A radiograph made ready for the canvas. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from cxr_desktop.domain import Radiograph
from cxr_desktop.ui.viewer.gray_pyramid import GrayPyramid


@dataclass(frozen=True, slots=True, eq=False)
class LoadedImage:
    """What a worker hands to the window for display. value_range: smallest and largest modality value."""

    radiograph: Radiograph
    pyramid: GrayPyramid
    value_range: tuple[float, float]

    @classmethod
    def prepare(cls, radiograph: Radiograph) -> LoadedImage:
        return cls(radiograph, GrayPyramid.build(radiograph), radiograph.value_range())

    @property
    def aspect(self) -> float:
        """Height of a stored pixel over its width."""
        spacing = self.radiograph.spacing
        return spacing.row / spacing.column if spacing else self.radiograph.pixel_aspect
