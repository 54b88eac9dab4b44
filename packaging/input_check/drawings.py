"""Pictures that are no chest, drawn: body parts in outline, patterns, noise. 256 x 256 uint8."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter
from scipy.ndimage import gaussian_filter

Gray = NDArray[np.uint8]
SIDE = 256


def stretched(plane: NDArray[np.floating]) -> Gray:
    """A plane over the full gray range."""
    low, high = float(plane.min()), float(plane.max())
    return np.rint((plane - low) / max(high - low, 1e-9) * 255).astype(np.uint8)


def _blurred(image: Image.Image, rng: np.random.Generator) -> Gray:
    plane = np.asarray(image.filter(ImageFilter.GaussianBlur(float(rng.uniform(1, 5)))), dtype=np.float64)
    return np.clip(plane + rng.normal(0, 4, plane.shape), 0, 255).astype(np.uint8)


def hand(rng: np.random.Generator) -> Gray:
    """Wrist, palm and five spread fingers with bones."""
    image = Image.new("L", (SIDE, SIDE), int(rng.integers(0, 30)))
    draw = ImageDraw.Draw(image)
    x, y, size = 128 + rng.integers(-20, 20), 170 + rng.integers(-15, 15), float(rng.uniform(0.8, 1.3))
    draw.ellipse([x - 50 * size, y - 50 * size, x + 50 * size, y + 60 * size], fill=110)
    draw.rectangle([x - 30 * size, y + 30 * size, x + 30 * size, SIDE], fill=110)
    for finger, degrees in enumerate(np.linspace(-60, 45, 5)):
        angle = np.radians(degrees - 90 + rng.uniform(-6, 6))
        length = (121 if finger in (1, 2, 3) else 88) * size
        tip = (x + np.cos(angle) * length, y + np.sin(angle) * length)
        draw.line([(x, y), tip], fill=110, width=int(26 * size))
        draw.line([(x, y), tip], fill=200, width=int(10 * size))
    draw.rectangle([x - 24 * size, y + 40 * size, x - 6 * size, SIDE], fill=210)
    draw.rectangle([x + 6 * size, y + 40 * size, x + 24 * size, SIDE], fill=200)
    return _blurred(image, rng)


def long_bone(rng: np.random.Generator) -> Gray:
    """A limb with its bone, with or without a joint."""
    image = Image.new("L", (SIDE, SIDE), 8)
    draw = ImageDraw.Draw(image)
    x, width = 128 + rng.integers(-30, 30), float(rng.uniform(30, 70))
    draw.polygon([(x - 1.6 * width, 0), (x + 1.6 * width, 0), (x + width, SIDE), (x - width, SIDE)], fill=100)
    draw.rectangle([x - 0.4 * width, 0, x + 0.4 * width, SIDE], fill=210)
    if rng.random() < 0.6:
        draw.ellipse([x - 0.9 * width, 90, x + 0.9 * width, 170], fill=200)
    return _blurred(image, rng)


def skull(rng: np.random.Generator) -> Gray:
    """Skull with orbits and neck."""
    image = Image.new("L", (SIDE, SIDE), 5)
    draw = ImageDraw.Draw(image)
    across, down = rng.uniform(70, 110, 2)
    draw.ellipse([128 - across, 110 - down, 128 + across, 110 + down], fill=220)
    draw.ellipse([138 - across, 120 - down, 118 + across, 100 + down], fill=120)
    draw.rectangle([100, 180, 156, SIDE], fill=140)
    for side in (-1, 1):
        draw.ellipse([110 + side * 35, 110, 146 + side * 35, 140], fill=70)
    return _blurred(image, rng)


def pelvis(rng: np.random.Generator) -> Gray:
    """Pelvis with lumbar spine and femora."""
    image = Image.new("L", (SIDE, SIDE), 20)
    draw = ImageDraw.Draw(image)
    draw.ellipse([10, -40, 246, 300], fill=120)
    draw.rectangle([115, 0, 141, 120], fill=200)
    for side in (-1, 1):
        x = 128 + side * 60
        draw.ellipse([x - 45, 60, x + 45, 160], fill=190)
        draw.ellipse([108 + side * 40, 150, 148 + side * 40, 190], fill=90)
        draw.line([(128 + side * 80, 170), (128 + side * 95, SIDE)], fill=200, width=26)
    return _blurred(image, rng)


def noise(rng: np.random.Generator) -> Gray:
    """Gaussian noise of some grain."""
    return stretched(gaussian_filter(rng.normal(size=(SIDE, SIDE)), float(rng.choice([0, 1, 4, 10, 20, 40]))))


def pattern(rng: np.random.Generator) -> Gray:
    """A ramp, a disc, bars or squares."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float64)
    angle, period = rng.uniform(0, 2 * np.pi), rng.uniform(16, 128)
    ramp = np.cos(angle) * x + np.sin(angle) * y
    disc = np.hypot(x - rng.uniform(64, 192), y - rng.uniform(64, 192))
    bars = (ramp // period) % 2
    squares = (x // period + y // period) % 2
    return stretched([ramp, disc, -disc, bars, squares][rng.integers(5)])


KINDS = {
    "hand": (hand, 60),
    "long bone": (long_bone, 40),
    "skull": (skull, 40),
    "pelvis": (pelvis, 40),
    "noise": (noise, 60),
    "pattern": (pattern, 60),
}


def drawings(rng: np.random.Generator) -> Iterator[tuple[str, Gray]]:
    """Every kind, some tens of each."""
    for kind, (draw, count) in KINDS.items():
        for _ in range(count):
            yield kind, draw(rng)
