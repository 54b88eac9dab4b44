"""Map -> mask -> boxes; IoU and its kin; matching; baselines that no method may fall below. numpy and scipy alone."""

from cxr_desktop.domain.box import Box
from cxr_desktop.domain.region import Region
from cxr_desktop.localization.box_file import BoxTable
from cxr_desktop.localization.comparison import localize
from cxr_desktop.localization.evidence import Evidence
from cxr_desktop.localization.formats import read_boxes
from cxr_desktop.localization.iou_curve import SWEEP, IouCurve, iou_curve
from cxr_desktop.localization.location_prior import BoxedImage, LocationPrior, leave_one_out
from cxr_desktop.localization.map_boxes import boxes_from_map, boxes_from_mask, cut_into_boxes, smoothing_for
from cxr_desktop.localization.matching import Match, best_of, match_boxes
from cxr_desktop.localization.overlap import aligned_iou, dice, iobb, iou, iou_matrix, mask_box_iou, mask_iou
from cxr_desktop.localization.pointing import energy_inside, peak, pointing_hit
from cxr_desktop.localization.random_map import random_map
from cxr_desktop.localization.ranking import average_precision
from cxr_desktop.localization.regions import Regions, find_regions, region_shares
from cxr_desktop.localization.smoothing import DEFAULT_SMOOTH, Sign, evidence, smoothed
from cxr_desktop.localization.thresholding import cut_value, mask_from_map, otsu

__all__ = [
    "DEFAULT_SMOOTH",
    "SWEEP",
    "Box",
    "BoxTable",
    "BoxedImage",
    "Evidence",
    "IouCurve",
    "LocationPrior",
    "Match",
    "Region",
    "Regions",
    "Sign",
    "aligned_iou",
    "average_precision",
    "best_of",
    "boxes_from_map",
    "boxes_from_mask",
    "cut_into_boxes",
    "cut_value",
    "dice",
    "energy_inside",
    "evidence",
    "find_regions",
    "iobb",
    "iou",
    "iou_curve",
    "iou_matrix",
    "leave_one_out",
    "localize",
    "mask_box_iou",
    "mask_from_map",
    "mask_iou",
    "match_boxes",
    "otsu",
    "peak",
    "pointing_hit",
    "random_map",
    "read_boxes",
    "region_shares",
    "smoothed",
    "smoothing_for",
]
