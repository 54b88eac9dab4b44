"""Taking a model package from a file into the user's models, checked before it is there. Needs no torch."""

from __future__ import annotations

import hashlib
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from lzma import LZMAError
from pathlib import Path, PurePosixPath

from cxr_desktop.classifiers.card import CARD_FILE, ModelCard, read_card
from cxr_desktop.classifiers.packages import available_models, user_models_folder
from cxr_desktop.domain.errors import ModelError

LARGEST = 8 * 1024**3
MOST_FILES = 1000
_ZIP_DAMAGE = (
    zipfile.BadZipFile, zlib.error, LZMAError, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error,
)  # fmt: skip


def install_package(source: Path, folder: Path | None = None) -> ModelCard:
    """Copy a model package, a folder or a .zip of one, to `folder` (default: the user's models).

    The card is read and the weights are compared with its SHA-256 before anything is in place; an
    earlier package of the same name there gives way to the new one.
    Raises ModelError for a package that is incomplete, altered or named like another model.
    """
    folder = folder or user_models_folder()
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # a user's data are nobody else's
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".incoming-", dir=folder) as temporary:
            copied = _copied(source, Path(temporary) / "package")
            card = _checked(copied, folder)
            return _put_in_place(card, folder / card.name, Path(temporary) / "earlier")
    except OSError as error:
        raise ModelError(
            f"{source} cannot be installed into {folder} ({error.strerror or error}); "
            "check the space and the permissions there"
        ) from error


def _copied(source: Path, target: Path) -> Path:
    """The package's own folder within a copy."""
    if source.is_dir():
        shutil.copytree(source, target, symlinks=False)
    elif zipfile.is_zipfile(source):
        _unpack(source, target)
    elif source.exists():
        raise ModelError(f"{source} is neither a folder nor a .zip file of a model package")
    else:
        raise ModelError(f"{source} does not exist; give the folder or the .zip file of a model package")
    cards = sorted(target.rglob(CARD_FILE), key=lambda path: len(path.parts))
    if not cards:
        raise ModelError(f"{source} holds no {CARD_FILE}; it is no model package")
    if len(cards) > 1:
        raise ModelError(f"{source} holds {len(cards)} model packages; install them one by one")
    return cards[0].parent


def _unpack(source: Path, target: Path) -> None:
    with _zip_faults(source), zipfile.ZipFile(source) as archive:
        entries = archive.infolist()
        size = sum(entry.file_size for entry in entries)
        if size > LARGEST or len(entries) > MOST_FILES:
            raise ModelError(
                f"{source} would unpack to {len(entries)} files of {size / 1024**3:.1f} GiB; "
                f"a model package holds at most {MOST_FILES} files of {LARGEST / 1024**3:.0f} GiB"
            )
        for entry in entries:
            path = PurePosixPath(entry.filename.replace("\\", "/"))
            linked = stat.S_ISLNK(entry.external_attr >> 16)
            if path.is_absolute() or ".." in path.parts or ":" in entry.filename or linked:
                raise ModelError(
                    f"{source}: {entry.filename!r} points out of the package; do not use this file"
                )
            archive.extract(entry, target)


@contextmanager
def _zip_faults(source: Path) -> Iterator[None]:
    try:
        yield
    except _ZIP_DAMAGE as error:
        raise ModelError(f"{source} cannot be unpacked ({error}); copy or fetch it again") from error


def _checked(package: Path, folder: Path) -> ModelCard:
    card = read_card(package)
    if PurePosixPath(card.name).name != card.name or card.name.startswith("."):
        raise ModelError(f"{CARD_FILE}: name {card.name!r} cannot be the name of a folder; choose another")
    if not card.weights_path.is_file():
        raise ModelError(f"the package lacks its weights file {card.weights_file}; fetch it again")
    with card.weights_path.open("rb") as weights:
        found = hashlib.file_digest(weights, "sha256").hexdigest()
    if found != card.weights_sha256:
        raise ModelError(
            f"{card.weights_file} is not the file that the card describes: SHA-256 is {found[:16]}..., "
            f"the card says {card.weights_sha256[:16]}...; fetch the package again"
        )
    for other in available_models():
        if other.name == card.name and other.directory != folder / card.name:
            raise ModelError(f"the name {card.name!r} is taken by {other.directory}; choose another name")
    return card


def _put_in_place(card: ModelCard, target: Path, earlier: Path) -> ModelCard:
    """Swap by renaming: there is no moment with half a package."""
    if target.exists():
        target.rename(earlier)
    try:
        card.directory.rename(target)
    except OSError:
        if earlier.exists():
            earlier.rename(target)
        raise
    return read_card(target)
