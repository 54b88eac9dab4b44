"""The card of a model package, `model.toml`: what a network is, expects, says, and may be used for."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePath
from typing import Any

from cxr_desktop.classifiers.toml_table import TomlTable
from cxr_desktop.domain.errors import ModelError
from cxr_desktop.domain.localization import Threshold
from cxr_desktop.domain.prediction import ModelIdentity, OperatingPoint

CARD_FILE = "model.toml"
FAMILIES = ("torchvision", "timm", "torchxrayvision")
FORBIDDEN_OPTIONS = ("weights", "pretrained", "pretrained_cfg", "checkpoint_path", "cache_dir")
_HEX = frozenset("0123456789abcdef")


class Fit(StrEnum):
    """How an image is laid into the model's input."""

    LETTERBOX = "letterbox"
    STRETCH = "stretch"
    CROP = "crop"


class Normalisation(StrEnum):
    """How display gray values 0..255 become the network's numbers, before mean and std."""

    PERCENTILE = "percentile"
    RANGE = "range"
    NONE = "none"
    TORCHXRAYVISION = "torchxrayvision"


class Activation(StrEnum):
    """What turns logits into probabilities."""

    SIGMOID = "sigmoid"
    SOFTMAX = "softmax"


@dataclass(frozen=True, slots=True)
class LabelCode:
    """A coded concept: coding scheme designator, code value, code meaning (PS3.3 8.8)."""

    scheme: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class ModelLabel:
    """What one output unit stands for."""

    name: str
    code: LabelCode | None = None


