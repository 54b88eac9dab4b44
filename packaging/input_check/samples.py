"""Images to fit and measure the input check on: chests, photographs, DICOM objects, and their variations."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import skimage
from drawings import SIDE, Gray, stretched
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from pydicom import dcmread
from pydicom.data import get_testdata_files
from pydicom.errors import InvalidDicomError
from scipy.ndimage import affine_transform

HELD_OUT_PHOTOGRAPHS = ("astronaut", "camera", "coins", "page", "retina", "rocket", "chelsea")


def square(gray: NDArray[np.uint8]) -> Gray:
    """An image at the working size."""
    return np.asarray(Image.fromarray(gray).resize((SIDE, SIDE), Image.Resampling.BOX))


def chests(data: Path, split: str) -> tuple[list[Gray], list[str]]:
    """NIH frontal radiographs of a split, and whose they are."""
    with (data / f"{split}.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    images = [square(np.asarray(Image.open(data / split / row["image"]).convert("L"))) for row in rows]
    return images, [row["patient"] for row in rows]


def photographs(*, held_out: bool) -> Iterator[Gray]:
    """scikit-image's sample pictures, whole and in parts, and its 100 faces (never held out)."""
    folder = Path(skimage.__file__).parent / "data"
    for path in sorted(folder.iterdir()):
        if path.suffix not in (".png", ".jpg", ".gif", ".tif"):
            continue
        if path.stem.startswith(HELD_OUT_PHOTOGRAPHS) is not held_out:
            continue
        try:
            picture = np.asarray(Image.open(path).convert("L"))
        except UnidentifiedImageError:
            continue
        yield square(picture)
        rows, columns = (length // 2 for length in picture.shape)
        if not held_out and min(rows, columns) >= 100:
            for top, left in ((0, 0), (0, columns), (rows, 0), (rows, columns), (rows // 2, columns // 2)):
                yield square(np.ascontiguousarray(picture[top : top + rows, left : left + columns]))
    if not held_out:
        for face in np.load(folder / "lfw_subset.npy", allow_pickle=False):
            yield square(stretched(face))


def dicom_objects() -> Iterator[Gray]:
    """pydicom's own images of 32 rows or more, none of them a chest; never fitted on."""
    warnings.simplefilter("ignore")
    for path in sorted(get_testdata_files()):
        try:
            dataset = dcmread(path)
            if dataset.get("Rows", 0) < 32 or dataset.get("SamplesPerPixel", 1) not in (1, 3):
                continue
            pixels = dataset.pixel_array.astype(np.float64)
        except (InvalidDicomError, AttributeError, ValueError, RuntimeError, NotImplementedError, OSError):
            continue
        if dataset.get("NumberOfFrames", 1) and int(dataset.get("NumberOfFrames") or 1) > 1:
            pixels = pixels[0]
        if pixels.ndim == 3:
            pixels = pixels.mean(axis=-1)
        yield square(stretched(np.clip(pixels, *np.percentile(pixels, (0.5, 99.5)))))


def fragment(image: Gray, rng: np.random.Generator) -> Gray:
    """A quarter turn of a part too small to be a chest: shoulder, neck, abdomen, ribs."""
    size = int(rng.uniform(60, 105))
    top, left = rng.integers(0, SIDE - size, 2)
    return np.ascontiguousarray(np.rot90(image[top : top + size, left : left + size], rng.integers(4)))


def varied(image: Gray, rng: np.random.Generator) -> Gray:
    """Moved, scaled, tilted by a few degrees, framed, of another contrast, noisier; 128 x 128."""
    side, centre = 128, np.array([63.5, 63.5])
    plane = np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BOX), dtype=np.float64)
    if rng.random() < 0.15:
        plane = plane[:, ::-1]
    size, aspect, tilt = (
        np.exp(rng.uniform(-0.28, 0.22)),
        np.exp(rng.uniform(-0.12, 0.12)),
        np.radians(rng.normal(0, 4)),
    )
    turn = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
    matrix = turn @ np.diag([1 / (size * aspect), aspect / size])
    outside = "nearest" if rng.random() < 0.5 else "constant"
    fill = float(rng.choice([0, 0, 255]))
    shift = centre - matrix @ centre + rng.uniform(-10, 10, 2)
    plane = affine_transform(plane, matrix, shift, order=1, mode=outside, cval=fill)
    if rng.random() < 0.25:
        top, bottom, left, right = rng.integers(0, 18, 4)
        frame = np.full_like(plane, rng.choice([0.0, 250.0]))
        frame[top : side - bottom, left : side - right] = plane[top : side - bottom, left : side - right]
        plane = frame
    plane = 255 * (np.clip(plane, 0, 255) / 255) ** np.exp(rng.uniform(-0.5, 0.5))
    if rng.random() < 0.3:
        plane = plane + rng.normal(0, rng.uniform(1, 8), plane.shape)
    return np.clip(plane, 0, 255).astype(np.uint8)
