"""Cases on real images, exported once, and the validators of other makers."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from cxr_desktop.dicom import read_radiograph
from cxr_desktop.domain import (
    Analysis,
    AttributionMap,
    Box,
    Judgement,
    Localization,
    LocalizedMap,
    ModelIdentity,
    OperatingPoint,
    Prediction,
    Reading,
    Threshold,
    Verdict,
)
from cxr_desktop.reports import export

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "resources" / "demo" / "study"
RG1 = ROOT.parent / "shared" / "data" / "dicom" / "RG1_J2KI.dcm"
MODEL = ModelIdentity("demo", "1.2.0", "ab12" * 16, "Lung opacity, demonstration")
LABEL = "Lung Opacity"
FORMATS = ("sr", "gsps", "seg", "sc", "encapsulated-pdf", "kos", "pmap")


@dataclass(frozen=True, slots=True, eq=False)
class Exported:
    """A case and its files by format id."""

    analysis: Analysis
    files: dict[str, tuple[Path, ...]]


def case(path: Path, **fields: object) -> Analysis:
    """A case with known numbers on a real image: two maps, three boxes of theirs, one reference, one reader."""
    radiograph = read_radiograph(path)
    rows, columns = radiograph.rows, radiograph.columns
    maps, localized, compared = [], [], []
    reference = Box(0.55 * columns, 0.5 * rows, 0.2103 * columns, 0.2347 * rows, "Pneumonia", None, "NIH")
    for place, method in enumerate(("gradcam", "rap")):
        values = _bump(rows, columns, 0.6, 0.6) - (0.5 * _bump(rows, columns, 0.3, 0.4) if place else 0.0)
        maps.append(AttributionMap(values.astype(np.float32), method, LABEL, MODEL, {"steps": 8 + place}))
        boxes = tuple(
            Box(
                0.5 * columns + k,
                0.45 * rows + 0.123,
                0.3 * columns,
                0.25 * rows,
                LABEL,
                0.8 - 0.1 * k,
                method,
            )
            for k in range(place + 1)
        )
        localized.append(LocalizedMap(method, LABEL, Threshold(), 0.5, boxes))
        compared.append(
            Localization(method, LABEL, "NIH", reference, boxes[0], 0.41 + 0.1 * place, 0.6, place == 0)
        )
    known: dict[str, object] = {
        "radiograph": radiograph,
        "prediction": Prediction(
            MODEL,
            {LABEL: 0.7312, "Enlarged Cardiomediastinum": 0.125},
            operating_points=(OperatingPoint(LABEL, "screening", 0.22, 0.95, 0.61, "dev"),),
        ),
        "maps": tuple(maps),
        "localized": tuple(localized),
        "localizations": tuple(compared),
        "references": (reference,),
        "readings": (
            Reading(
                "Dr. Jörg Müller",
                (Box(12.25, 33.5, 200.125, 180.0, "Nodule"),),
                (Judgement(localized[0].boxes[0], Verdict.REJECTED, "gradcam"),),
            ).committed(blinded=True),
        ),
        "created": "2026-03-01T10:30:05+01:00",
        "software": "CXR Desktop 0.1.0",
    }
    return Analysis(**(known | fields))


def _bump(rows: int, columns: int, x: float, y: float) -> np.ndarray:
    down, right = np.ogrid[0:rows, 0:columns]
    return np.exp(-((right / columns - x) ** 2 + (down / rows - y) ** 2) / 0.02)


@pytest.fixture(scope="session", params=["one-current", "RG1_J2KI"])
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """Every DICOM format of a case on an image of the demo study, and on one that has neither spacing nor codes."""
    path = RG1 if request.param == "RG1_J2KI" else DEMO / f"{request.param}.dcm"
    if not path.is_file():
        pytest.skip(f"{path.name} lies beside the repository only where the shared data are")
    analysis = case(path)
    out = tmp_path_factory.mktemp(request.param)
    return Exported(analysis, {one: export(analysis, [one], out) for one in FORMATS})


@pytest.fixture(scope="session")
def validator() -> Callable[..., str]:
    """A function that runs another maker's program on files and gives all that it prints."""

    def run(program: str, *arguments: str | Path, java: bool = False) -> str:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
        limits = " ".join(f"-Djdk.xml.xpath{name}Limit=0" for name in ("TotalOp", "ExprOp", "ExprGrp"))
        quick = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
        environment = {**os.environ, "_JAVA_OPTIONS": f"{limits} {quick}"} if java else None
        done = subprocess.run(
            [program, *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=300,
            env=environment,
            check=False,
        )
        return done.stdout + done.stderr

    return run


@pytest.fixture(scope="session")
def demo_case() -> Callable[..., Analysis]:
    """A function making a case on the demo study's image; fields given replace those of `case`."""
    known = case(DEMO / "one-current.dcm")
    return lambda **fields: replace(known, **fields)


@pytest.fixture(scope="session")
def make_case() -> Callable[..., Analysis]:
    """The function making a case on any image."""
    return case


@pytest.fixture(scope="session")
def demo_image() -> Path:
    return DEMO / "one-current.dcm"


@pytest.fixture(scope="session")
def other_image() -> Path | None:
    """An image of another maker, where the shared data are at hand."""
    return RG1 if RG1.is_file() else None
