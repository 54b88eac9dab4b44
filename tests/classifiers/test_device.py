from pathlib import Path

import pytest
import torch

from cxr_desktop.classifiers import Classifier, devices, load_model, run_with_fallback, select_device
from cxr_desktop.domain.errors import DeviceError


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch):
    """Pretends that PyTorch finds so many CUDA devices, and Metal or not."""

    class Properties:
        name = "A GPU"
        total_memory = 8_000_000_000

    def pretend(cuda: int, mps: bool) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
        monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _index: Properties())
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    return pretend


@pytest.mark.parametrize(
    ("cuda", "mps", "spec", "chosen"),
    [
        (2, False, "auto", "cuda:0"),
        (2, True, "auto", "cuda:0"),
        (0, True, "auto", "mps"),
        (0, False, "auto", "cpu"),
        (2, False, "cuda", "cuda:0"),
        (2, False, "cuda:1", "cuda:1"),
        (2, False, " CPU ", "cpu"),
        (0, True, "mps", "mps"),
    ],
)
def test_the_device_asked_for_is_chosen(machine, cuda: int, mps: bool, spec: str, chosen: str) -> None:
    machine(cuda, mps)
    assert str(select_device(spec)) == chosen


@pytest.mark.parametrize(
    ("cuda", "spec", "said"),
    [
        (2, "cuda:2", "'cuda:2' is not on this machine; here: cuda:0, cuda:1, cpu"),
        (0, "cuda", "'cuda' is not on this machine; here: cpu"),
        (0, "mps", "'mps' is not on this machine"),
        (0, "tpu", "'tpu' is none of auto, cpu, cuda, cuda:N, mps"),
        (1, "cuda:-1", "is none of"),
        (1, "", "is none of"),
    ],
)
def test_a_device_that_is_not_here_is_refused(machine, cuda: int, spec: str, said: str) -> None:
    machine(cuda, mps=False)
    with pytest.raises(DeviceError, match=said):
        select_device(spec)


def test_devices_are_listed_with_the_cpu_last(machine) -> None:
    machine(1, mps=False)
    assert [(device.name, device.memory) for device in devices()] == [
        ("cuda:0", 8_000_000_000),
        ("cpu", None),
    ]


@pytest.fixture
def on_gpu(small_package: Path) -> Classifier:
    """A classifier that says it is on a GPU; its tensors stay on the CPU."""
    classifier = load_model(small_package, "cpu")
    return Classifier(classifier.card, classifier.network, torch.device("cuda", 0))


@pytest.mark.parametrize(
    "error",
    [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("MPS backend out of memory")],
    ids=["cuda", "mps"],
)
def test_out_of_memory_falls_back_to_the_cpu_and_says_so(on_gpu: Classifier, error: RuntimeError) -> None:
    tried: list[str] = []

    def work(classifier: Classifier) -> str:
        tried.append(str(classifier.device))
        if classifier.device.type == "cuda":
            raise error
        return "done"

    result, note = run_with_fallback(on_gpu, work)
    assert (result, tried) == ("done", ["cuda:0", "cpu"])
    assert note == "cuda:0 ran out of memory; computed on the CPU instead"
    assert str(on_gpu.device) == "cuda:0"


def test_without_trouble_there_is_no_note(on_gpu: Classifier) -> None:
    assert run_with_fallback(on_gpu, lambda classifier: classifier.labels[0]) == ("Lung Opacity", "")


def test_other_errors_are_not_taken_for_want_of_memory(on_gpu: Classifier) -> None:
    def work(_classifier: Classifier) -> None:
        raise RuntimeError("size mismatch")

    with pytest.raises(RuntimeError, match="size mismatch"):
        run_with_fallback(on_gpu, work)


@pytest.mark.parametrize("start", ["cuda", "cpu"])
def test_when_the_cpu_runs_out_too_it_is_an_error(on_gpu: Classifier, start: str) -> None:
    def work(_classifier: Classifier) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")

    with pytest.raises(DeviceError, match="memory of this machine does not suffice"):
        run_with_fallback(on_gpu if start == "cuda" else on_gpu.to("cpu"), work)
