"""Where model packages lie, and which of them can be used. Needs no torch."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from cxr_desktop.classifiers.card import CARD_FILE, ModelCard, read_card
from cxr_desktop.domain.errors import CxrError, ModelError
from cxr_desktop.policy import read_policy
from cxr_desktop.resources import resource


@dataclass(frozen=True, slots=True)
class BrokenModel:
    """A folder among the models that cannot be used, and why."""

    directory: Path
    reason: str


def user_models_folder() -> Path:
    """Where a user's own model packages are looked for, one folder each; it may not exist."""
    return platformdirs.user_data_path("cxr-desktop") / "models"


def available_models() -> tuple[ModelCard, ...]:
    """Cards of the bundled packages, of those for all users and of the user's own; broken ones are left out.

    Raises PolicyError for a damaged policy file.
    """
    return _scan()[0]


def broken_models() -> tuple[BrokenModel, ...]:
    """The packages that `available_models` leaves out."""
    return _scan()[1]


def find_package(name_or_dir: str | Path) -> Path:
    """The folder of a model, given its name or the folder (or its card) itself.

    Raises ModelError naming the models that there are, or what is wrong with the one asked for.
    """
    path = Path(name_or_dir)
    if path.name == CARD_FILE and path.is_file():
        return path.parent
    cards, broken = _scan()
    for card in cards:
        if card.name == str(name_or_dir):
            return card.directory
    if path.is_dir():
        return path
    for model in broken:
        if model.directory.name == str(name_or_dir):
            raise ModelError(model.reason)
    names = ", ".join(card.name for card in cards) or "none installed"
    raise ModelError(
        f"there is no model or folder {str(name_or_dir)!r}; models here: {names}. "
        f"Put a package into {user_models_folder()} or give its folder"
    )


def _scan() -> tuple[tuple[ModelCard, ...], tuple[BrokenModel, ...]]:
    cards: dict[str, ModelCard] = {}
    broken: list[BrokenModel] = []
    for directory in _package_folders():
        try:
            card = read_card(directory)
            _require_usable(card, cards)
        except ModelError as error:
            broken.append(BrokenModel(directory, str(error)))
        else:
            cards[card.name] = card
    return tuple(cards.values()), tuple(broken)


def _require_usable(card: ModelCard, earlier: dict[str, ModelCard]) -> None:
    if not card.weights_path.is_file():
        raise ModelError(f"{card.weights_path} is missing; copy the weights there or reinstall the package")
    if card.name in earlier:
        raise ModelError(
            f"{card.directory / CARD_FILE}: name {card.name!r} is taken by {earlier[card.name].directory}; "
            "choose another, or load this package by its folder"
        )


def _package_folders() -> list[Path]:
    roots = [user_models_folder()]
    if everyones := read_policy().models_folder:
        roots.insert(0, everyones)
    with suppress(CxrError):
        roots.insert(0, resource("models"))
    found: list[Path] = []
    for root in roots:
        if root.is_dir():
            found.extend(sorted(f for f in root.iterdir() if f.is_dir() and not f.name.startswith(".")))
    return found
