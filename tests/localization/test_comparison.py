import numpy as np
import pytest

from cxr_desktop.domain import AttributionMap, Box, ModelIdentity, Threshold
from cxr_desktop.localization import iobb, iou, localize


def mapped(values: np.ndarray) -> AttributionMap:
    return AttributionMap(values, "rap", "Lung Opacity", ModelIdentity("demo", "1", "00"))


def test_each_reference_meets_its_best_box() -> None:
    values = np.zeros((200, 200), dtype=np.float32)
    values[20:60, 20:60] = 2
    values[120:160, 100:160] = 1
    left = Box(25, 20, 40, 40, "Pneumonia", source="NIH")
    right = Box(100, 110, 60, 50, "Lung Opacity", source="RSNA")
    localized, (first, second) = localize(mapped(values), Threshold.parse("absolute:0.5"), (left, right))
    assert [(box.label, box.source) for box in localized.boxes] == [("Lung Opacity", "rap")] * 2
    assert localized.cut == 0.5
    assert (first.label, first.source, first.reference) == ("Pneumonia", "NIH", left)
    assert first.iou == pytest.approx(iou(Box(20, 20, 40, 40), left))
    assert second.iobb == pytest.approx(iobb(Box(100, 120, 60, 40), right))
    assert (first.hit, second.hit) == (True, False)


def test_a_map_that_points_nowhere_scores_nothing() -> None:
    localized, (only,) = localize(mapped(np.zeros((50, 50), np.float32)), Threshold(), (Box(0, 0, 50, 50),))
    assert localized.boxes == ()
    assert (only.predicted, only.iou, only.iobb, only.hit) == (None, 0.0, 0.0, False)


def test_without_references_there_are_boxes_alone() -> None:
    values = np.zeros((50, 50), np.float32)
    values[10:20, 10:20] = 1
    localized, comparisons = localize(mapped(values), Threshold(), ())
    assert len(localized.boxes) == 1
    assert comparisons == ()
