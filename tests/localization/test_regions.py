import csv
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from cxr_desktop.dicom import read_radiograph
from cxr_desktop.domain.region import Region
from cxr_desktop.localization.regions import REGIONS, Regions, find_regions, region_shares
from cxr_desktop.localization.thorax import lung_shape
from cxr_desktop.localization.thorax.grid import blurred, grown, opened, shrunk, without_holes
from cxr_desktop.localization.thorax.lung_shape import fit_lungs

SIDE = 512
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


class Phantom:
    """A drawn chest: air round a body, two lungs, a heart between them, an R in the upper corner."""

    def __init__(self, side: int = SIDE, shift: tuple[float, float] = (0, 0), size: float = 1.0) -> None:
        self.side = side
        y, x = (np.indices((side, side)) + 0.5) / side
        y, x = (y - 0.5 - shift[1]) / size + 0.5, (x - 0.5 - shift[0]) / size + 0.5
        self.body = (abs(x - 0.5) < 0.40 + 0.05 * y) & (y > 0.08 - 0.3 * (abs(x - 0.5) < 0.1))
        self.right = self._lung(x, y, 0.32, 0.13)
        self.heart_shape = ((x - 0.54) / 0.13) ** 2 + ((y - 0.62) / 0.17) ** 2 < 1
        self.left = self._lung(x, y, 0.69, 0.13) & ~self.heart_shape
        self.letter = np.zeros((side, side), dtype=bool)

    @staticmethod
    def _lung(x: np.ndarray, y: np.ndarray, centre: float, half: float) -> np.ndarray:
        shape = ((x - centre) / half) ** 2 + ((y - 0.53) / 0.37) ** 2 < 1
        dome = y < 0.80 - 0.06 * np.cos(np.clip((x - centre) / half, -1.5, 1.5))
        return shape & dome

    def with_letter(self, x: float, y: float) -> "Phantom":
        step = self.side // 128
        top, left = round(y * self.side), round(x * self.side)
        self.letter[top : top + 5 * step, left : left + step] = True
        for row in (0, 2, 4):
            self.letter[top + row * step : top + (row + 1) * step, left : left + 3 * step] = True
        return self

    def gray(self, noise: float = 4.0, opacity: bool = False) -> np.ndarray:
        image = np.full((self.side, self.side), 5.0)
        image[self.body] = 170
        image[self.right | self.left] = 75
        image[self.heart_shape & self.body] = 200
        y = np.indices(image.shape)[0] / self.side
        image[self.body & (y > 0.82)] = 205
        if opacity:
            x = np.indices(image.shape)[1] / self.side
            image[self.right & ((x - 0.3) ** 2 + (y - 0.62) ** 2 < 0.08**2)] = 160
        image = ndimage.gaussian_filter(image, self.side / 250)
        image[self.letter] = 250
        image += np.random.default_rng(3).normal(0, noise, image.shape)
        return np.clip(image, 0, 255).astype(np.uint8)


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    return 2 * (a & b).sum() / max(a.sum() + b.sum(), 1)


@pytest.mark.parametrize("shift", [(0, 0), (0.04, -0.03), (-0.05, 0.04)])
@pytest.mark.parametrize("size", [0.85, 1.0])
def test_lungs_are_where_they_were_drawn(shift: tuple[float, float], size: float) -> None:
    drawn = Phantom(shift=shift, size=size)
    found = find_regions(drawn.gray())
    assert found.found
    assert overlap(found.mask(Region.RIGHT_LUNG), drawn.right) > 0.9
    assert overlap(found.mask(Region.LEFT_LUNG), drawn.left) > 0.88
    assert np.array_equal(found.lung_field, found.mask(Region.RIGHT_LUNG) | found.mask(Region.LEFT_LUNG))


def test_an_opacity_stays_part_of_its_lung() -> None:
    drawn = Phantom()
    assert overlap(find_regions(drawn.gray(opacity=True)).mask(Region.RIGHT_LUNG), drawn.right) > 0.88


