from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from cxr_desktop.classifiers import load_model
from cxr_desktop.domain import Grayscale, InstanceHeader, Radiograph, Window
from cxr_desktop.domain.errors import DeviceError, ModelError

CALIBRATED = '[output]\nactivation = "{activation}"\ncalibration = {{ slope = 0.5, intercept = 0.25 }}'


def test_a_score_is_the_calibrated_sigmoid_of_the_networks_logit(
    packages, small_network: nn.Module, noise_radiograph: Radiograph
) -> None:
    classifier = load_model(
        packages.with_network(small_network, extra=CALIBRATED.format(activation="sigmoid")), "cpu"
    )
    prediction = classifier.predict(noise_radiograph)
    with torch.no_grad():
        logits = small_network(classifier.preprocess(noise_radiograph))[0].double().numpy()
    assert list(prediction.logits) == list(prediction.scores) == ["Lung Opacity", "Nodule"]
    assert list(prediction.logits.values()) == pytest.approx(list(logits), abs=1e-5)
    assert list(prediction.scores.values()) == pytest.approx(
        list(1 / (1 + np.exp(-(0.5 * logits + 0.25)))), abs=1e-5
    )


def test_softmax_scores_sum_to_one(packages, small_network: nn.Module, noise_radiograph: Radiograph) -> None:
    classifier = load_model(
        packages.with_network(small_network, extra=CALIBRATED.format(activation="softmax")), "cpu"
    )
    prediction = classifier.predict(noise_radiograph)
    scaled = np.exp(0.5 * np.array(list(prediction.logits.values())))
    assert list(prediction.scores.values()) == pytest.approx(list(scaled / scaled.sum()), abs=1e-6)


def test_a_prediction_says_whose_it_is(small_package: Path, noise_radiograph: Radiograph) -> None:
    classifier = load_model(small_package, "cpu")
    prediction = classifier.predict(noise_radiograph)
    assert prediction.model == classifier.identity
    assert (prediction.model.version, prediction.device) == ("1.2.3", "cpu")
    assert prediction.refused, "noise is no chest"


def test_operating_points_come_along(
    packages, small_network: nn.Module, noise_radiograph: Radiograph
) -> None:
    package = packages.with_network(small_network)
    digest = load_model(package, "cpu").identity.weights_sha256
    point = (
        f'[[operating_points]]\nlabel = "Nodule"\nname = "all"\nthreshold = 0.1\nweights_sha256 = "{digest}"'
    )
    prediction = load_model(packages.with_network(small_network, extra=point), "cpu").predict(
        noise_radiograph
    )
    assert [point.threshold for point in prediction.points("Nodule")] == [0.1]
    assert prediction.points("Lung Opacity") == ()


def test_the_network_sees_what_the_monitor_shows(small_package: Path) -> None:
    pixels = np.random.default_rng(2).integers(0, 4096, (300, 300), dtype=np.uint16)
    voi = Window.spanning(0, 4095)
    shown = Radiograph(pixels, InstanceHeader(Path("a")), Grayscale((voi,)))
    inverted = Radiograph(4095 - pixels, InstanceHeader(Path("b")), Grayscale((voi,), inverted=True))
    classifier = load_model(small_package, "cpu")
    assert torch.allclose(classifier.preprocess(shown), classifier.preprocess(inverted), atol=0.02)


def test_the_same_image_gives_the_same_score(small_package: Path, noise_radiograph: Radiograph) -> None:
    first, second = load_model(small_package, "cpu"), load_model(small_package, "cpu")
    assert (
        first.predict(noise_radiograph) == second.predict(noise_radiograph) == first.predict(noise_radiograph)
    )


def test_threads_may_share_a_classifier(small_package: Path, radiograph_of) -> None:
    classifier = load_model(small_package, "cpu")
    images = [
        radiograph_of(np.random.default_rng(seed).integers(0, 256, (256, 256), np.uint8)) for seed in range(8)
    ]
    alone = [classifier.predict(image).logits for image in images]
    before = {name: tensor.clone() for name, tensor in classifier.network.state_dict().items()}
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda image: classifier.predict(image).logits, images * 5))
    for index, logits in enumerate(together):
        assert list(logits.values()) == pytest.approx(list(alone[index % 8].values()), abs=1e-5)
    assert all(torch.equal(tensor, before[name]) for name, tensor in classifier.network.state_dict().items())


def test_gradients_to_the_input_still_flow_after_a_prediction(
    small_package: Path, noise_radiograph: Radiograph
) -> None:
    classifier = load_model(small_package, "cpu")
    classifier.predict(noise_radiograph)
    image = classifier.preprocess(noise_radiograph).requires_grad_()
    classifier.network(image)[0, 0].backward()
    assert image.grad is not None
    assert float(image.grad.abs().sum()) > 0
    assert all(parameter.grad is None for parameter in classifier.network.parameters())


def test_targets_are_found_regardless_of_case(small_package: Path) -> None:
    classifier = load_model(small_package, "cpu")
    assert [classifier.target_index(label) for label in ("lung opacity", "NODULE")] == [0, 1]
    with pytest.raises(ModelError, match="no label 'Mass'; it has: Lung Opacity, Nodule"):
        classifier.target_index("Mass")


def test_an_image_without_pixels_is_refused(small_package: Path, radiograph_of) -> None:
    with pytest.raises(ModelError, match="0 x 7 pixels has nothing to classify"):
        load_model(small_package, "cpu").predict(radiograph_of(np.zeros((0, 7), np.uint8)))


def test_a_score_that_is_not_finite_is_refused(
    packages, small_network: nn.Module, noise_radiograph: Radiograph
) -> None:
    state = small_network.state_dict()
    state["fc.weight"] *= 1e38
    classifier = load_model(
        packages.with_state(state, normalisation="none", extra="std = [1e-30, 1e-30, 1e-30]"), "cpu"
    )
    with pytest.raises(ModelError, match="gave a score that is not finite"):
        classifier.predict(noise_radiograph)


def test_a_device_not_here_is_refused(small_package: Path) -> None:
    with pytest.raises(DeviceError, match="cuda:77"):
        load_model(small_package, "cuda:77")
