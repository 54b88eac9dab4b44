"""Time and memory of attribution, as ratios against peers in one run; nothing is asserted.

    python tests/benchmarks/attribution_cost.py [--networks resnet50,densenet121] [--rounds 5] [--memory] [--gap]

Times are the best of interleaved rounds, in multiples of forward-and-backward to the input on the same
network; Grad-CAM also in multiples of what it cannot do without, a forward pass and the head's backward, and each
rule of zennit's and captum's integrated gradients with how far our map lies from theirs (relative L2) and how much
sooner it is there. --steps 16,50 lists integrated gradients at either count. Memory is what a first call adds to
the peak of a fresh process, in the same multiples. A peer that
fails on a network is listed with its error. --gap: this alone, what it takes until integrated gradients miss no more
than 1 % of the score's change, by adaptive steps here and by 32 or 128 fixed ones of captum, on the
demonstration model and images of its study.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import torch
import torchvision
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

OURS = (
    "gradcam",
    "rap",
    "rsp",
    "epsilon_plus",
    "epsilon_plus_flat",
    "alpha2beta1",
    "deeplift",
    "guided_backprop",
)
ZENNIT = {
    "epsilon_plus": "EpsilonPlus",
    "epsilon_plus_flat": "EpsilonPlusFlat",
    "alpha2beta1": "EpsilonAlpha2Beta1",
}
INTEGRATED = "integrated_gradients"
GAP_IMAGES = 2
GAP_STEPS = (32, 128)
HEAD = "forward and the head's backward"
Job = Callable[[nn.Module, Tensor], object]


def forward(network: nn.Module, x: Tensor) -> None:
    with torch.no_grad():
        network(x)


def forward_and_backward(network: nn.Module, x: Tensor) -> Tensor:
    leaf = x.clone().requires_grad_()
    return torch.autograd.grad(network(leaf)[:, 1].sum(), leaf)[0]


def ours(method: str, network: nn.Module, x: Tensor, **options: object) -> Tensor:
    from cxr_desktop.attribution import attribute

    return attribute(network, x, 1, method, **options)


def zennit(composite: str, network: nn.Module, x: Tensor) -> Tensor:
    from zennit import composites
    from zennit.attribution import Gradient
    from zennit.torchvision import ResNetCanonizer

    rules = getattr(composites, composite)(canonizers=[ResNetCanonizer()])
    with Gradient(network, rules) as attributor:
        logits = torch.zeros(len(x), 1000)
        logits[:, 1] = network(x)[:, 1].detach()
        return attributor(x, logits)[1]


def captum_integrated_gradients(network: nn.Module, x: Tensor, steps: int, target: int = 1) -> Tensor:
    from captum.attr import IntegratedGradients

    base = torch.zeros_like(x) + x.min()
    return IntegratedGradients(network).attribute(
        x, base, target=target, n_steps=steps, internal_batch_size=8
    )


def grad_cam(network: nn.Module, x: Tensor) -> object:
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    layer = network.layer4 if hasattr(network, "layer4") else network.features
    with GradCAM(model=network, target_layers=[layer]) as cam:
        return cam(input_tensor=x, targets=[ClassifierOutputTarget(1)])


def forward_and_head(network: nn.Module, x: Tensor) -> Tensor:
    """The gradient of the score with respect to the last feature map, by torchvision's own parts."""
    with torch.no_grad():
        *body, last = network.children()
        features = nn.Sequential(*body[:-1])(x) if hasattr(network, "layer4") else network.features(x).relu()
    leaf = features.requires_grad_()
    with torch.enable_grad():
        return torch.autograd.grad(last(leaf.mean((2, 3)))[:, 1].sum(), leaf)[0]


def jobs(steps: tuple[int, ...]) -> dict[str, Job]:
    return {
        "forward": forward,
        HEAD: forward_and_head,
        "forward-and-backward": forward_and_backward,
        **{name: partial(ours, name) for name in OURS},
        **{f"{INTEGRATED} ({n})": partial(ours, INTEGRATED, steps=n) for n in steps},
        **{f"zennit {name}": partial(zennit, composite) for name, composite in ZENNIT.items()},
        **{f"captum {INTEGRATED} ({n})": partial(captum_integrated_gradients, steps=n) for n in steps},
        "pytorch-grad-cam": grad_cam,
    }


def print_pairs(best: dict[str, float], network: nn.Module, x: Tensor, steps: tuple[int, ...]) -> None:
    """Ours beside what it is measured by: the ratio of times, and of like maps the distance."""
    if HEAD in best:
        sys.stdout.write(f"  gradcam takes {best['gradcam'] / best[HEAD]:.2f} x the time of {HEAD}\n")
    available = jobs(steps)
    for peer in best:
        label = peer.partition(" ")[2]
        if label not in best or not peer.startswith(("zennit ", "captum ")):
            continue
        theirs, mine = available[peer](network, x), available[label](network, x)
        apart = float((mine - theirs).detach().norm() / theirs.detach().norm())
        sys.stdout.write(
            f"  {label:36s} {best[peer] / best[label]:6.2f} x sooner than {peer}, {apart:.1e} apart\n"
        )


