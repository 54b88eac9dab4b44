"""What the words of the program mean: frozen values, numpy and the standard library only.

Coordinates are pixels of the stored image, x right and y down, box edges half-open.
"""

from cxr_desktop.domain.analysis import DISCLAIMER, Analysis
from cxr_desktop.domain.attribution import AttributionMap
from cxr_desktop.domain.box import Box, with_label
from cxr_desktop.domain.finding import (
    Certainty,
    Finding,
    Laterality,
    ShapeKind,
    StudyFinding,
    plain,
    region_of,
)
from cxr_desktop.domain.grayscale import Gray, Grayscale, Voi, VoiFunction, VoiTable, Window
from cxr_desktop.domain.localization import Localization, LocalizedMap, Threshold, ThresholdKind
from cxr_desktop.domain.overlay import Overlay, OverlayKind
from cxr_desktop.domain.prediction import InputConcern, ModelIdentity, OperatingPoint, Prediction, Severity
from cxr_desktop.domain.progress import Progress
from cxr_desktop.domain.radiograph import InstanceHeader, PixelSpacing, Radiograph
from cxr_desktop.domain.reading import (
    Commitment,
    Decision,
    Judgement,
    Reading,
    ReadingState,
    Settlement,
    Verdict,
)
from cxr_desktop.domain.shapes import Ellipse, Point, Polygon
from cxr_desktop.domain.study import Study, group_studies
from cxr_desktop.domain.trust import Agreement, MapTrust, Trust

__all__ = [
    "DISCLAIMER",
    "Agreement",
    "Analysis",
    "AttributionMap",
    "Box",
    "Certainty",
    "Commitment",
    "Decision",
    "Ellipse",
    "Finding",
    "Gray",
    "Grayscale",
    "InputConcern",
    "InstanceHeader",
    "Judgement",
    "Laterality",
    "Localization",
    "LocalizedMap",
    "MapTrust",
    "ModelIdentity",
    "OperatingPoint",
    "Overlay",
    "OverlayKind",
    "PixelSpacing",
    "Point",
    "Polygon",
    "Prediction",
    "Progress",
    "Radiograph",
    "Reading",
    "ReadingState",
    "Settlement",
    "Severity",
    "ShapeKind",
    "Study",
    "StudyFinding",
    "Threshold",
    "ThresholdKind",
    "Trust",
    "Verdict",
    "Voi",
    "VoiFunction",
    "VoiTable",
    "Window",
    "group_studies",
    "plain",
    "region_of",
    "with_label",
]
