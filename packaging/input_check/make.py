"""Fit the input check's discriminant and measure it.

    python packaging/input_check/make.py DATA [--out resources/input_check/frontal_chest.npy]

DATA: the folder of NIH images with train.csv, train/, dev.csv, dev/. Fits on train alone, with
drawings and scikit-image's sample pictures as what is no chest; measures on dev, on patients left
out of train, on kinds left out, and on pydicom's images. Seeded; about five minutes on two cores.
Only linear weights over 599 images are kept, from which no image can be had back.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from drawings import Gray, drawings
from numpy.typing import NDArray
from samples import chests, dicom_objects, fragment, photographs, varied
from scipy.optimize import minimize

from cxr_desktop.classifiers.chest_view import View, ViewDiscriminant, features
from cxr_desktop.classifiers.input_check import DOUBTED_BELOW, REFUSED_BELOW

SEED = 20210767
PENALTY = 3e-4
VARIATIONS = 4
VIEWS = tuple(View)
Plane = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """Features of one image, what it shows, and whose or of what kind it is."""

    features: Plane
    view: View
    group: str


def chest_samples(images: list[Gray], patients: list[str], rng: np.random.Generator) -> list[Sample]:
    """Each chest as it is and varied; upright, turned, inverted; and a fragment."""
    found = []
    for image, patient in zip(images, patients, strict=True):
        for variation in range(VARIATIONS):
            shown = varied(image, rng) if variation else image
            found.append(Sample(features(shown), View.FRONTAL, patient))
            if variation < 2:
                found += [Sample(features(turned(shown, view)), view, patient) for view in VIEWS[1:-1]]
        found.append(Sample(features(fragment(image, rng)), View.OTHER, patient))
    return found


def turned(image: Gray, view: View) -> Gray:
    """An upright chest made to show the view."""
    if view is View.INVERTED:
        return 255 - image
    return np.ascontiguousarray(np.rot90(image, VIEWS.index(view)))


def other_samples(rng: np.random.Generator) -> list[Sample]:
    """What is no chest, as it is and varied, partly inverted and turned."""
    pictures = [*drawings(rng), *(("photograph", picture) for picture in photographs(held_out=False))]
    found = []
    for kind, picture in pictures:
        for variation in range(VARIATIONS):
            shown = varied(picture, rng) if variation else picture
            if variation and rng.random() < 0.3:
                shown = 255 - shown
            if variation and kind in ("photograph", "noise", "pattern"):
                shown = np.ascontiguousarray(np.rot90(shown, rng.integers(4)))
            found.append(Sample(features(shown), View.OTHER, kind))
    return found


def fit(samples: list[Sample]) -> ViewDiscriminant:
    """Multinomial logistic regression with an L2 penalty, each view weighing the same."""
    inputs = np.array([np.append(sample.features, 1.0) for sample in samples])
    target = np.array([VIEWS.index(sample.view) for sample in samples])
    counts = np.bincount(target, minlength=len(VIEWS))
    weight = 1 / (len(VIEWS) * counts[target])
    truth = np.eye(len(VIEWS))[target]

    def loss(flat: Plane) -> tuple[float, Plane]:
        weights = flat.reshape(inputs.shape[1], len(VIEWS))
        scores = inputs @ weights
        scores -= scores.max(axis=1, keepdims=True)
        log_shares = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        gradient = inputs.T @ ((np.exp(log_shares) - truth) * weight[:, None])
        gradient[:-1] += PENALTY * weights[:-1]
        value = (
            -(weight * log_shares[np.arange(len(target)), target]).sum()
            + PENALTY / 2 * (weights[:-1] ** 2).sum()
        )
        return float(value), gradient.ravel()

    start = np.zeros(inputs.shape[1] * len(VIEWS))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return ViewDiscriminant(
        found.x.reshape(inputs.shape[1], len(VIEWS)).astype(np.float32).astype(np.float64)
    )


def tell(what: str, discriminant: ViewDiscriminant, images: list[Gray]) -> None:
    """Print how many images are refused, doubted and passed, and what they are taken for."""
    found = [discriminant.probabilities(image) for image in images]
    frontal = np.array([views[View.FRONTAL] for views in found])
    likeliest = [max(views, key=lambda view: views[view]).value for views in found]
    taken = ", ".join(f"{likeliest.count(name)} {name}" for name in dict.fromkeys(likeliest))
    refused = int((frontal < REFUSED_BELOW).sum())
    doubted = int((frontal < DOUBTED_BELOW).sum()) - refused
    print(
        f"{what}: {len(images)} images, {refused} refused, {doubted} doubted; taken for {taken}", flush=True
    )


def measure_left_out_patients(images: list[Gray], patients: list[str], folds: int = 5) -> None:
    """Refusals of train chests by discriminants that never saw their patient."""
    fold = np.array([sorted(set(patients)).index(patient) % folds for patient in patients])
    frontal = []
    for left_out in range(folds):
        rng = np.random.default_rng(SEED + left_out)
        kept = [index for index in range(len(images)) if fold[index] != left_out]
        samples = chest_samples([images[i] for i in kept], [patients[i] for i in kept], rng) + other_samples(
            rng
        )
        discriminant = fit(samples)
        frontal += [
            discriminant.probabilities(images[index])[View.FRONTAL]
            for index in range(len(images))
            if fold[index] == left_out
        ]
    refused, doubted = (np.array(frontal)[:, None] < (REFUSED_BELOW, DOUBTED_BELOW)).sum(axis=0)
    print(
        f"train, patients left out: {len(images)} images, {refused} refused, {doubted - refused} doubted",
        flush=True,
    )


def measure_left_out_kinds(samples: list[Sample]) -> None:
    """Pictures that are no chest, by discriminants that never saw their kind."""
    for kind in dict.fromkeys(sample.group for sample in samples if not sample.group.isdigit()):
        discriminant = fit([sample for sample in samples if sample.group != kind])
        shown = np.array([np.append(sample.features, 1.0) for sample in samples if sample.group == kind])
        scores = shown @ discriminant.weights
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        frontal = shares[:, 0] / shares.sum(axis=1)
        refused, doubted = (frontal[:, None] < (REFUSED_BELOW, DOUBTED_BELOW)).sum(axis=0)
        print(
            f"{kind}, kind left out: {len(shown)} images, {refused} refused, {doubted - refused} doubted",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=Path("resources/input_check/frontal_chest.npy"))
    asked = parser.parse_args()
    images, patients = chests(asked.data, "train")
    rng = np.random.default_rng(SEED)
    samples = chest_samples(images, patients, rng) + other_samples(rng)
    discriminant = fit(samples)
    np.save(asked.out, discriminant.weights.astype(np.float32), allow_pickle=False)

    tell("train", discriminant, images)
    dev, _ = chests(asked.data, "dev")
    tell("dev", discriminant, dev)
    for view in VIEWS[1:-1]:
        tell(f"dev, {view.value}", discriminant, [turned(image, view) for image in dev])
    tell("dev, varied", discriminant, [varied(image, rng) for image in dev for _ in range(3)])
    tell("held-out photographs", discriminant, list(photographs(held_out=True)))
    tell("pydicom's images", discriminant, list(dicom_objects()))
    measure_left_out_patients(images, patients)
    measure_left_out_kinds(samples)


if __name__ == "__main__":
    main()
