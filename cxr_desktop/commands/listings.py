"""`methods` and `models`: what is installed, and a model more."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from cxr_desktop.attribution import methods
from cxr_desktop.classifiers import available_models, broken_models, install_package
from cxr_desktop.commands.console import Console


def list_methods(console: Console) -> int:
    found = methods()
    for info in found.values():
        console.say(f"{info.name:22} {info.family.value:26} {info.title}: {info.source}")
    console.document({name: asdict(info) for name, info in found.items()})
    return console.exit_code


def install_model(source: Path, console: Console) -> None:
    """Add a model package to the user's own. Raises ModelError for one that cannot be used."""
    card = install_package(source)
    console.note(f"installed {card.name} {card.version} in {card.directory}, its weights checked by SHA-256")


def list_models(console: Console) -> int:
    cards = available_models()
    for card in cards:
        console.say(
            f"{card.name:22} {card.version:10} {card.architecture:30} "
            f"{', '.join(card.label_names)} (weights {card.weights_sha256[:12]})"
        )
    for broken in broken_models():
        console.fail(str(broken.directory), broken.reason)
    console.document(
        [
            {
                "name": card.name,
                "title": card.title,
                "version": card.version,
                "architecture": card.architecture,
                "weights_sha256": card.weights_sha256,
                "labels": list(card.label_names),
                "directory": str(card.directory),
                "intended_use": card.intended_use,
                "limits": list(card.limits),
                "operating_points": [asdict(point) for point in card.operating_points],
                "training": dict(card.training),
                "metrics": dict(card.metrics),
            }
            for card in cards
        ]
    )
    return console.exit_code
