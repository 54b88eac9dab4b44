from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from cxr_desktop.classifiers import load_model
from cxr_desktop.cli import main
from cxr_desktop.cohort.estimate import Assumptions, duration, estimate, size, told
from cxr_desktop.cohort.unit_costs import UnitCosts, measure_costs
from cxr_desktop.domain import Box
from cxr_desktop.domain.errors import DicomReadError

COSTS = UnitCosts(
    images=3,
    threads=1,
    device="cpu",
    decode=0.02,
    preprocess=0.01,
    forward=0.08,
    classify=0.10,
    regions=0.05,
    methods={"gradcam": 0.1, "rap": 0.3},
    scoring=0.04,
    baseline=0.06,
    write=0.001,
    image_bytes=8192,
    map_bytes=4096,
)
ASSUMED = Assumptions(images=1000, mapped=0.5, boxed=0.25, cores=4, workers=10, efficiency=0.8, gpu_factor=10)


def test_the_arithmetic_by_hand() -> None:
    found = estimate(COSTS, ASSUMED)
    # The network: 0.08 + 0.5 x 0.4. Beside it: 0.02 + 0.02 + 0.002 + 0.5 x (0.05 + 2 x 0.041) + 0.25 x 0.06.
    assert found.network_seconds == pytest.approx(0.28)
    assert found.seconds_per_image == pytest.approx(0.28 + 0.123)
    one, workstation, card, cluster = (scenario.seconds for scenario in found.scenarios)
    assert one == pytest.approx(403)
    assert workstation == pytest.approx(403 / 3.2)
    assert card == pytest.approx(max(280 / 10, 123 / 3.2))
    assert cluster == pytest.approx(403 / 8)
    assert found.disk == pytest.approx(1000 * (8192 + 1.25 * 4096))
    assert found.files == 3250


def test_a_slow_card_is_what_one_waits_for() -> None:
    found = estimate(COSTS, replace(ASSUMED, gpu_factor=2))
    assert found.scenarios[2].seconds == pytest.approx(140)


def test_assumptions_are_called_so() -> None:
    text = "\n".join(told(estimate(COSTS, ASSUMED)))
    measured, assumed = text.split("Assumed, not measured")
    assert "rap" in measured
    assert "1,000 x 0.403 s / (10 workers x 0.8) = 50.4 s" in measured
    assert "10 times as quick on the GPU (no measurement" in assumed
    assert "10 (assumed)" in measured
    real = "\n".join(told(estimate(COSTS, replace(ASSUMED, gpu_measured=True))))
    assert "10 (measured)" in real
    assert "busy" not in text
    assert "busy: measuring had the processor for 50%" in "\n".join(
        told(estimate(replace(COSTS, share=0.5), ASSUMED))
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": 0}, "images is 0"),
        ({"gpu_factor": -1.0}, "gpu factor is -1"),
        ({"efficiency": 1.5}, "efficiency"),
        ({"mapped": 1.5}, "mapped share"),
    ],
)
def test_what_cannot_be_assumed(change: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(ASSUMED, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "text"), [(50.44, "50.4 s"), (600, "10.0 min"), (36000, "10.0 h"), (864000, "10.0 days")]
)
def test_durations_are_told_in_their_unit(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_sizes_are_told_in_their_unit() -> None:
    assert [size(count) for count in (12, 2500, 3.2e6, 7e9)] == ["12 bytes", "2.5 kB", "3.2 MB", "7.0 GB"]


def test_every_step_is_measured_on_one_thread_and_threads_are_as_before(
    data_set: Path, package: Path
) -> None:
    files = sorted((data_set / "images").iterdir())[:2]
    seen: list[int] = []

    def boxes(_path: Path) -> tuple[Box, ...]:
        seen.append(torch.get_num_threads())
        return ()

    torch.set_num_threads(2)
    done: list[float] = []
    try:
        costs = measure_costs(
            load_model(package, "cpu"), files, ("gradcam", "saliency"), boxes, progress=done.append
        )
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(1)
    assert set(seen) == {1}
    assert done == pytest.approx([1 / 3, 2 / 3, 1])
    assert list(costs.methods) == ["gradcam", "saliency"]
    for value in (costs.decode, costs.forward, costs.classify, costs.scoring, *costs.methods.values()):
        assert value > 0
    assert costs.image_bytes == 2 * 4096
    assert costs.map_bytes % 4096 == 0
    with pytest.raises(DicomReadError):
        measure_costs(load_model(package, "cpu"), [data_set / "index.csv"], ("gradcam",), boxes)


def test_the_command_prints_one_document(
    data_set: Path, package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["estimate", str(data_set / "index.csv"), "--images", str(data_set / "images")]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    asked = [
        *common,
        "--boxes",
        str(data_set / "boxes.csv"),
        "--model",
        str(package),
        "--methods",
        "saliency",
    ]
    assert main([*asked, "--sample", "1", "--count", "5000", "--gpu-factor", "7", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["assumed"]["images"] == 5000
    assert found["assumed"]["gpu_factor"] == 7
    assert found["assumed"]["boxed"] == pytest.approx(4 / 6)
    assert found["scenarios"][0]["seconds"] == pytest.approx(5000 * found["seconds_per_image"])
    assert main([*common, "--images", str(elsewhere), "--model", str(package)]) == 1
    assert "none of the 6 images of the index is in" in capsys.readouterr().err
