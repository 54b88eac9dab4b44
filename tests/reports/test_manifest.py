"""The manifest: canonical, chained to its files, and blind to no changed byte."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from cxr_desktop.domain import Prediction
from cxr_desktop.domain.canonical import canonical_bytes
from cxr_desktop.reports import Issued, issue
from cxr_desktop.reports.carried import carried_by
from cxr_desktop.reports.check import Check
from cxr_desktop.reports.integrity import check_file, check_files, check_manifest
from cxr_desktop.reports.manifest import Manifest, ManifestError, parse_manifest
from cxr_desktop.reports.map_sketch import sketch
from cxr_desktop.reports.pdf.attachment import attached

CHANGES = 100
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture
def issued(make_analysis, tmp_path: Path) -> Issued:
    analysis = make_analysis()
    stated = {"input": {"height": 320, "mean": [0.485]}, "calibration": {"slope": 1.1}}
    prediction: Prediction = replace(analysis.prediction, preprocessing=stated)
    return issue(replace(analysis, prediction=prediction), ["pdf", "json", "csv"], tmp_path / "out")


def failures(file: Path) -> list[Check]:
    """What the hashes say against a report, asked of one of its files."""
    carried = carried_by(file)
    manifest = parse_manifest(carried.content)
    checks = [*check_manifest(manifest, carried), *check_files(manifest, carried)]
    return [check for check in checks if not check.passed]


def is_found(path: Path) -> bool:
    try:
        return bool(failures(path))
    except ManifestError:
        return True


@given(plain)
def test_canonical_bytes_read_back_and_write_the_same(value):
    content = canonical_bytes(value)
    assert canonical_bytes(json.loads(content)) == content


def test_a_report_lists_its_files_and_says_how_it_was_made(issued, tmp_path):
    document = json.loads((tmp_path / "out" / "case-7.manifest").read_bytes())
    names = [entry["name"] for entry in document["files"]]
    assert names == ["case-7.pdf", "case-7.json", "case-7.gradcam.npy", "case-7.rap.npy", "case-7.csv"]
    case = document["case"]
    assert case["image"]["sha256"] == "cd34" * 16
    assert case["model"]["weights_sha256"] == "ab12" * 16
    assert case["preprocessing"]["input"]["height"] == 320
    assert case["attributions"][1]["parameters"] == {"residual": "magnitude", "steps": 33}
    assert {"python", "numpy", "torch"} <= set(case["versions"])
    assert "Doe" not in json.dumps(document)
    assert failures(tmp_path / "out" / "case-7.manifest") == []


@pytest.mark.parametrize(
    "name", ["case-7.pdf", "case-7.json", "case-7.rap.npy", "case-7.csv", "case-7.manifest"]
)
def test_any_file_of_the_report_leads_to_its_manifest(issued, tmp_path, name):
    carried = carried_by(tmp_path / "out" / name)
    assert parse_manifest(carried.content) == issued.manifest


def test_each_of_100_changed_bytes_of_the_manifest_is_found(issued, tmp_path):
    path = tmp_path / "out" / "case-7.manifest"
    content = path.read_bytes()
    random = np.random.default_rng(6)
    for place in random.choice(len(content), CHANGES, replace=False):
        changed = bytearray(content)
        changed[place] ^= int(random.integers(1, 256))
        path.write_bytes(changed)
        assert is_found(path), f"byte {place} of the manifest"


@pytest.mark.parametrize("name", ["case-7.json", "case-7.pdf", "case-7.gradcam.npy"])
def test_each_of_100_changed_bytes_of_a_file_is_found_and_named(issued, tmp_path, name):
    path = tmp_path / "out" / name
    content = path.read_bytes()
    entry = next(entry for entry in issued.manifest.files if entry.name == name)
    random = np.random.default_rng(7)
    for place in random.choice(len(content), CHANGES, replace=False):
        changed = bytearray(content)
        changed[place] ^= int(random.integers(1, 256))
        path.write_bytes(changed)
        assert not check_file(name, path, entry.sha256).passed, f"byte {place} of {name}"
    assert [check.subject for check in failures(tmp_path / "out" / "case-7.manifest")] == [name]


def test_a_changed_number_is_named_with_its_section(issued, tmp_path):
    path = tmp_path / "out" / "case-7.manifest"
    path.write_bytes(path.read_bytes().replace(b"0.7312", b"0.7313"))
    assert [check.subject for check in failures(path)] == ["manifest", "manifest, scores"]


def test_a_missing_file_counts_only_when_the_whole_report_is_asked_about(issued, tmp_path):
    (tmp_path / "out" / "case-7.csv").unlink()
    assert [check.subject for check in failures(tmp_path / "out" / "case-7.manifest")] == ["case-7.csv"]
    assert failures(tmp_path / "out" / "case-7.pdf") == []


def test_a_pdf_alone_carries_the_case(issued, tmp_path):
    alone = tmp_path / "sent.pdf"
    alone.write_bytes((tmp_path / "out" / "case-7.pdf").read_bytes())
    manifest = parse_manifest(carried_by(alone).content)
    assert manifest.case == issued.manifest.case
    assert failures(alone) == []
    reader = PdfReader(alone)
    (content,) = reader.attachments["case.manifest"]
    assert content == attached(alone.read_bytes())
    text = "".join(page.extract_text() for page in reader.pages).replace("\n", "")
    assert issued.manifest.case_sha256 in text


def test_equal_cases_give_equal_reports(make_analysis, tmp_path):
    for folder in ("one", "two"):
        issue(make_analysis(), ["pdf", "json"], tmp_path / folder)
    for name in ("case-7.pdf", "case-7.manifest"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_file_of_no_report_is_refused_in_words(tmp_path):
    other = tmp_path / "notes.txt"
    other.write_text("hello")
    with pytest.raises(ManifestError, match=r"notes\.txt is no manifest"):
        carried_by(other)
    other.with_suffix(".pdf").write_bytes(b"%PDF-1.4 of somebody else")
    with pytest.raises(ManifestError, match="not a report of CXR Desktop"):
        carried_by(other.with_suffix(".pdf"))
    with pytest.raises(ManifestError, match="cannot be read"):
        carried_by(tmp_path / "none.manifest")


def test_the_order_of_sections_and_files_does_not_change_the_hash():
    one = Manifest.sealed({"b": 1, "a": [0.1, 1e-9]})
    assert one.sha256 == Manifest.sealed({"a": [0.1, 1e-9], "b": 1}).sha256
    assert one.sha256 != Manifest.sealed({"a": [0.1, 1.1e-9], "b": 1}).sha256


@pytest.mark.parametrize("shape", [(1, 1), (5, 40), (33, 16), (100, 70)])
def test_a_sketch_is_the_means_of_a_grid(shape):
    values = np.random.default_rng(3).normal(size=shape)
    found = sketch(values)
    rows, columns = min(16, shape[0]), min(16, shape[1])
    edges = [
        [place * length // cells for place in range(cells + 1)]
        for length, cells in zip(shape, (rows, columns), strict=True)
    ]
    slow = [
        [values[top:bottom, left:right].mean() for left, right in zip(edges[1], edges[1][1:], strict=False)]
        for top, bottom in zip(edges[0], edges[0][1:], strict=False)
    ]
    np.testing.assert_allclose(found["means"], slow, rtol=1e-8)
    assert found["norm"] == pytest.approx(np.sqrt((values**2).sum()), rel=1e-8)
