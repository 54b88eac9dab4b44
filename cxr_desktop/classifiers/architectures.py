"""From a card to a network: build the architecture, give it its weights, say what does not fit."""

from __future__ import annotations

import re
import warnings
from io import BytesIO
from typing import Any

import torch
from torch import Tensor, nn

from cxr_desktop.classifiers.attention_pooling import AttentionPooling
from cxr_desktop.classifiers.card import CARD_FILE, ModelCard
from cxr_desktop.classifiers.torchxrayvision import torchxrayvision_models
from cxr_desktop.classifiers.weights import read_state, verified_bytes
from cxr_desktop.domain.errors import ModelError

SHOWN = 3
_OLD_DENSENET = re.compile(r"^(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\..+)$")


def build_network(card: ModelCard) -> nn.Module:
    """The card's network with its weights, on the CPU, in eval mode, asking for no gradients.

    Raises ModelError where the builder, the weights or the labels do not fit each other.
    """
    network = _script(card) if card.architecture == "torchscript" else _with_weights(_build(card), card)
    if card.attention is not None:
        network = AttentionPooling(network, card.attention)
    network.eval()
    for parameter in network.parameters():  # TorchScript has no requires_grad_ of its own
        parameter.requires_grad_(False)
    _require_fit(network, card)
    return network


def _build(card: ModelCard) -> nn.Module:
    family, _, builder = card.architecture.partition(":")
    options = dict(card.architecture_options)
    try:
        match family:
            case "torchvision":
                from torchvision.models import get_model

                network = get_model(builder, weights=None, **options)
            case "timm":
                import timm

                network = timm.create_model(builder, pretrained=False, **options)
            case _:
                network = _torchxrayvision(builder, options, card)
    except (TypeError, ValueError, RuntimeError, KeyError, AssertionError, AttributeError) as error:
        raise ModelError(
            f"{card.directory / CARD_FILE}: {card.architecture} cannot be built with {options} ({error}); "
            "correct architecture and architecture_options"
        ) from error
    if not isinstance(network, nn.Module):
        raise ModelError(f"{card.directory / CARD_FILE}: {card.architecture} does not build a network")
    return network


def _torchxrayvision(builder: str, options: dict[str, Any], card: ModelCard) -> nn.Module:
    if builder == "DenseNet":
        network = torchxrayvision_models().DenseNet(**options)
        network.op_threshs = None  # plain logits: the scaling to operating points is not part of the network
        network.apply_sigmoid = False
        return network
    if builder in ("ResNet", "ResNet50", "ResNet101"):
        # The library's class downloads on construction; its network is torchvision's with one input channel.
        from torchvision.models import get_model

        resnet = get_model("resnet101" if builder.endswith("101") else "resnet50", weights=None, **options)
        resnet.conv1 = nn.Conv2d(1, 64, kernel_size=7, stride=2, padding=3, bias=False)
        return resnet
    raise ModelError(
        f"{card.directory / CARD_FILE}: architecture is {card.architecture!r}; of TorchXRayVision write "
        "DenseNet, ResNet50 or ResNet101"
    )


def _script(card: ModelCard) -> nn.Module:
    content = BytesIO(verified_bytes(card))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # deprecated by PyTorch, still what users have
            return torch.jit.load(content, map_location="cpu").float()
    except (RuntimeError, ValueError, OSError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelError(f"{card.weights_path} is no TorchScript file ({reason}); export it again") from error


def _with_weights(network: nn.Module, card: ModelCard) -> nn.Module:
    state = {_OLD_DENSENET.sub(r"\1\2", name): tensor for name, tensor in read_state(card).items()}
    expected = network.state_dict()
    for name in ("op_threshs",):
        if name not in expected:
            state.pop(name, None)
    if problems := _mismatches(expected, state):
        raise ModelError(f"{card.weights_path} does not fit {card.architecture}: {'; '.join(problems)}")
    network.load_state_dict(state, strict=False)
    return network


def _mismatches(expected: dict[str, Tensor], state: dict[str, Tensor]) -> list[str]:
    """Sentences on missing, unknown and differently shaped tensors."""
    missing = [name for name in expected if name not in state and not name.endswith("num_batches_tracked")]
    unknown = [name for name in state if name not in expected]
    shapes = [
        f"{name} is {_shape(state[name])} in the file and {_shape(tensor)} in the network"
        for name, tensor in expected.items()
        if name in state and state[name].shape != tensor.shape
    ]
    groups = (
        ("missing from the file", missing),
        ("unknown to the network", unknown),
        ("of another shape", shapes),
    )
    return [f"{len(names)} {problem} ({_first(names)})" for problem, names in groups if names]


def _shape(tensor: Tensor) -> str:
    return "x".join(str(size) for size in tensor.shape) or "a single number"


def _first(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")


def _require_fit(network: nn.Module, card: ModelCard) -> None:
    """Run the network once on a black image: its input must be taken, its output must fit the labels."""
    spec = card.input
    size = f"{spec.channels} x {spec.height} x {spec.width}"
    try:
        with torch.inference_mode():
            logits = network(torch.zeros(1, spec.channels, spec.height, spec.width))
    except (RuntimeError, ValueError, TypeError, AssertionError) as error:
        reason = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
        raise ModelError(
            f"{card.directory / CARD_FILE}: the network does not take an input of {size} ({reason}); "
            "correct [input]"
        ) from error
    if not isinstance(logits, Tensor) or logits.ndim != 2:
        found = f"of shape {_shape(logits)}" if isinstance(logits, Tensor) else f"a {type(logits).__name__}"
        raise ModelError(f"{card.directory}: the network's output is {found}, not one number per label")
    if logits.shape[1] != len(card.labels):
        raise ModelError(
            f"{card.directory / CARD_FILE}: {len(card.labels)} labels ({_first(list(card.label_names))}) for "
            f"a network with {logits.shape[1]} outputs; list one [[labels]] for each output, in its order"
        )