@dataclass(frozen=True, slots=True)
class InputSpec:
    """The network's input: size in pixels, and how an image becomes it.

    fit: letterbox keeps the aspect and pads with black, stretch fills, crop keeps the aspect
    and takes the middle. percentiles: limits of `Normalisation.PERCENTILE`, of the image's own
    pixels at model size. mean, std: one per channel, applied last as (v - mean) / std.
    """

    height: int
    width: int
    channels: int = 3
    fit: Fit = Fit.LETTERBOX
    normalisation: Normalisation = Normalisation.RANGE
    percentiles: tuple[float, float] = (0.5, 99.5)
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt scaling of a logit z: slope * z + intercept, before the activation."""

    slope: float = 1.0
    intercept: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class ModelCard:
    """A validated `model.toml` and the folder that it lies in.

    architecture: 'family:builder', or 'torchscript'. thresholds: where a method's map is cut,
    '' for the methods without one of their own. operating_points: those bound to these weights
    alone. attention: sharpness of attention pooling before the dense layer, None for the
    architecture's own head. notes: what was left out of the file's content, and why.
    """

    name: str
    title: str
    version: str
    architecture: str
    directory: Path
    weights_file: str
    weights_sha256: str
    labels: tuple[ModelLabel, ...]
    input: InputSpec
    activation: Activation = Activation.SIGMOID
    calibration: Calibration = field(default_factory=Calibration)
    architecture_options: Mapping[str, Any] = field(default_factory=dict)
    intended_use: str = ""
    limits: tuple[str, ...] = ()
    operating_points: tuple[OperatingPoint, ...] = ()
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)
    training: Mapping[str, object] = field(default_factory=dict)
    metrics: Mapping[str, object] = field(default_factory=dict)
    attention: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def identity(self) -> ModelIdentity:
        return ModelIdentity(self.name, self.version, self.weights_sha256, self.title)

    @property
    def label_names(self) -> tuple[str, ...]:
        return tuple(label.name for label in self.labels)

    @property
    def weights_path(self) -> Path:
        return self.directory / self.weights_file


def read_card(directory: Path) -> ModelCard:
    """Read and validate a model package's card; the weights are not opened.

    Raises ModelError naming the file, the key and the cure.
    """
    path = directory / CARD_FILE
    root = TomlTable(_parse(path), path)
    weights = root.table("weights")
    sha256 = _sha256(weights)
    labels = _labels(root)
    output = root.table("output", optional=True)
    calibration = output.table("calibration", optional=True)
    points, notes = _operating_points(root, {label.name for label in labels}, sha256)
    card = ModelCard(
        name=root.text("name"),
        title=root.text("title", ""),
        version=root.text("version"),
        architecture=_architecture(root),
        directory=directory,
        weights_file=_weights_file(weights),
        weights_sha256=sha256,
        labels=labels,
        input=_input(root.table("input")),
        activation=Activation(output.choice("activation", list(Activation), Activation.SIGMOID)),
        calibration=Calibration(_slope(calibration), calibration.number("intercept", 0.0)),
        architecture_options=_options(root),
        intended_use=root.text("intended_use", ""),
        limits=root.texts("limits"),
        operating_points=points,
        thresholds=_thresholds(root.table("localization", optional=True)),
        training=root.free("training"),
        metrics=root.free("metrics"),
        attention=_attention(root.table("head", optional=True)),
        notes=notes,
    )
    for table in (weights, calibration, output, root):
        table.finish()
    return card


def _attention(head: TomlTable) -> float | None:
    """`[head]`: pooling = "native" or "attention", the latter with its sharpness."""
    pooling = head.choice("pooling", ["native", "attention"], "native")
    sharpness = head.number("sharpness", 1.0)
    head.finish()
    if sharpness <= 0:
        raise head.fault("sharpness", f"is {sharpness:g}; it must be above 0")
    return sharpness if pooling == "attention" else None


def _parse(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"{path.parent} is no model package: it holds no {CARD_FILE}") from error
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}); check its permissions") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} is not valid TOML in UTF-8: {error}") from error


def _sha256(weights: TomlTable) -> str:
    value = weights.text("sha256").lower()
    if len(value) != 64 or not set(value) <= _HEX:
        raise weights.fault("sha256", f"is {value!r}; write the 64 hexadecimal digits of the weights file")
    return value


def _weights_file(weights: TomlTable) -> str:
    name = weights.text("file")
    if PurePath(name).name != name or "\\" in name:
        raise weights.fault(
            "file", f"is {name!r}; name a file that lies beside {CARD_FILE}, without a folder"
        )
    return name


def _architecture(root: TomlTable) -> str:
    text = root.text("architecture")
    family, _, builder = text.partition(":")
    if text == "torchscript" or (
        family in FAMILIES and builder and ":" not in builder and "/" not in builder
    ):
        return text
    forms = ", ".join(f"{name}:NAME" for name in FAMILIES)
    raise root.fault("architecture", f"is {text!r}; write one of {forms}, torchscript")


def _options(root: TomlTable) -> dict[str, object]:
    options = root.free("architecture_options")
    for key in FORBIDDEN_OPTIONS:
        if key in options:
            raise root.fault(
                f"architecture_options.{key}",
                "would fetch weights from elsewhere; remove it, the weights come from [weights] alone",
            )
    return options


def _labels(root: TomlTable) -> tuple[ModelLabel, ...]:
    labels: list[ModelLabel] = []
    for table in root.tables("labels"):
        name = table.text("name")
        if name.casefold() in (label.name.casefold() for label in labels):
            raise table.fault("name", f"is {name!r} a second time; each label needs its own name")
        labels.append(ModelLabel(name, _code(table) if table.has("code") else None))
        table.finish()
    return tuple(labels)


def _code(label: TomlTable) -> LabelCode:
    table = label.table("code")
    code = LabelCode(table.text("scheme"), table.text("value"), table.text("meaning"))
    table.finish()
    return code


def _input(table: TomlTable) -> InputSpec:
    channels = table.integer("channels", 1, 3)
    if channels == 2:
        raise table.fault("channels", "is 2; write 1 for a gray input or 3 for gray repeated")
    table.choice("crop", ["none"], "none")
    low, high = table.numbers("percentiles", 2, (0.5, 99.5))
    if not 0 <= low < high <= 100:
        raise table.fault("percentiles", f"are [{low:g}, {high:g}]; write two rising numbers from 0 to 100")
    std = table.numbers("std", channels, (1.0,) * channels)
    if min(std) <= 0:
        raise table.fault("std", f"is {list(std)}; each must be above 0")
    spec = InputSpec(
        height=table.integer("height", 16, 4096),
        width=table.integer("width", 16, 4096),
        channels=channels,
        fit=Fit(table.choice("fit", list(Fit), Fit.LETTERBOX)),
        normalisation=Normalisation(table.choice("normalisation", list(Normalisation), Normalisation.RANGE)),
        percentiles=(low, high),
        mean=table.numbers("mean", channels, (0.0,) * channels),
        std=std,
    )
    table.finish()
    return spec


def _slope(calibration: TomlTable) -> float:
    slope = calibration.number("slope", 1.0)
    if slope <= 0:
        raise calibration.fault(
            "slope", f"is {slope:g}; it must be above 0, or the scores change their order"
        )
    return slope


def _operating_points(
    root: TomlTable, labels: set[str], sha256: str
) -> tuple[tuple[OperatingPoint, ...], tuple[str, ...]]:
    """Those bound to these weights, and a sentence on each of the others."""
    points: list[OperatingPoint] = []
    notes: list[str] = []
    for table in root.tables("operating_points", optional=True):
        label = table.text("label")
        if label not in labels:
            raise table.fault("label", f"is {label!r}; write one of {', '.join(sorted(labels))}")
        threshold = table.fraction("threshold")
        assert threshold is not None
        point = OperatingPoint(
            label=label,
            name=table.text("name"),
            threshold=threshold,
            sensitivity=table.fraction("sensitivity", optional=True),
            specificity=table.fraction("specificity", optional=True),
            measured_on=table.text("measured_on", ""),
        )
        bound_to = table.text("weights_sha256", "").lower()
        table.finish()
        if bound_to == sha256:
            points.append(point)
        else:
            told = f"other weights ({bound_to[:12]})" if bound_to else "no weights at all"
            notes.append(f"operating point '{point.name}' of {label} was left out: it is bound to {told}")
    return tuple(points), tuple(notes)


def _thresholds(table: TomlTable) -> dict[str, Threshold]:
    texts = {"": table.text("threshold")} if table.has("threshold") else {}
    texts |= {method: str(text) for method, text in table.free("methods").items()}
    table.finish()
    found: dict[str, Threshold] = {}
    for method, text in texts.items():
        try:
            found[method] = Threshold.parse(text)
        except ValueError as error:
            raise table.fault(
                f"methods.{method}" if method else "threshold", f"is not valid: {error}"
            ) from error
    return found
