import io
import os
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from cxr_desktop.classifiers import load_model, read_card
from cxr_desktop.classifiers.weights import read_state
from cxr_desktop.domain.errors import ModelError


class MarkerMaker:
    """Creates a file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self._marker),)


def saved(value: object) -> bytes:
    stream = io.BytesIO()
    torch.save(value, stream)
    return stream.getvalue()


@pytest.mark.parametrize("file", ["weights.pt", "weights.pth", "weights.bin", "weights.ckpt"])
def test_a_state_dict_is_read(packages, small_network: nn.Module, file: str) -> None:
    state = read_state(read_card(packages.with_file(saved(small_network.state_dict()), file)))
    assert state.keys() == small_network.state_dict().keys()
    assert all(torch.equal(state[name], tensor) for name, tensor in small_network.state_dict().items())


@pytest.mark.parametrize("wrapper", ["state_dict", "model", "model_state_dict"])
def test_wrappers_and_prefixes_are_taken_off(packages, small_network: nn.Module, wrapper: str) -> None:
    inner = {f"module.{name}": tensor for name, tensor in small_network.state_dict().items()}
    content = saved({"epoch": 3, wrapper: inner, "optimizer": {"lr": 0.1}})
    state = read_state(read_card(packages.with_file(content, "weights.pt")))
    assert state.keys() == small_network.state_dict().keys()


@pytest.mark.parametrize("save", [saved, pickle.dumps], ids=["torch", "pickle"])
@pytest.mark.parametrize(
    "wrap", [lambda bad: bad, lambda bad: {"state_dict": {"w": bad}}], ids=["bare", "wrapped"]
)
def test_a_hostile_pickle_is_refused_and_never_run(packages, tmp_path: Path, save, wrap) -> None:
    marker = tmp_path / "marker"
    content = save(wrap(MarkerMaker(marker)))
    with pytest.raises(ModelError, match=r"weights\.pt .*(convert it to safetensors|no readable)"):
        load_model(packages.with_file(content, "weights.pt"))
    assert not marker.exists()
    pickle.loads(pickle.dumps(MarkerMaker(marker)))
    assert marker.exists(), "the bait must be able to bite"


def test_a_hostile_pickle_is_refused_for_torchxrayvision_too(packages, tmp_path: Path) -> None:
    pytest.importorskip("torchxrayvision", reason="TorchXRayVision is an optional extra")
    marker = tmp_path / "marker"
    content = saved([MarkerMaker(marker)])
    with pytest.raises(ModelError, match="convert it to safetensors"):
        load_model(
            packages.with_file(content, "weights.pt", architecture="torchxrayvision:DenseNet", options="")
        )
    assert not marker.exists()


def test_a_whole_pickled_network_is_refused_with_the_cure(packages, small_network: nn.Module) -> None:
    with pytest.raises(ModelError, match="convert it to safetensors"):
        load_model(packages.with_file(saved(small_network), "weights.pt"))


def test_an_altered_file_is_refused(small_package: Path) -> None:
    path = small_package / "weights.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(
        ModelError, match=r"weights\.safetensors is not the file that its card describes: SHA-256"
    ):
        load_model(small_package)


def test_a_missing_weights_file_is_named(small_package: Path) -> None:
    (small_package / "weights.safetensors").unlink()
    with pytest.raises(ModelError, match=r"weights\.safetensors cannot be read"):
        load_model(small_package)


@pytest.mark.parametrize(
    ("content", "file", "said"),
    [
        (b"\x00" * 40, "weights.safetensors", "no valid safetensors"),
        (b"", "weights.safetensors", "no valid safetensors"),
        (b"hello", "weights.pt", "convert it to safetensors|no readable"),
        (saved(torch.zeros(3)), "weights.pt", "holds a Tensor"),
        (saved({"epoch": 1}), "weights.pt", "no tensors by name"),
        (b"", "weights.onnx", "none of .safetensors"),
    ],
)
def test_what_is_no_weights_file_is_refused(packages, content: bytes, file: str, said: str) -> None:
    with pytest.raises(ModelError, match=said) as caught:
        load_model(packages.with_file(content, file))
    assert file in str(caught.value)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_values_that_are_not_finite_are_refused(packages, small_network: nn.Module, value: float) -> None:
    state = small_network.state_dict()
    state["fc.weight"][0, 0] = value
    with pytest.raises(ModelError, match=r"fc\.weight holds values that are not finite"):
        load_model(packages.with_state(state))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_widened(packages, small_network: nn.Module, dtype: torch.dtype) -> None:
    state = {
        name: tensor.to(dtype) if tensor.is_floating_point() else tensor
        for name, tensor in small_network.state_dict().items()
    }
    directory = packages.with_state(state)
    assert load_file(directory / "weights.safetensors")["fc.weight"].dtype is dtype
    network = load_model(directory, "cpu").network
    assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}
    assert torch.equal(network.state_dict()["fc.weight"], state["fc.weight"].float())