def print_gap() -> None:
    """On the demonstration model and its study: an untrained network is too nearly linear to tell."""
    from cxr_desktop.classifiers import load_model
    from cxr_desktop.dicom import find_instances, read_radiograph
    from cxr_desktop.resources import resource

    model = load_model("demo", "cpu")
    network = model.network
    show("\nintegrated gradients to a gap of 1 %, demonstration model\n")
    for header in list(find_instances([resource("demo", "study")]))[:GAP_IMAGES]:
        x = model.preprocess(read_radiograph(header.path))
        base = torch.zeros_like(x) + x.min()
        with torch.no_grad():
            whole = float((network(x) - network(base))[0, 0])
        show(f"  {header.path.name}, change of the score {whole:.2f}\n")
        ours = partial(explain_adaptively, network, x)
        for label, made in (("adaptive", ours), *((f"captum {n}", fixed(network, x, n)) for n in GAP_STEPS)):
            began = time.perf_counter()
            found, steps = made()
            took = time.perf_counter() - began
            gap = abs(float(found.double().sum()) - whole) / abs(whole)
            show(f"    {label:12s} {steps:4d} steps, gap {gap:8.2%}, {took:6.1f} s\n")
            if gap <= 0.01 and label != "adaptive":
                break


def show(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()


def explain_adaptively(network: nn.Module, x: Tensor) -> tuple[Tensor, int]:
    from cxr_desktop.attribution import explain

    found = explain(network, x, 0, INTEGRATED, adaptive=True, baseline=float(x.min()))
    return found.relevance, int(str(found.options["steps"]))


def fixed(network: nn.Module, x: Tensor, steps: int) -> Callable[[], tuple[Tensor, int]]:
    return lambda: (captum_integrated_gradients(network, x, steps, target=0), steps)


def build(name: str, size: int) -> tuple[nn.Module, Tensor]:
    """BatchNorm has no eps, which zennit would leave behind as a second scaling: equal rules give equal maps."""
    torch.manual_seed(0)
    network = torchvision.models.get_model(name, weights=None).eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eps = 0.0
    return network, torch.rand(1, 3, size, size)


def first_error(job: Job, network: nn.Module, x: Tensor) -> str:
    try:
        job(network, x)
    except Exception as error:  # noqa: BLE001 -- a peer may fail in any way; the table says how
        return f"{type(error).__name__}: {error}".split("\n")[0][:70]
    return ""


def times(
    name: str, size: int, rounds: int, steps: tuple[int, ...]
) -> tuple[dict[str, float], dict[str, str]]:
    """Best seconds by job, and the error of those that fail."""
    network, x = build(name, size)
    running, failed = {}, {}
    for label, job in jobs(steps).items():
        error = first_error(job, network, x)
        if error:
            network, failed[label] = build(name, size)[0], error
        else:
            running[label] = job
    best = dict.fromkeys(running, float("inf"))
    for _ in range(rounds):
        for label, job in running.items():
            began = time.perf_counter()
            job(network, x)
            best[label] = min(best[label], time.perf_counter() - began)
    return best, failed


def added_memory(label: str, name: str, size: int, steps: tuple[int, ...], threads: int) -> float:
    """Megabytes that the job adds to the peak of this process, after a forward pass of one pixel's worth."""
    torch.set_num_threads(threads)
    warnings.simplefilter("ignore")
    network, x = build(name, size)
    forward(network, x[..., :32, :32])
    before = peak()
    jobs(steps)[label](network, x)
    return peak() - before


def peak() -> float:
    """Most megabytes this process has held. Linux's ru_maxrss would carry over what the parent held."""
    try:
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def counts(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--networks", default="resnet50,densenet121")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=counts, default=(16,), help="of integrated gradients, such as 16,50")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", action="store_true", help="a fresh process a method: takes minutes")
    parser.add_argument("--gap", action="store_true", help="integrated gradients until they miss 1 % or less")
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    warnings.simplefilter("ignore")
    for name in [] if chosen.gap else chosen.networks.split(","):
        best, failed = times(name, chosen.size, chosen.rounds, chosen.steps)
        sys.stdout.write(f"\n{name}, {chosen.size} x {chosen.size}, one image, {chosen.threads} threads\n")
        unit = best["forward-and-backward"]
        for label, seconds in best.items():
            sys.stdout.write(f"  {label:36s} {seconds * 1e3:8.0f} ms  {seconds / unit:6.2f} x\n")
        print_pairs(best, *build(name, chosen.size), chosen.steps)
        for label, error in failed.items():
            sys.stdout.write(f"  {label:36s} {error}\n")
        if chosen.memory:
            print_memory(name, list(best), chosen)
        sys.stdout.flush()
    if chosen.gap:
        print_gap()


def print_memory(name: str, labels: list[str], chosen: argparse.Namespace) -> None:
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
        rest = (name, chosen.size, chosen.steps, chosen.threads)
        calls = {label: pool.submit(added_memory, label, *rest) for label in labels}
        memory = {label: call.result() for label, call in calls.items()}
    unit = max(memory["forward-and-backward"], 1e-9)
    for label, added in memory.items():
        sys.stdout.write(f"  {label:36s} {added:8.0f} MB  {added / unit:6.2f} x\n")


if __name__ == "__main__":
    main()
