import json
import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from cxr_desktop.cohort.cuts import Cuts
from cxr_desktop.cohort.examination import target_of
from cxr_desktop.cohort.plan import LOCATION_PRIOR, RANDOM
from cxr_desktop.cohort.prior_record import with_location_prior
from cxr_desktop.cohort.records import Comparison, ImageRecord, MethodRecord, as_document, record_of
from cxr_desktop.cohort.shards import ShardKey, Shards
from cxr_desktop.domain.errors import ExportError
from cxr_desktop.domain.labels import LabelMap

COMPARISON = Comparison(
    label="Lung Opacity",
    source="RSNA",
    reference=(10.0, 20.0, 30.0, 40.0),
    predicted=None,
    score=None,
    iou=0.1 + 0.2,
    iobb=1 / 3,
    hit=True,
    best_iou=0.4,
)
RECORD = MethodRecord(RANDOM, "Lung Opacity", "percentile:95", 0.25, (COMPARISON,))
KEY = ShardKey("a" * 64, "b" * 64, "rap", {"threshold": "otsu"})


CUTS = {
    "otsu": ((12.0, 25.0, 30.0, 30.0), None),
    "percentile:95": ((0.0, 0.0, 9.0, 9.0), (4.0, 0.1 + 0.2, 8.0, 8.0)),
}


def test_records_survive_json_exactly() -> None:
    full = replace(COMPARISON, predicted=(1.0, 2.0, 3.0, 4.5), score=0.7)
    record = replace(RECORD, comparisons=(COMPARISON, full), cuts=Cuts.read(CUTS))
    read = record_of(json.loads(json.dumps(as_document(record))))
    assert read == record
    assert dict(read.cuts) == CUTS


def test_records_survive_the_way_between_processes() -> None:
    record = replace(RECORD, cuts=Cuts.read(CUTS))
    sent = pickle.loads(pickle.dumps(record))
    assert sent == record
    assert sent.cuts.thresholds is record.cuts.thresholds


def test_a_threshold_that_was_not_cut_at_has_no_boxes() -> None:
    with pytest.raises(KeyError):
        Cuts.read(CUTS)["own"]
    assert Cuts.read({}).corners(()).shape == (0, 0, 4)


def test_whole_pixels_are_kept_small() -> None:
    assert Cuts.read({"otsu": CUTS["otsu"]}).boxes.nbytes == 2 * 4 * 4


def test_overlaps_are_those_of_the_record_cut_at_each_threshold() -> None:
    other = replace(COMPARISON, reference=(0.0, 0.0, 8.0, 8.0))
    cuts = {
        "otsu": ((12.0, 25.0, 30.0, 30.0), None),
        "percentile:95": ((0.0, 0.0, 9.0, 9.0), (4.0, 4.0, 8.0, 8.0)),
    }
    record = replace(RECORD, threshold="own", comparisons=(COMPARISON, other), cuts=Cuts.read(cuts))
    found = record.overlaps(tuple(cuts))
    for row, threshold in zip(found.tolist(), cuts, strict=True):
        assert row == pytest.approx([one.iou for one in record.at(threshold).comparisons], abs=1e-12)
    assert found.shape == (2, 2)
    assert found[0, 1] == 0 < found[1, 1]


@pytest.mark.parametrize(
    "change",
    [
        {"image_sha256": "c" * 64},
        {"weights_sha256": "c" * 64},
        {"method": "rsp"},
        {"parameters": {"threshold": "percentile:95"}},
    ],
)
def test_another_part_is_another_piece(tmp_path: Path, change: dict[str, object]) -> None:
    shards = Shards(tmp_path, reading=True)
    shards.store(KEY, {"x": 1.5})
    assert shards.load(KEY) == {"x": 1.5}
    assert shards.load(replace(KEY, **change)) is None  # type: ignore[arg-type]
    assert Shards(tmp_path, reading=False).load(KEY) is None


def test_a_piece_cut_short_counts_as_absent(tmp_path: Path) -> None:
    shards = Shards(tmp_path, reading=True)
    shards.store(KEY, {"x": 1.5})
    (tmp_path / KEY.name).write_bytes(b'{"x": 1.')
    assert shards.load(KEY) is None


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ExportError, match="cannot be written"):
        Shards(tmp_path / "file", reading=False).store(KEY, {})


@pytest.mark.parametrize(
    ("box_label", "expected"),
    [("Pneumonia", "Pneumonia"), ("CONSOLIDATION", "Lung Opacity"), ("nodule", "Nodule"), ("Fracture", None)],
)
def test_a_box_speaks_of_the_closest_label(box_label: str, expected: str | None) -> None:
    assert target_of(box_label, ("Lung Opacity", "Nodule", "Pneumonia"), LabelMap.load()) == expected


def image(name: str, label: str, source: str, size: int = 100) -> ImageRecord:
    comparison = replace(COMPARISON, label=label, source=source, reference=(0.2 * size, 0.3 * size, 30, 40))
    return ImageRecord(name, "0" * 64, size, size, {}, (replace(RECORD, comparisons=(comparison,)),))


def test_the_prior_is_fitted_per_label_and_reader() -> None:
    records = [image("a", "X", "R"), image("b", "X", "R"), image("c", "X", "S"), image("d", "Y", "R")]
    found = with_location_prior(records)
    prior = {record.image: [m for m in record.methods if m.method == LOCATION_PRIOR] for record in found}
    assert [len(prior[name]) for name in "abcd"] == [1, 1, 0, 0]
    (comparison,) = prior["a"][0].comparisons
    assert comparison.iou > 0.9
    assert comparison.hit
