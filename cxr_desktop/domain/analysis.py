"""One case through the engine: everything a report prints."""

from __future__ import annotations

from dataclasses import dataclass, field

from cxr_desktop.domain.attribution import AttributionMap
from cxr_desktop.domain.box import Box
from cxr_desktop.domain.localization import Localization, LocalizedMap
from cxr_desktop.domain.prediction import Prediction
from cxr_desktop.domain.radiograph import Radiograph
from cxr_desktop.domain.reading import Reading
from cxr_desktop.domain.trust import Trust

DISCLAIMER = "Not for diagnostic use. For demonstration and research only."


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """A radiograph with its prediction, maps, boxes and comparison.

    localized and localizations follow the order of maps. references: boxes to compare with, from
    a file or other readers. readings: what readers drew in the window.
    trust: how far the maps can be trusted, where that was measured.
    created: ISO 8601 time with offset.
    """

    radiograph: Radiograph
    prediction: Prediction
    maps: tuple[AttributionMap, ...]
    localized: tuple[LocalizedMap, ...]
    localizations: tuple[Localization, ...] = ()
    references: tuple[Box, ...] = ()
    readings: tuple[Reading, ...] = ()
    created: str = ""
    software: str = ""
    notes: tuple[str, ...] = field(default=())
    trust: Trust = field(default=Trust())
