"""Segmentations: valid, and their pixels those of the boxes and maps."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest

from cxr_desktop.domain import Box, Ellipse, Finding, Reading
from cxr_desktop.domain.errors import ExportError
from cxr_desktop.reports import export


def pixels_of(box: Box, shape: tuple[int, int]) -> np.ndarray:
    """Pixels whose square shares an area with the box."""
    rows, columns = np.arange(shape[0])[:, None], np.arange(shape[1])[None, :]
    return (columns < box.right) & (columns + 1 > box.x) & (rows < box.bottom) & (rows + 1 > box.y)


def test_dciodvfy_finds_no_error(exported, validator):
    for path in exported.files["seg"]:
        assert "Error" not in validator("dciodvfy", path)


def test_masks_are_the_pixels_of_boxes(exported):
    analysis = exported.analysis
    dataset = pydicom.dcmread(exported.files["seg"][0])
    assert (dataset.SegmentationType, dataset.BitsAllocated) == ("BINARY", 1)
    frames = dict(
        zip((one.SegmentLabel for one in dataset.SegmentSequence), dataset.pixel_array, strict=True)
    )
    shape = (analysis.radiograph.rows, analysis.radiograph.columns)
    for label, box in (
        ("Lung Opacity, gradcam, box 1", analysis.localized[0].boxes[0]),
        ("Lung Opacity, rap, box 2", analysis.localized[1].boxes[1]),
        ("Pneumonia, NIH", analysis.references[0]),
        ("Nodule, Dr. Jörg Müller", analysis.readings[0].boxes[0]),
    ):
        assert np.array_equal(frames[label].astype(bool), pixels_of(box, shape))
    kinds = {one.SegmentLabel: one.SegmentAlgorithmType for one in dataset.SegmentSequence}
    assert kinds["Pneumonia, NIH"] == "MANUAL"
    assert kinds["Lung Opacity, rap, box 2"] == "AUTOMATIC"


def test_masks_of_other_shapes_are_their_pixels(demo_case, tmp_path):
    shape = Ellipse(100, 200, 300, 150)
    reading = Reading("A", (Finding.around(shape, Box(0, 0, 0, 0, "Mass")),))
    analysis = demo_case(readings=(reading,), references=(), localized=(), maps=(), localizations=())
    (path,) = export(analysis, ["seg"], tmp_path)
    dataset = pydicom.dcmread(path)
    assert np.array_equal(dataset.pixel_array.squeeze().astype(bool), shape.mask(1024, 1024))


def test_signed_maps_have_two_segments_of_shares(exported):
    gradcam, rap = (pydicom.dcmread(path) for path in exported.files["seg"][1:])
    assert len(gradcam.SegmentSequence) == 1
    supports, opposes = rap.pixel_array
    values = exported.analysis.maps[1].values
    limit = np.abs(values).max()
    assert np.abs(supports / 255.0 - np.maximum(values, 0) / limit).max() <= 0.5 / 255 + 1e-6
    assert np.abs(opposes / 255.0 - np.maximum(-values, 0) / limit).max() <= 0.5 / 255 + 1e-6
    first = rap.SegmentSequence[0]
    assert first.SegmentLabel == "Speaks for Lung Opacity, rap"
    assert "no probability of disease" in first.SegmentDescription
    (algorithm,) = first.SegmentationAlgorithmIdentificationSequence
    assert "ab12" * 16 in algorithm.AlgorithmParameters
    assert "method=rap" in algorithm.AlgorithmParameters


def test_each_segment_refers_to_the_image(exported):
    dataset = pydicom.dcmread(exported.files["seg"][0])
    (series,) = dataset.ReferencedSeriesSequence
    header = exported.analysis.radiograph.header
    assert series.SeriesInstanceUID == header.series_uid
    assert series.ReferencedInstanceSequence[0].ReferencedSOPInstanceUID == header.sop_instance_uid


def test_a_case_without_boxes_and_maps_has_nothing_to_segment(demo_case, tmp_path):
    empty = demo_case(maps=(), localized=(), localizations=(), references=(), readings=())
    with pytest.raises(ExportError, match="neither a box nor a map"):
        export(empty, ["seg"], tmp_path)
    assert not list(tmp_path.iterdir())
