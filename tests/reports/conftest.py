"""Cases made up for the report tests: a drawn chest, blobs for maps, numbers known in advance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cxr_desktop.domain import (
    Analysis,
    AttributionMap,
    Box,
    InputConcern,
    InstanceHeader,
    Localization,
    LocalizedMap,
    ModelIdentity,
    OperatingPoint,
    PixelSpacing,
    Prediction,
    Radiograph,
    Reading,
    Severity,
    Threshold,
)

MODEL = ModelIdentity("demo", "1.2.0", "ab12" * 16, "Lung opacity, demonstration")
IMAGE_SHA = "cd34" * 16


def blob(rows: int, columns: int, x: float, y: float, sigma: float, *, signed: bool = False) -> np.ndarray:
    """A bump around (x, y), given as shares of the image, with a negative one opposite where signed."""
    down, right = np.mgrid[0:rows, 0:columns].astype(np.float32)
    spread = 2 * (sigma * max(rows, columns)) ** 2

    def bump(at_x: float, at_y: float) -> np.ndarray:
        return np.exp(-((right - at_x * columns) ** 2 + (down - at_y * rows) ** 2) / spread)

    values = bump(x, y) - (0.6 * bump(1 - x, 1 - y) if signed else 0.0)
    values = np.ascontiguousarray(values, dtype=np.float32)
    values.flags.writeable = False
    return values


def chest(rows: int, columns: int) -> np.ndarray:
    """Two dark lungs on a bright ground, 8 bit."""
    lungs = blob(rows, columns, 0.3, 0.5, 0.15) + blob(rows, columns, 0.7, 0.5, 0.15)
    return np.asarray(200 - 150 * np.clip(lungs, 0, 1), dtype=np.uint8)


@pytest.fixture
def make_analysis():
    """A function making a case; what a test says nothing about has fixed values."""

    def make(
        *,
        pixels: np.ndarray | None = None,
        rows: int = 300,
        columns: int = 240,
        methods: tuple[str, ...] = ("gradcam", "rap"),
        boxes: int = 1,
        references: tuple[Box, ...] | None = None,
        readings: tuple[Reading, ...] = (),
        concerns: tuple[InputConcern, ...] = (),
        scores: dict[str, float] | None = None,
        header: dict[str, object] | None = None,
        spacing: PixelSpacing | None = None,
        notes: tuple[str, ...] = (),
    ) -> Analysis:
        image = chest(rows, columns) if pixels is None else pixels
        rows, columns = image.shape
        fields: dict[str, object] = {
            "path": Path("incoming") / "case-7.dcm",
            "sop_instance_uid": "1.2.826.0.1.3680043.8.498.7",
            "study_uid": "1.2.826.0.1.3680043.8.498.1",
            "patient_id": "P-0007",
            "patient_name": "Doe^Jane",
            "patient_sex": "F",
            "patient_age": "061Y",
            "study_date": "20240131",
            "view_position": "PA",
            "rows": rows,
            "columns": columns,
        }
        if references is None:
            references = (
                Box(0.2 * columns, 0.3 * rows, 0.3 * columns, 0.25 * rows, "Lung Opacity", None, "NIH"),
            )
        maps, localized, compared = [], [], []
        for place, method in enumerate(methods):
            signed = place % 2 == 1
            values = blob(rows, columns, 0.35, 0.4, 0.08 + 0.01 * place, signed=signed)
            maps.append(
                AttributionMap(
                    values,
                    method,
                    "Lung Opacity",
                    MODEL,
                    {"residual": "magnitude", "steps": 32 + place},
                    1.25 if signed else None,
                    0.0021 if signed else None,
                )
            )
            found = tuple(
                Box(
                    (0.2 + 0.05 * (k % 9)) * columns,
                    (0.3 + 0.04 * (k % 11)) * rows,
                    0.25 * columns,
                    0.2 * rows,
                    "Lung Opacity",
                    0.9 - 0.1 * (k % 9),
                    method,
                )
                for k in range(boxes)
            )
            localized.append(LocalizedMap(method, "Lung Opacity", Threshold(), 0.5, found))
            for reference in references:
                compared.append(
                    Localization(
                        method,
                        reference.label,
                        reference.source,
                        reference,
                        found[0] if found else None,
                        0.41 + 0.01 * place if found else 0.0,
                        0.63 if found else 0.0,
                        place == 0,
                    )
                )
        points = (
            OperatingPoint("Lung Opacity", "screening", 0.22, 0.95, 0.61, "dev"),
            OperatingPoint("Lung Opacity", "balanced", 0.48, 0.83, 0.81, "dev"),
        )
        return Analysis(
            radiograph=Radiograph(
                image, InstanceHeader(**(fields | (header or {}))), spacing=spacing, sha256=IMAGE_SHA
            ),
            prediction=Prediction(
                MODEL,
                {"Lung Opacity": 0.7312} if scores is None else scores,
                {"Lung Opacity": 1.0},
                points,
                concerns,
            ),
            maps=tuple(maps),
            localized=tuple(localized),
            localizations=tuple(compared),
            references=references,
            readings=readings,
            created="2024-02-01T10:30:00+01:00",
            software="CXR Desktop 0.1.0",
            notes=notes,
        )

    return make


@pytest.fixture
def refusal() -> InputConcern:
    return InputConcern("not_chest", "The image does not look like a chest radiograph.", Severity.REFUSE)
