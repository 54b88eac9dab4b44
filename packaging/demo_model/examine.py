"""Ask a finished package whether it leans on what is no opacity: the frame, the view, the sharpness.

    python packaging/demo_model/examine.py --data DIR --package resources/models/demo

Prints a table and writes it as `examination` into the package's metrics.json.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from data import NEITHER, NORMAL, OPACITY, Cases, load_cases
from measure import Floats, auc, images_of
from spec import SPEC
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from cxr_desktop.classifiers import Classifier, load_model

FRAME = 0.1
"""Width of the frame on each side, as a share of the image: markers, collimation, arms; 36 % of the area."""

BINS = 5


def frame(size: int, share: float = FRAME) -> Tensor:
    """(size, size) True in the frame."""
    width = round(share * size)
    inside = torch.zeros(size, size, dtype=torch.bool)
    inside[width : size - width, width : size - width] = True
    return ~inside


def without_frame(planes: Tensor) -> Tensor:
    """The frame black, as behind a collimator."""
    return planes.masked_fill(frame(planes.shape[-1]), 0.0)


def frame_alone(planes: Tensor) -> Tensor:
    """Everything within the frame as gray as the image is on the whole: the lungs are gone."""
    return torch.where(frame(planes.shape[-1]), planes, planes.mean((1, 2, 3), keepdim=True))


def coarsened(planes: Tensor) -> Tensor:
    """Half the resolution: what told the two collections apart by their sharpness is gone."""
    return interpolate(avg_pool2d(planes, 2), scale_factor=2, mode="bilinear")


CHANGES: dict[str, Callable[[Tensor], Tensor]] = {
    "as it is": lambda planes: planes,
    "frame hidden": without_frame,
    "frame alone": frame_alone,
    "mirrored": lambda planes: planes.flip(-1),
    "half the resolution": coarsened,
    "darker (gamma 1.3)": lambda planes: planes.clamp(0, 1) ** 1.3,
    "brighter (gamma 0.77)": lambda planes: planes.clamp(0, 1) ** 0.77,
}


@torch.no_grad()
def logits_of(model: Classifier, planes: Tensor) -> Floats:
    """(n,) logits of (n, 1, h, w) normalised planes."""
    mean, std = torch.tensor(SPEC.mean).view(1, 3, 1, 1), torch.tensor(SPEC.std).view(1, 3, 1, 1)
    images = (planes.expand(-1, 3, -1, -1) - mean) / std
    return torch.cat([model.network(part)[:, 0] for part in images.split(16)]).double().numpy()


def calibration_error(p: Floats, truth: Floats, bins: int = BINS) -> float:
    """Expected calibration error over bins of equal count."""
    parts = np.array_split(np.argsort(p, kind="stable"), bins)
    return float(sum(len(i) * abs(p[i].mean() - truth[i].mean()) for i in parts) / len(p))


def relevance_in_frame(model: Classifier, cases: Cases, chosen: list[int]) -> float:
    """Mean share of the positive Grad-CAM that lies in the frame; an even map has 0.36."""
    from cxr_desktop.attribution import attribute

    maps = attribute(model.network, images_of(cases, chosen), 0, "gradcam")[:, 0].clamp(min=0)
    inside = maps.sum((1, 2)).clamp(min=1e-12)
    return float(((maps * frame(maps.shape[-1])).sum((1, 2)) / inside).mean())


def examine(model: Classifier, dev: Cases) -> dict[str, object]:
    """AUC against Normal and against all other read images under each change, and what the view alone earns."""
    read = dev.where(OPACITY, NORMAL, NEITHER)
    reading = np.array([dev.reading[i] for i in read])
    view = np.array([dev.views[i] for i in read])
    found: dict[str, object] = {}
    for name, change in CHANGES.items():
        logits = logits_of(model, change(dev.planes[read]))
        opacity = logits[reading == OPACITY]
        found[name] = {
            "normal": round(auc(opacity, logits[reading == NORMAL]), 3),
            "others": round(auc(opacity, logits[reading != OPACITY]), 3),
        }
        if name == "as it is":
            plain = logits
    clear = reading != OPACITY
    card = model.card.calibration
    p = 1 / (1 + np.exp(-(card.slope * plain + card.intercept)))
    return {
        "auc": found,
        "view_alone": round(auc(plain[clear & (view == "AP")], plain[clear & (view == "PA")]), 3),
        "relevance_in_frame": round(relevance_in_frame(model, dev, dev.where(OPACITY)), 3),
        "calibration_error": round(calibration_error(p, (reading == OPACITY).astype(float)), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--package", type=Path, required=True)
    arguments = parser.parse_args()
    found = examine(load_model(arguments.package, device="cpu"), load_cases(arguments.data, "dev", SPEC))
    print(json.dumps(found, indent=2))
    file = arguments.package / "metrics.json"
    measured = json.loads(file.read_text(encoding="utf-8")) | {"examination": found}
    file.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
