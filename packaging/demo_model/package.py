"""Write a trained network as a model package: weights, card, and what was measured."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
from data import NEITHER, NORMAL, OPACITY, Cases
from measure import Floats, auc, auc_cells, auc_interval, logit_maps
from network import OPTIONS
from safetensors.torch import save_file
from spec import SPEC
from torch import Tensor, nn

LABEL = "Lung Opacity"
SHARPNESS = 1.0


def pooled(maps: Tensor, sharpness: float = SHARPNESS) -> Floats:
    """(n,) logits of (n, h, w) logit maps, pooled by attention as the shipped network does."""
    places = maps.flatten(1).double()
    return ((sharpness * places).softmax(1) * places).sum(1).numpy()


def platt(logits: Floats, truth: Floats, penalty: float = 0.05) -> tuple[float, float]:
    """Slope and intercept of a logistic regression on the standardised logit, ridge on the slope, by Newton."""
    centre, spread = logits.mean(), logits.std()
    x = np.stack([(logits - centre) / spread, np.ones_like(logits)], axis=1)
    w = np.zeros(2)
    ridge = np.diag([penalty * len(x), 0.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ w))
        gradient = x.T @ (p - truth) + ridge @ w
        w = w - np.linalg.solve(x.T @ (x * (p * (1 - p))[:, None]) + ridge, gradient)
    return float(w[0] / spread), float(w[1] - w[0] * centre / spread)


def operating_points(p: Floats, truth: Floats) -> list[tuple[str, float, float, float]]:
    """(name, threshold, sensitivity, specificity) at 0.9 sensitivity, at the best Youden index, at 0.9 specificity."""
    cuts = np.unique(np.round(p, 4))
    rates = [(c, float((p[truth == 1] >= c).mean()), float((p[truth == 0] < c).mean())) for c in cuts]
    sensitive = max((r for r in rates if r[1] >= 0.9), key=lambda r: r[0])
    balanced = max(rates, key=lambda r: (r[1] + r[2], r[1]))
    specific = min((r for r in rates if r[2] >= 0.9), key=lambda r: r[0])
    return [("high sensitivity", *sensitive), ("balanced", *balanced), ("high specificity", *specific)]


def metrics(cases: Cases, logits: Floats) -> dict[str, dict[str, float]]:
    """Per cell the AUC with its 95 % bootstrap interval and the counts."""
    found = {}
    for name, (positive, negative) in auc_cells(cases, logits).items():
        low, high = auc_interval(positive, negative)
        found[name] = {
            "auc": round(auc(positive, negative), 4),
            "low": round(low, 4),
            "high": round(high, 4),
            "positives": len(positive),
            "negatives": len(negative),
        }
    return found


def write_package(network: nn.Module, dev: Cases, recipe: object, out: Path) -> None:
    """Weights, `model.toml` and `metrics.json` into `out`. Calibration and operating points are of dev."""
    out.mkdir(parents=True, exist_ok=True)
    weights = out / "weights.safetensors"
    save_file({name: value.contiguous() for name, value in network.state_dict().items()}, weights)
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    logits = pooled(logit_maps(network, dev))
    read = [i for i, r in enumerate(dev.reading) if r in (OPACITY, NORMAL, NEITHER)]
    truth = np.array([float(dev.reading[i] == OPACITY) for i in read])
    slope, intercept = platt(logits[read], truth)
    p = 1 / (1 + np.exp(-(slope * logits[read] + intercept)))
    measured = {
        "auc": metrics(dev, logits),
        "brier": round(float(((p - truth) ** 2).mean()), 4),
        "prevalence": round(float(truth.mean()), 4),
        "recipe": asdict(recipe),  # type: ignore[call-overload]
    }
    (out / "metrics.json").write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    points = operating_points(p, truth)
    (out / "model.toml").write_text(card(digest, slope, intercept, points, measured), encoding="utf-8")


def card(
    digest: str,
    slope: float,
    intercept: float,
    points: list[tuple[str, float, float, float]],
    measured: dict,  # type: ignore[type-arg]
) -> str:
    """The text of `model.toml`."""
    auc_all = measured["auc"]
    lines = HEAD.format(digest=digest).splitlines()
    lines += ["", "[architecture_options]", *(f"{key} = {value}" for key, value in OPTIONS.items())]
    lines += ["", "[head]", 'pooling = "attention"', f"sharpness = {SHARPNESS}"]
    lines += ["", "[weights]", 'file = "weights.safetensors"', f'sha256 = "{digest}"']
    lines += ["", "[[labels]]", f'name = "{LABEL}"']
    lines += [
        "",
        "[input]",
        f"height = {SPEC.height}",
        f"width = {SPEC.width}",
        f"channels = {SPEC.channels}",
    ]
    lines += [f'fit = "{SPEC.fit.value}"', f'normalisation = "{SPEC.normalisation.value}"']
    lines += [
        f"percentiles = {list(SPEC.percentiles)}",
        f"mean = {list(SPEC.mean)}",
        f"std = {list(SPEC.std)}",
    ]
    lines += ["", "[output]", 'activation = "sigmoid"']
    lines += [f"calibration = {{ slope = {slope:.6f}, intercept = {intercept:.6f} }}"]
    for name, threshold, sensitivity, specificity in points:
        lines += [
            "",
            "[[operating_points]]",
            f'label = "{LABEL}"',
            f'name = "{name}"',
            f"threshold = {threshold:.4f}",
        ]
        lines += [f"sensitivity = {sensitivity:.4f}", f"specificity = {specificity:.4f}"]
        lines += [f'measured_on = "{MEASURED_ON}"', f'weights_sha256 = "{digest}"']
    lines += ["", *LOCALIZATION.splitlines(), "", *TRAINING.splitlines(), "", "[metrics]"]
    lines += [f'measured_on = "{MEASURED_ON}"', f"brier = {measured['brier']}"]
    for name, cell in auc_all.items():
        key = name.replace(" ", "_")
        lines += [
            f"auc_{key} = {{ value = {cell['auc']}, low = {cell['low']}, high = {cell['high']}, "
            f"positives = {cell['positives']}, negatives = {cell['negatives']} }}"
        ]
    return "\n".join(lines) + "\n"


MEASURED_ON = (
    "NIH dev: 16 opacity, 11 normal, 29 neither, radiologist-read; also used to choose and calibrate"
)
HEAD = """# What the network is, expects, says, and may be used for. Written by packaging/demo_model/train.py.
name = "demo"
title = "Demonstration model: lung opacity"
version = "1.0.0"
architecture = "timm:tf_efficientnet_lite0"
intended_use = "Demonstration and research. Not for diagnostic use."
limits = [
  "Trained on 599 frontal radiographs of one hospital, 132 of them read by a radiologist and 56 with boxes.",
  "Frontal views alone; lateral views, children and findings other than opacity were not examined.",
  "Calibrated on 56 images in which 29 % show an opacity; where opacities are rarer its probabilities are too high.",
]"""
LOCALIZATION = """[localization]
threshold = "percentile:90"
methods = { cam = "relative:0.2", gradcam = "relative:0.2", rap = "percentile:95" }"""
TRAINING = """[training]
data = "NIH Clinical Center ChestX-ray14 (Wang et al., CVPR 2017), 599 images; RSNA readings and boxes"
recipe = "packaging/demo_model/train.py"
seed = 20
licence = "Images: NIH, without restriction on use, credit asked. RSNA annotations: research and education.\""""
