"""A trained network with its card: radiograph in, calibrated probabilities out."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from cxr_desktop.classifiers.architectures import build_network
from cxr_desktop.classifiers.card import Activation, ModelCard, read_card
from cxr_desktop.classifiers.device import is_out_of_memory, select_device
from cxr_desktop.classifiers.geometry import ModelGeometry, lay_out
from cxr_desktop.classifiers.input_check import check_display
from cxr_desktop.classifiers.packages import find_package
from cxr_desktop.classifiers.preprocessing import preprocess_display
from cxr_desktop.classifiers.stated import stated_preprocessing
from cxr_desktop.domain.errors import DeviceError, ModelError
from cxr_desktop.domain.grayscale import Gray
from cxr_desktop.domain.prediction import ModelIdentity, Prediction
from cxr_desktop.domain.radiograph import Radiograph

Forward = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class Classifier:
    """A network on its device, in eval mode. Nothing here changes it, so threads may share it."""

    card: ModelCard
    network: nn.Module
    device: torch.device

    @property
    def identity(self) -> ModelIdentity:
        return self.card.identity

    @property
    def labels(self) -> tuple[str, ...]:
        return self.card.label_names

    def target_index(self, label: str) -> int:
        """The output unit of a label, regardless of case. Raises ModelError listing the labels."""
        for index, name in enumerate(self.labels):
            if name.casefold() == label.strip().casefold():
                return index
        raise ModelError(f"model {self.card.name} has no label {label!r}; it has: {', '.join(self.labels)}")

    def geometry(self, radiograph: Radiograph) -> ModelGeometry:
        """How the stored image lies in the model's input. Raises ModelError for an empty image."""
        return lay_out(radiograph.rows, radiograph.columns, self.card.input)

    def preprocess(self, radiograph: Radiograph) -> Tensor:
        """(1, channels, height, width) float32 on the device, of the image as shown by default."""
        return self._prepared(radiograph.display())

    def predict(self, radiograph: Radiograph, run: Forward | None = None) -> Prediction:
        """Calibrated probability of each label, with what the input check thinks of the image.

        run: the network, where somebody keeps what it computes on the way, (1, C, H, W) to (1, labels) logits.
        A refusal is told, not acted on: whether its scores are shown is the reader's choice.
        Raises ModelError for an image without pixels or a network whose output is not finite,
        DeviceError where memory does not suffice.
        """
        geometry = self.geometry(radiograph)
        gray = radiograph.display()
        assert gray.shape == (geometry.rows, geometry.columns)
        logits = self._logits(gray, run or self.network)
        probabilities = self.probabilities(logits)
        return Prediction(
            model=self.identity,
            scores=dict(zip(self.labels, probabilities.tolist(), strict=True)),
            logits=dict(zip(self.labels, logits.tolist(), strict=True)),
            operating_points=self.card.operating_points,
            concerns=check_display(gray, radiograph),
            device=str(self.device),
            preprocessing=stated_preprocessing(self.card),
        )

    def probabilities(self, logits: Tensor) -> Tensor:
        """Calibrated probabilities of logits, along the last axis."""
        calibration = self.card.calibration
        scaled = calibration.slope * logits.double() + calibration.intercept
        if self.card.activation is Activation.SOFTMAX:
            return scaled.softmax(dim=-1)
        return scaled.sigmoid()

    def to(self, device: str | torch.device) -> Classifier:
        """The same classifier on another device; this one stays where it is."""
        target = device if isinstance(device, torch.device) else select_device(device)
        if target == self.device:
            return self
        return Classifier(self.card, copy.deepcopy(self.network).to(target), target)

    def _prepared(self, gray: Gray) -> Tensor:
        return preprocess_display(gray, self.card.input).to(self.device)

    def _logits(self, gray: Gray, run: Forward) -> Tensor:
        """(labels,) on the CPU."""
        try:
            with torch.inference_mode():
                logits = run(self._prepared(gray))[0].float().cpu()
        except RuntimeError as error:
            if is_out_of_memory(error) and self.device.type == "cpu":
                raise DeviceError("memory does not suffice to classify; close other programs") from error
            raise
        if not bool(torch.isfinite(logits).all()):
            raise ModelError(
                f"model {self.card.name} gave a score that is not finite on this image; check its weights"
            )
        return logits


def load_model(name_or_dir: str | Path, device: str = "auto") -> Classifier:
    """Load a model by name or folder, verify its weights, and place it on a device.

    Raises ModelError with what is wrong with the package, DeviceError for a device not here.
    """
    card = read_card(find_package(name_or_dir))
    target = select_device(device)
    network = build_network(card)
    try:
        network.to(target)
    except RuntimeError as error:
        raise DeviceError(
            f"model {card.name} cannot be placed on {target} ({error}); use --device cpu"
        ) from error
    return Classifier(card, network, target)
