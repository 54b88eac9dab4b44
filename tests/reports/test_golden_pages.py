"""Pages of the PDF rendered to pictures and compared with golden ones.

After an intended change of looks, run once with CXR_GOLDEN=write, look at each picture, and commit it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cxr_desktop.domain import Analysis, Box, InputConcern, PixelSpacing, Reading
from cxr_desktop.domain.reading import Judgement, Verdict
from cxr_desktop.reports import export
from cxr_desktop.reports.manifest import Manifest
from cxr_desktop.reports.template import Template

GOLDEN = Path(__file__).parents[1] / "golden" / "pages"
RESOLUTION = 72
BLOCK, TILE = 2, 12
ONE_LEVEL = 24
DIFFERING = 0.1
"""Pages are averaged over 2 x 2 pixels, which evens out how versions of the renderer smooth letters; then no
tile of 12 x 12 may have more than this share of values that differ by more than ONE_LEVEL."""


def rendered(pdf: Path, folder: Path) -> list[np.ndarray]:
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm (Debian package poppler-utils) is not installed")
    command = ["pdftoppm", "-r", str(RESOLUTION), "-gray", str(pdf), str(folder / "page")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return [np.asarray(Image.open(path)) for path in sorted(folder.glob("page-*.pgm"))]


def differing(one: np.ndarray, other: np.ndarray) -> float:
    """Share of visibly differing values in the worst tile; 1 for pages of other size."""
    if one.shape != other.shape:
        return 1.0
    rows, columns = (side // (BLOCK * TILE) * BLOCK * TILE for side in one.shape)
    levels = one.astype(float)[:rows, :columns] - other.astype(float)[:rows, :columns]
    averaged = levels.reshape(rows // BLOCK, BLOCK, columns // BLOCK, BLOCK).mean((1, 3))
    seen = np.abs(averaged) > ONE_LEVEL
    tiles = seen.reshape(seen.shape[0] // TILE, TILE, seen.shape[1] // TILE, TILE)
    return float(tiles.mean((1, 3)).max())


def amended() -> Reading:
    first = Reading("Dr. Chen", (Box(40, 90, 100, 60, "Pneumonia"),))
    first = first.committed("2024-02-01T10:00:00+01:00", "resident", blinded=True)
    later = Box(46, 90, 90, 66, "Pneumonia")
    opened = replace(first.amending("lower edge seen on the map"), boxes=(later,))
    judged = opened.with_judgement(Judgement(later, Verdict.ACCEPTED, "gradcam"))
    return judged.committed("2024-02-01T10:05:00+01:00", "resident")


@pytest.fixture(autouse=True)
def one_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages print the case's hash, which covers all installed versions: a fixed one here."""
    monkeypatch.setattr(Manifest, "case_sha256", property(lambda _: "0123456789abcdef" * 4))


@pytest.fixture(params=["plain", "read", "institution"])
def case(request, make_analysis) -> tuple[str, Analysis, Template | None]:
    spacing = PixelSpacing(0.2, 0.2, "imager pixel spacing")
    if request.param == "plain":
        return request.param, make_analysis(), None
    if request.param == "read":
        concern = InputConcern(
            "view", "The image is a lateral view; the network was trained on frontal ones."
        )
        analysis = make_analysis(readings=(amended(),), spacing=spacing, concerns=(concern,))
        return request.param, analysis, None
    return (
        request.param,
        make_analysis(methods=("gradcam",)),
        Template("Spital Züri", "Radiology", page="letter"),
    )


def test_pages_look_as_they_did(case, tmp_path: Path) -> None:
    name, analysis, template = case
    pages = rendered(export(analysis, ["pdf"], tmp_path, template=template)[0], tmp_path)
    if os.environ.get("CXR_GOLDEN") == "write":
        for number, page in enumerate(pages, start=1):
            Image.fromarray(page).save(GOLDEN / f"{name}-{number}.png", optimize=True)
    golden = [np.asarray(Image.open(path)) for path in sorted(GOLDEN.glob(f"{name}-*.png"))]
    assert len(pages) == len(golden)
    for number, (page, expected) in enumerate(zip(pages, golden, strict=True), start=1):
        assert differing(page, expected) <= DIFFERING, f"page {number}"


def test_the_tolerance_sees_a_moved_box_and_a_changed_score(make_analysis, tmp_path: Path) -> None:
    """The comparison itself must be able to fail."""
    before = rendered(export(make_analysis(), ["pdf"], tmp_path / "a")[0], tmp_path / "a")
    moved = make_analysis(references=(Box(60, 95, 72, 75, "Lung Opacity", None, "NIH"),))
    for other in (moved, make_analysis(scores={"Lung Opacity": 0.5})):
        after = rendered(export(other, ["pdf"], tmp_path / "b")[0], tmp_path / "b")
        assert differing(before[0], after[0]) > DIFFERING