def test_heart_air_and_body_are_where_they_were_drawn() -> None:
    drawn = Phantom()
    found = find_regions(drawn.gray())
    heart = found.mask(Region.HEART)
    assert heart[round(0.6 * SIDE), round(0.54 * SIDE)]
    assert heart[drawn.heart_shape].mean() > 0.7
    inner = np.zeros_like(heart)
    inner[20:-20, 20:-20] = True
    air = ~drawn.body & inner
    assert overlap(found.mask(Region.OUTSIDE) & inner, air) > 0.93
    assert not found.mask(Region.OUTSIDE)[drawn.right | drawn.left].any()
    assert found.mask(Region.BODY)[round(0.9 * SIDE), SIDE // 2]


def test_border_is_the_frame_and_collimation() -> None:
    gray = Phantom().gray()
    gray[:, :60] = 0
    found = find_regions(gray)
    assert found.mask(Region.BORDER)[:, :52].mean() > 0.98
    assert found.mask(Region.BORDER)[-8:].all()
    assert not found.mask(Region.BORDER)[40:-40, 80:-40].any()


def test_letters_are_found_in_the_air_and_on_the_body() -> None:
    drawn = Phantom().with_letter(0.9, 0.12).with_letter(0.12, 0.2)
    found = find_regions(drawn.gray()).mask(Region.LETTERING)
    assert found[drawn.letter].mean() > 0.85
    assert found.sum() < 3.5 * drawn.letter.sum()
    assert not find_regions(Phantom().gray()).mask(Region.LETTERING).any()


def test_padding_is_border() -> None:
    valid = np.ones((SIDE, SIDE), dtype=bool)
    valid[:100] = False
    assert find_regions(Phantom().gray(), valid).mask(Region.BORDER)[:100].all()


def test_sides_change_with_the_way_the_film_hangs() -> None:
    gray = Phantom().gray()
    usual, turned = find_regions(gray), find_regions(gray, patient_left_on_right=False)
    assert np.array_equal(usual.mask(Region.RIGHT_LUNG), turned.mask(Region.LEFT_LUNG))


@pytest.mark.parametrize("picture", ["noise", "flat", "ramp", "discs", "upside down"])
def test_what_is_no_chest_has_no_lungs(picture: str) -> None:
    y, x = np.indices((SIDE, SIDE)) / SIDE
    gray = {
        "noise": np.random.default_rng(0).random((SIDE, SIDE)) * 255,
        "flat": np.full((SIDE, SIDE), 90.0),
        "ramp": x * 255,
        "discs": np.where((x - 0.5) ** 2 + (y - 0.5) ** 2 < 0.1, 40.0, 200.0),
        "upside down": Phantom().gray()[::-1].astype(float),
    }[picture]
    found = find_regions(gray.astype(np.uint8))
    assert not found.found
    assert found.reason
    assert not found.lung_field.any()
    assert not found.mask(Region.HEART).any()
    assert found.mask(Region.UNPARTED).any() or picture == "flat"


@pytest.mark.parametrize("shape", [(64, 64), (37, 90), (3, 3), (1, 500)])
def test_any_size_is_parted_whole(shape: tuple[int, int]) -> None:
    gray = np.random.default_rng(1).integers(0, 255, shape).astype(np.uint8)
    found = find_regions(gray)
    assert found.codes.shape == shape
    assert sum(found.areas().values()) == pytest.approx(1)


def test_a_stack_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(2, 2, 3\)"):
        find_regions(np.zeros((2, 2, 3), np.uint8))


def parted() -> Regions:
    codes = np.zeros((4, 8), np.uint8)
    codes[:, 4:] = REGIONS.index(Region.BODY)
    codes[0] = REGIONS.index(Region.BORDER)
    return Regions(codes)


def test_shares_by_hand() -> None:
    values = np.zeros((4, 8), np.float32)
    values[1, 0], values[1, 5], values[0, 7], values[2, 2] = 3, 2, 5, -40
    shares = region_shares(values, parted())
    assert shares[Region.RIGHT_LUNG] == pytest.approx(0.3)
    assert shares[Region.BODY] == pytest.approx(0.2)
    assert shares[Region.BORDER] == pytest.approx(0.5)
    assert shares[Region.LETTERING] == 0
    assert parted().areas()[Region.BORDER] == pytest.approx(0.25)


def test_reliance_on_a_marker_becomes_its_number() -> None:
    drawn = Phantom().with_letter(0.9, 0.12)
    values = np.zeros((SIDE, SIDE), np.float32)
    lung = ndimage.binary_erosion(drawn.right, iterations=25)
    values[lung] = 0.6 / lung.sum()
    values[drawn.letter] = 0.3 / drawn.letter.sum()
    values[120:150, 480:495] = 0.1 / 450
    shares = region_shares(values, find_regions(drawn.gray()))
    assert shares[Region.RIGHT_LUNG] == pytest.approx(0.6, abs=0.01)
    assert shares[Region.LETTERING] == pytest.approx(0.3, abs=0.05)
    assert shares[Region.OUTSIDE] == pytest.approx(0.1, abs=0.05)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(1e-20, 1e20))
