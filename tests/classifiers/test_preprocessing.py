import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import functional as reference

from cxr_desktop.classifiers import InputSpec, lay_out, preprocess_display
from cxr_desktop.classifiers.card import Fit, Normalisation


@pytest.fixture
def gray() -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (500, 400), dtype=np.uint8)


def spec_of(**fields: object) -> InputSpec:
    return InputSpec(**({"height": 128, "width": 128, "channels": 1, "mean": (0.0,), "std": (1.0,)} | fields))  # type: ignore[arg-type]


def test_stretch_equals_torchvisions_antialiased_resize(gray: np.ndarray) -> None:
    found = preprocess_display(gray, spec_of(fit=Fit.STRETCH, normalisation=Normalisation.NONE))
    wanted = reference.resize(torch.from_numpy(gray).float()[None, None], [128, 128], antialias=True)
    assert torch.allclose(found, wanted, atol=1e-4)


def test_stretch_is_near_pillows_bilinear(gray: np.ndarray) -> None:
    found = preprocess_display(gray, spec_of(fit=Fit.STRETCH, normalisation=Normalisation.NONE))
    wanted = np.asarray(Image.fromarray(gray).resize((128, 128), Image.Resampling.BILINEAR), dtype=np.float32)
    assert np.abs(found[0, 0].numpy() - wanted).max() <= 1.0


def test_letterbox_pads_with_black_on_both_sides(gray: np.ndarray) -> None:
    spec = spec_of(fit=Fit.LETTERBOX, normalisation=Normalisation.RANGE)
    found = preprocess_display(np.maximum(gray, 1), spec)[0, 0]
    target = lay_out(500, 400, spec).target
    assert (target.left, target.width) == (13, 102)
    assert (found[:, :13] == 0).all()
    assert (found[:, 115:] == 0).all()
    assert (found[:, 13:115] > 0).all()


def test_crop_takes_the_middle(gray: np.ndarray) -> None:
    found = preprocess_display(gray, spec_of(fit=Fit.CROP, normalisation=Normalisation.NONE))
    wanted = reference.resize(torch.from_numpy(gray[50:450]).float()[None, None], [128, 128], antialias=True)
    assert torch.allclose(found, wanted, atol=1e-4)


def test_percentiles_become_zero_and_one() -> None:
    ramp = np.linspace(40, 200, 128 * 128).reshape(128, 128)
    found = preprocess_display(
        ramp, spec_of(percentiles=(10.0, 90.0), normalisation=Normalisation.PERCENTILE)
    )
    low, high = np.percentile(ramp, (10, 90))
    assert np.allclose(found[0, 0].numpy(), np.clip((ramp - low) / (high - low), 0, 1), atol=1e-5)


def test_percentile_forgets_brightness_and_contrast() -> None:
    plane = np.random.default_rng(1).uniform(0, 255, (300, 300))
    spec = spec_of(normalisation=Normalisation.PERCENTILE)
    assert torch.allclose(
        preprocess_display(plane, spec), preprocess_display(0.3 * plane + 20, spec), atol=1e-4
    )


def test_percentile_of_a_constant_image_is_finite() -> None:
    found = preprocess_display(
        np.full((200, 200), 7, np.uint8), spec_of(normalisation=Normalisation.PERCENTILE)
    )
    assert bool(torch.isfinite(found).all())


def test_torchxrayvision_scale_equals_the_librarys() -> None:
    xrv = pytest.importorskip("torchxrayvision", reason="TorchXRayVision is an optional extra")
    gray = np.arange(256, dtype=np.uint8).repeat(64).reshape(128, 128)
    found = preprocess_display(gray, spec_of(normalisation=Normalisation.TORCHXRAYVISION))
    assert np.allclose(found[0, 0].numpy(), xrv.utils.normalize(gray, 255), atol=1e-3)


def test_torchxrayvision_pads_with_its_own_black() -> None:
    spec = spec_of(normalisation=Normalisation.TORCHXRAYVISION)
    assert preprocess_display(np.full((200, 100), 255, np.uint8), spec)[0, 0, 0, 0] == -1024


def test_mean_and_std_apply_to_each_channel(gray: np.ndarray) -> None:
    plain = preprocess_display(gray, spec_of(normalisation=Normalisation.RANGE))
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    found = preprocess_display(
        gray, spec_of(channels=3, normalisation=Normalisation.RANGE, mean=mean, std=std)
    )
    assert found.shape == (1, 3, 128, 128)
    assert torch.allclose(found, reference.normalize(plain.expand(-1, 3, -1, -1), mean, std), atol=1e-6)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
def test_the_type_of_the_gray_does_not_matter(gray: np.ndarray, dtype: type) -> None:
    spec = spec_of(normalisation=Normalisation.PERCENTILE)
    assert torch.equal(preprocess_display(gray.astype(dtype), spec), preprocess_display(gray, spec))


def test_a_read_only_and_strided_image_is_taken(gray: np.ndarray) -> None:
    gray.flags.writeable = False
    spec = spec_of()
    assert torch.equal(
        preprocess_display(gray[:, ::-1], spec), preprocess_display(gray[:, ::-1].copy(), spec)
    )
