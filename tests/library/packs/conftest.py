"""Images, keys and packs to try."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cxr_desktop.library import Commit, ReadingStore, StoredEvent
from cxr_desktop.library.packs.making import PackRequest, make_pack
from cxr_desktop.library.packs.manifest import label_set_of
from cxr_desktop.library.packs.opening import OpenedPack, open_pack
from cxr_desktop.library.packs.registering import opened_here, register
from cxr_desktop.library.packs.returning import hand_back
from cxr_desktop.library.packs.signing import own_signer

CREATED = "2026-11-23T10:00:00+00:00"


@pytest.fixture
def images(tmp_path: Path) -> tuple[Path, ...]:
    folder = tmp_path / "images"
    folder.mkdir()
    paths = []
    for number in range(3):
        pixels = np.full((20, 30), 40 * number, np.uint8)
        paths.append(folder / f"Doe Jane {number}.png")
        Image.fromarray(pixels).save(paths[-1])
    return tuple(paths)


@dataclass
class Place:
    """A machine with a data folder of its own, and who works there."""

    data: Path
    name: str

    def make(self, out: Path, images: Sequence[Path], readers: Sequence[str]) -> Path:
        request = PackRequest(
            dict.fromkeys(readers, tuple(images)), label_set_of(("Mass",)), self.name, CREATED, "Round 1"
        )
        kept = make_pack(out, request, own_signer(self.data))
        with closing(ReadingStore(self.data)) as store:
            store.packs.keep(kept)
        return out

    def open(self, pack: Path, reader: str = "", accepted: str = "") -> OpenedPack:
        opened = open_pack(pack, self.data, reader, accepted)
        with closing(ReadingStore(self.data)) as store:
            register(store, opened, self.name)
        return opened

    def read(self, opened: OpenedPack, case: int, *events: object, commit: bool = True) -> None:
        sha256 = opened.manifest.image(opened.assignment.cases[case]).sha256
        with closing(ReadingStore(self.data)) as store:
            for event in (*events, *([Commit()] if commit else [])):
                store.append(StoredEvent(sha256, self.name, event))

    def hand_back(self, pack: Path, out: Path, *, reader: str = "", unfinished: bool = False) -> Path:
        with closing(ReadingStore(self.data)) as store:
            kept = opened_here(store, str(pack), reader)
            hand_back(store, kept, out, own_signer(self.data), unfinished=unfinished)
        return out


@pytest.fixture
def place(tmp_path: Path) -> Callable[[str], Place]:
    def at(name: str) -> Place:
        return Place(tmp_path / "places" / name, name)

    return at