def test_shares_sum_to_one_whatever_the_scale(seed: int, scale: float) -> None:
    values = (np.random.default_rng(seed).normal(size=(4, 8)) * scale).astype(np.float32)
    assert sum(region_shares(values, parted()).values()) == pytest.approx(1, abs=1e-6)


def test_a_map_without_evidence_has_no_shares() -> None:
    assert all(np.isnan(list(region_shares(-np.ones((4, 8), np.float32), parted()).values())))
    with pytest.raises(ValueError, match="regions are"):
        region_shares(np.ones((3, 8), np.float32), parted())
    with pytest.raises(ValueError, match="finite"):
        region_shares(np.full((4, 8), np.nan, np.float32), parted())


@pytest.mark.skipif(not DATA.is_dir(), reason="needs the radiographs beside the repository")
def test_lungs_are_found_on_most_radiographs_and_hold_most_lesions() -> None:
    with (DATA / "nih" / "dev_boxes.csv").open() as stream:
        boxes = list(csv.DictReader(stream))
    inside, found = [], []
    for name in sorted({box["image"] for box in boxes}):
        radiograph = read_radiograph(DATA / "nih" / "dev" / name)
        regions = find_regions(radiograph.display())
        found.append(regions.found)
        if regions.found:
            chest = regions.lung_field | regions.mask(Region.HEART)
            for box in (box for box in boxes if box["image"] == name):
                x, y, w, h = (round(float(box[key])) for key in ("x", "y", "width", "height"))
                inside.append(chest[y : y + h, x : x + w].mean())
    assert np.mean(found) >= 0.8
    assert np.mean(inside) >= 0.7


@pytest.mark.parametrize("shape", [(192, 160), (40, 9)])
def test_blurring_by_matrices_is_scipys(shape: tuple[int, int]) -> None:
    plane = np.random.default_rng(3).random(shape, dtype=np.float32)
    expected = ndimage.gaussian_filter(plane, 0.16 * max(shape))
    assert blurred(plane, 0.16 * max(shape)) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("shape", [(1024, 1024), (1000, 700), (300, 200)])
def test_cells_are_means_of_their_pixels(shape: tuple[int, int]) -> None:
    gray = np.random.default_rng(4).integers(0, 256, shape).astype(np.uint8)
    small = shrunk(gray, 256, 100)
    edges = [np.arange(n) * size // n for n, size in zip(small.shape, shape, strict=True)]
    sums = np.add.reduceat(np.add.reduceat(gray.astype(np.float64), edges[0], axis=0), edges[1], axis=1)
    counts = [np.diff(np.append(edge, size)) for edge, size in zip(edges, shape, strict=True)]
    means = sums / counts[0][:, None] / counts[1][None, :]
    low, high = np.percentile(means, (0.5, 100))
    assert small == pytest.approx(np.clip((means - low) / (high - low), 0, 1), abs=1e-5)


@pytest.mark.parametrize("shape", [(96, 96), (96, 70), (60, 96), (120, 24)])
def test_no_outline_wraps_round_the_edge(shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    contrast = ndimage.gaussian_filter(np.random.default_rng(8).normal(size=shape), 3).astype(np.float32)
    found = fit_lungs(contrast)
    lung_shape._candidates.cache_clear()
    monkeypatch.setattr(lung_shape, "_padded", lambda _: (512, 512))
    with_room = fit_lungs(contrast)
    lung_shape._candidates.cache_clear()
    assert asdict(found) == pytest.approx(asdict(with_room), rel=1e-4)


@pytest.mark.parametrize("shape", [(40, 31), (5, 60), (1, 9)])
def test_shapes_on_the_grid_are_scipys(shape: tuple[int, int]) -> None:
    random = np.random.default_rng(9)
    plane = ndimage.gaussian_filter(random.random(shape, dtype=np.float32), 1)
    for size in (3, 5, 15, 16 | 1):
        assert (opened(plane, size) == ndimage.grey_opening(plane, size=(size, size))).all()
    for mask in (plane > np.median(plane), plane > np.inf, plane >= 0):
        assert (without_holes(mask) == ndimage.binary_fill_holes(mask)).all()
        for steps in (1, 3, 7):
            assert (grown(mask, steps) == ndimage.binary_dilation(mask, iterations=steps)).all()
