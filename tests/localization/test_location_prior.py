import tracemalloc

import numpy as np
import pytest

from cxr_desktop.domain import Box
from cxr_desktop.localization import BoxedImage, LocationPrior, best_of, leave_one_out
from cxr_desktop.localization.location_prior import GRID


def cohort(seed: int, count: int = 7) -> list[BoxedImage]:
    random = np.random.default_rng(seed)
    images = []
    for _ in range(count):
        rows, columns = (int(size) for size in random.integers(200, 900, 2))
        boxes = tuple(
            Box(
                x=float(random.uniform(0.2, 0.5) * columns),
                y=float(random.uniform(0.3, 0.6) * rows),
                width=float(random.uniform(0.1, 0.4) * columns),
                height=float(random.uniform(0.1, 0.3) * rows),
            )
            for _ in range(int(random.integers(1, 4)))
        )
        images.append(BoxedImage(rows, columns, boxes))
    return images


@pytest.mark.parametrize("seed", range(3))
def test_leaving_one_out_is_fitting_on_the_others(seed: int) -> None:
    images = cohort(seed)
    for place, prior in enumerate(leave_one_out(images)):
        others = LocationPrior.fit(images[:place] + images[place + 1 :])
        assert prior.coverage == pytest.approx(others.coverage, abs=1e-12)
        assert np.array_equal(prior.mask, others.mask)
        assert prior.boxes(500, 400) == pytest.approx(others.boxes(500, 400))


def test_the_level_is_the_best_of_all() -> None:
    images = cohort(11)
    prior = LocationPrior.fit(images)
    centres = (np.arange(GRID * 8) + 0.5) / (GRID * 8)

    def quality(mask: np.ndarray) -> float:
        fine = np.kron(mask, np.ones((8, 8), dtype=bool))
        overlaps = []
        for image in images:
            for box in image.boxes:
                across = (centres >= box.x / image.columns) & (centres < box.right / image.columns)
                down = (centres >= box.y / image.rows) & (centres < box.bottom / image.rows)
                inside = down[:, None] & across[None, :]
                overlaps.append((fine & inside).sum() / (fine | inside).sum())
        return float(np.mean(overlaps))

    best = max(
        quality(prior.coverage >= level * prior.coverage.max() - 1e-9) for level in np.arange(0.05, 1, 0.05)
    )
    assert quality(prior.mask) == pytest.approx(best, abs=2e-3)


def test_equal_boxes_are_predicted_exactly_on_any_image_size() -> None:
    images = [
        BoxedImage(64 * k, 128 * k, (Box(32.0 * k, 16.0 * k, 32.0 * k, 24.0 * k),)) for k in range(1, 6)
    ]
    for image, prior in zip(images, leave_one_out(images), strict=True):
        found, overlap = best_of(prior.boxes(image.rows, image.columns), image.boxes[0])
        assert overlap == pytest.approx(1.0)
        assert found is not None
        assert image.boxes[0].contains(*prior.point(image.rows, image.columns))


def test_too_few_images_are_refused() -> None:
    with pytest.raises(ValueError, match="at least two"):
        leave_one_out(cohort(0, 1))
    with pytest.raises(ValueError, match="images with boxes"):
        LocationPrior.fit([])


def peak_bytes(images: list[BoxedImage]) -> int:
    """Most that priors for all of them, each dropped when the next is asked for, hold at once."""
    tracemalloc.start()
    try:
        for _ in leave_one_out(images):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_many_images_take_little_memory_each() -> None:
    few, many = cohort(5, 300), cohort(5, 700)
    boxes = sum(len(image.boxes) for image in many) - sum(len(image.boxes) for image in few)
    grid = GRID * GRID * 8
    assert peak_bytes(many) - peak_bytes(few) < boxes * grid / 4
