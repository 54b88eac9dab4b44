import io
import re
import sys

import pytest
import torch
from torch import nn

from cxr_desktop.classifiers import load_model
from cxr_desktop.domain.errors import ModelError


def saved(value: object) -> bytes:
    stream = io.BytesIO()
    torch.save(value, stream)
    return stream.getvalue()


def same_output(network: nn.Module, reference: nn.Module, channels: int = 3, size: int = 64) -> bool:
    images = torch.randn(2, channels, size, size, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        return torch.allclose(network(images), reference.eval()(images), atol=1e-5)


def test_timm(small_package, small_network: nn.Module) -> None:
    network = load_model(small_package, "cpu").network
    assert same_output(network, small_network)
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_torchvision(packages) -> None:
    from torchvision.models import get_model

    reference = get_model("shufflenet_v2_x0_5", num_classes=2)
    package = packages.with_network(reference, architecture="torchvision:shufflenet_v2_x0_5")
    assert same_output(load_model(package, "cpu").network, reference)


def test_torchvisions_old_densenet_names(packages) -> None:
    from torchvision.models import get_model

    reference = get_model("densenet121", num_classes=2)
    old = {
        re.sub(r"(denselayer\d+\.(?:norm|conv))([12]\.)", r"\1.\2", name): tensor
        for name, tensor in reference.state_dict().items()
    }
    assert "features.denseblock1.denselayer1.norm.1.weight" in old
    package = packages.with_file(saved(old), "weights.pth", architecture="torchvision:densenet121")
    assert same_output(load_model(package, "cpu").network, reference)


TINY_DENSENET = "growth_rate = 4\nblock_config = [1, 1]\nnum_init_features = 8\nnum_classes = 2"


@pytest.fixture
def xrv_network() -> nn.Module:
    models = pytest.importorskip("torchxrayvision.models", reason="TorchXRayVision is an optional extra")
    return models.DenseNet(growth_rate=4, block_config=(1, 1), num_init_features=8, num_classes=2)


def test_torchxrayvisions_published_whole_networks(packages, xrv_network: nn.Module) -> None:
    package = packages.with_file(
        saved(xrv_network),
        "weights.pt",
        architecture="torchxrayvision:DenseNet",
        options=TINY_DENSENET,
        channels=1,
        normalisation="torchxrayvision",
    )
    assert same_output(load_model(package, "cpu").network, xrv_network, channels=1)


def test_torchxrayvision_gives_plain_logits(packages, xrv_network: nn.Module) -> None:
    package = packages.with_network(
        xrv_network,
        architecture="torchxrayvision:DenseNet",
        options=TINY_DENSENET + "\napply_sigmoid = true",
        channels=1,
    )
    assert same_output(load_model(package, "cpu").network, xrv_network, channels=1)


def test_torchxrayvisions_operating_thresholds_in_a_file_are_no_part_of_the_network(
    packages, xrv_network
) -> None:
    state = xrv_network.state_dict() | {"op_threshs": torch.tensor([0.1, 0.2])}
    package = packages.with_state(
        state, architecture="torchxrayvision:DenseNet", options=TINY_DENSENET, channels=1
    )
    assert same_output(load_model(package, "cpu").network, xrv_network, channels=1)


def test_torchxrayvisions_resnet_is_torchvisions_with_one_channel(packages) -> None:
    from torchvision.models import get_model

    reference = get_model("resnet50", num_classes=2)
    reference.conv1 = nn.Conv2d(1, 64, kernel_size=7, stride=2, padding=3, bias=False)
    package = packages.with_network(reference, architecture="torchxrayvision:ResNet50", channels=1)
    assert same_output(load_model(package, "cpu").network, reference, channels=1)


def test_a_missing_torchxrayvision_names_the_extra(packages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchxrayvision.models", None)
    package = packages.with_state({"w": torch.zeros(1)}, architecture="torchxrayvision:DenseNet")
    with pytest.raises(ModelError, match="needs the library TorchXRayVision; install it with"):
        load_model(package)


def test_torchscript(packages, small_network: nn.Module) -> None:
    scripted = torch.jit.trace(small_network, torch.zeros(1, 3, 64, 64))
    stream = io.BytesIO()
    torch.jit.save(scripted, stream)
    package = packages.with_file(stream.getvalue(), "network.ts", architecture="torchscript")
    assert same_output(load_model(package, "cpu").network, small_network)


def test_what_is_no_torchscript_is_refused(packages, small_network: nn.Module) -> None:
    package = packages.with_file(saved(small_network.state_dict()), "network.pt", architecture="torchscript")
    with pytest.raises(ModelError, match=r"network\.pt is no TorchScript file"):
        load_model(package)


def test_nothing_is_fetched(small_package, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert load_model(small_package, "cpu").labels == ("Lung Opacity", "Nodule")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"labels": ("A", "B", "C")}, r"3 labels \(A, B, C\) for a network with 2 outputs; list one"),
        ({"labels": ("A",)}, r"1 labels \(A\) for a network with 2 outputs"),
        (
            {"options": "num_classes = 5"},
            r"2 of another shape \(fc\.weight is 2x\d+ in the file and 5x\d+ in the",
        ),
        (
            {"architecture": "timm:test_vit"},
            r"\d+ missing from the file \(.*\.\.\.\); \d+ unknown to the network",
        ),
        ({"architecture": "timm:no_such_net"}, r"timm:no_such_net cannot be built"),
        ({"architecture": "torchvision:no_such_net"}, r"torchvision:no_such_net cannot be built"),
        (
            {"architecture": "torchxrayvision:VGG"},
            r"of TorchXRayVision write DenseNet, ResNet50 or ResNet101",
        ),
        ({"options": "wings = 2"}, r"cannot be built with \{'wings': 2\}"),
        ({"channels": 1}, r"does not take an input of 1 x 64 x 64"),
    ],
)
def test_a_mismatch_says_which(
    packages, small_network: nn.Module, fields: dict[str, object], said: str
) -> None:
    with pytest.raises(ModelError, match=said):
        load_model(packages.with_network(small_network, **fields))


def test_missing_and_unknown_tensors_are_counted_and_named(packages, small_network: nn.Module) -> None:
    state = small_network.state_dict()
    state["head.weight"] = state.pop("fc.weight")
    with pytest.raises(
        ModelError, match=r"1 missing from the file \(fc\.weight\); 1 unknown .*\(head\.weight\)"
    ):
        load_model(packages.with_state(state))


def test_an_output_that_is_no_vector_is_refused(packages) -> None:
    scripted = torch.jit.script(nn.Conv2d(3, 2, 1))
    stream = io.BytesIO()
    torch.jit.save(scripted, stream)
    package = packages.with_file(stream.getvalue(), "network.ts", architecture="torchscript")
    with pytest.raises(ModelError, match="output is of shape 1x2x64x64, not one number per label"):
        load_model(package)
