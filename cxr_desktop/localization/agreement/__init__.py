"""Do readers agree? Kappa, alpha, matched boxes, detection scores, FROC, consensus; intervals by resampling images."""

from cxr_desktop.localization.agreement.adjudication import (
    AGREED_IOU,
    Accord,
    Disagreement,
    accords,
    disagreements,
)
from cxr_desktop.localization.agreement.alpha import Metric, krippendorff_alpha
from cxr_desktop.localization.agreement.consensus import FUSION_IOU, FusedBox, majority, weighted_box_fusion
from cxr_desktop.localization.agreement.detection import RATES, Detection, Froc, detection, froc, matched_iou
from cxr_desktop.localization.agreement.estimate import RESAMPLES, Estimate, from_sums
from cxr_desktop.localization.agreement.kappa import cohen_kappa, fleiss_kappa
from cxr_desktop.localization.agreement.sides import Sides, side_by_side

__all__ = [
    "AGREED_IOU",
    "FUSION_IOU",
    "RATES",
    "RESAMPLES",
    "Accord",
    "Detection",
    "Disagreement",
    "Estimate",
    "Froc",
    "FusedBox",
    "Metric",
    "Sides",
    "accords",
    "cohen_kappa",
    "detection",
    "disagreements",
    "fleiss_kappa",
    "froc",
    "from_sums",
    "krippendorff_alpha",
    "majority",
    "matched_iou",
    "side_by_side",
    "weighted_box_fusion",
]
