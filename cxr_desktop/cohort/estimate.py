"""How long an evaluation of many images will take, and how much disk: arithmetic on measured unit costs, shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cxr_desktop.cohort.unit_costs import UnitCosts

NIH = 112_120
"""Images of ChestX-ray14."""

_BUSY = 0.9


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is not measured. images: how many. mapped, boxed: shares of them with maps, and with boxes.

    cores: of the workstation. workers: of the cluster, each as quick as one core here. efficiency: what side by side
    remains of a core's speed. gpu_factor: how many times quicker the network's part is on the graphics card;
    gpu_measured: whether that was measured here, else it is assumed.
    """

    images: int = NIH
    mapped: float = 1.0
    boxed: float = 0.0
    cores: int = 1
    workers: int = 32
    efficiency: float = 0.9
    gpu_factor: float = 20.0
    gpu_measured: bool = False

    def __post_init__(self) -> None:
        for name in ("images", "cores", "workers", "gpu_factor"):
            if getattr(self, name) <= 0:
                raise ValueError(
                    f"{name.replace('_', ' ')} is {getattr(self, name):g}; give a number above 0"
                )
        if not 0 < self.efficiency <= 1 or not 0 <= self.mapped <= 1:
            raise ValueError("efficiency lies above 0 and up to 1, the mapped share from 0 to 1")


@dataclass(frozen=True, slots=True)
class Scenario:
    """Where the work is done. arithmetic: how the seconds come about. measured: whether no factor was assumed."""

    name: str
    arithmetic: str
    seconds: float
    measured: bool


@dataclass(frozen=True, slots=True)
class Estimate:
    """seconds_per_image: on one core, with all its maps. disk: bytes of finished pieces, files: how many."""

    costs: UnitCosts
    assumed: Assumptions
    seconds_per_image: float
    network_seconds: float
    scenarios: tuple[Scenario, ...]
    disk: float
    files: int


def estimate(costs: UnitCosts, assumed: Assumptions) -> Estimate:
    """One core, the workstation, one graphics card beside it, and a cluster."""
    count = len(costs.methods)
    network = costs.network(assumed.mapped)
    rest = (
        costs.decode
        + (costs.classify - costs.forward)
        + 2 * costs.write
        + assumed.mapped * (costs.regions + count * (costs.scoring + costs.write))
        + assumed.boxed * costs.baseline
    )
    each, images = network + rest, assumed.images
    pace = assumed.cores * assumed.efficiency
    card = images * network / assumed.gpu_factor
    beside = images * rest / pace
    told = f"{images:,} x {each:.3f} s"
    factor = "measured" if assumed.gpu_measured else "assumed"
    scenarios = (
        Scenario("1 core", told, images * each, True),
        Scenario(
            f"1 workstation of {assumed.cores} cores",
            f"{told} / ({assumed.cores} cores x {assumed.efficiency:g})",
            images * each / pace,
            assumed.cores == 1 and assumed.efficiency == 1,
        ),
        Scenario(
            f"1 GPU, {assumed.cores} cores beside it",
            f"the longer of {images:,} x {network:.3f} s / {assumed.gpu_factor:g} ({factor}) = {card:,.0f} s on the "
            f"card and {images:,} x {rest:.3f} s / ({assumed.cores} cores x {assumed.efficiency:g}) = {beside:,.0f} s "
            "beside it",
            max(card, beside),
            False,
        ),
        Scenario(
            f"{assumed.workers} workers",
            f"{told} / ({assumed.workers} workers x {assumed.efficiency:g})",
            images * each / (assumed.workers * assumed.efficiency),
            False,
        ),
    )
    # Two pieces an image: its scores and its regions; one a map, the random one included.
    pieces = assumed.mapped * count + assumed.boxed
    disk = images * (costs.image_bytes + pieces * costs.map_bytes)
    return Estimate(costs, assumed, each, network, scenarios, disk, round(images * (2 + pieces)))


def told(found: Estimate) -> Iterator[str]:
    """The estimate in lines: what was measured, the arithmetic, what was assumed."""
    costs, assumed = found.costs, found.assumed
    plural = "thread" if costs.threads == 1 else "threads"
    yield f"Measured here on {costs.images} images, {costs.device}, {costs.threads} {plural}; medians in seconds"
    steps = (
        ("hash and decode", costs.decode, "an image"),
        ("classify", costs.classify, "an image"),
        ("  of which preprocess", costs.preprocess, "an image"),
        ("  of which forward", costs.forward, "an image"),
        ("regions", costs.regions, "an image with maps"),
        *((method, seconds, "a map") for method, seconds in costs.methods.items()),
        ("scoring", costs.scoring, "a map"),
        ("random map, scored", costs.baseline, "an image with boxes"),
        ("write a piece", costs.write, "2 an image, 1 a map"),
    )
    for name, seconds, of in steps:
        yield f"  {name:<26} {seconds:>9.4f}  {of}"
    yield f"  on disk                    {costs.image_bytes:>9,.0f}  bytes an image"
    yield f"                             {costs.map_bytes:>9,.0f}  bytes a map"
    if costs.share < _BUSY and costs.device == "cpu":
        yield (
            f"  this machine was busy: measuring had the processor for {costs.share:.0%} of the time, so that all of "
            "this is too slow; measure again while nothing else runs"
        )
    yield "Arithmetic"
    methods = " + ".join(f"{seconds:.3f}" for seconds in costs.methods.values())
    count = len(costs.methods)
    yield (
        f"  an image: {costs.decode:.3f} + {costs.classify:.3f} + 2 x {costs.write:.4f} + {assumed.mapped:g} x "
        f"({costs.regions:.3f} + {methods} + {count} x ({costs.scoring:.3f} + {costs.write:.4f})) + "
        f"{assumed.boxed:.4f} x {costs.baseline:.3f} = {found.seconds_per_image:.3f} s, of which the network "
        f"{found.network_seconds:.3f} s"
    )
    for scenario in found.scenarios:
        yield f"  {scenario.name}: {scenario.arithmetic} = {duration(scenario.seconds)}"
    yield (
        f"  disk: {assumed.images:,} x ({costs.image_bytes:,.0f} + ({assumed.mapped:g} x {count} + "
        f"{assumed.boxed:.4f}) x {costs.map_bytes:,.0f}) bytes = {size(found.disk)} in {found.files:,} files"
    )
    yield "Assumed, not measured"
    yield f"  {assumed.mapped:.0%} of the images get maps, for one label each, cut and scored as if they had boxes"
    yield f"  side by side each core or worker keeps {assumed.efficiency:.0%} of the speed measured alone"
    yield f"  {assumed.boxed:.2%} of them have boxes, as of those here, and a random map for them"
    yield "  the cluster's workers are as quick as one core here, and read the images as quickly"
    source = "measured here" if assumed.gpu_measured else "no measurement; give yours as --gpu-factor"
    yield f"  the network's part is {assumed.gpu_factor:g} times as quick on the GPU ({source}), all else beside it"
    yield "  not counted: starting the processes, the tables and the report at the end"


def duration(seconds: float) -> str:
    """'3.2 h' and the like."""
    for unit, length, most in (("s", 1, 120), ("min", 60, 120), ("h", 3600, 72)):
        if seconds < most * length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds / 86400:.1f} days"


def size(count: float) -> str:
    """Bytes in the largest unit that leaves a number above 1."""
    for unit, length in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= length:
            return f"{count / length:.1f} {unit}"
    return f"{count:.0f} bytes"
