"""An opened pack in the library: its images are listed, its reader is known, and it is found again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cxr_desktop.dicom import Refused, find_instances
from cxr_desktop.library.packs.failure import PackError
from cxr_desktop.library.packs.opening import OpenedPack, inspect_pack
from cxr_desktop.library.packs.shelf import KeptPack, PackRole

if TYPE_CHECKING:
    from cxr_desktop.library.readings import ReadingStore


def keep_made(store: ReadingStore, pack: KeptPack, maker: str, key: str) -> None:
    """Keep a pack that was made here, and enter it in the audit trail. Raises StoreError."""
    store.packs.keep(pack)
    readers = [one["reader"] for one in pack.manifest["assignments"]]
    facts = {
        "reader": maker,
        "pack": pack.id,
        "key": key,
        "images": len(pack.manifest["images"]),
        "readers": readers,
        "deidentified": pack.manifest["deidentified"],
    }
    store.trail.append("pack made", facts)


def register(store: ReadingStore, opened: OpenedPack, local: str) -> KeptPack:
    """Keep the pack and its images. local: the name under which its reader draws here. Raises StoreError."""
    headers = [item for item in find_instances(opened.paths) if not isinstance(item, Refused)]
    hashes = {opened.folder / image.file: image.sha256 for image in opened.manifest.images}
    store.studies.keep(headers, hashes)
    kept = opened.kept(local)
    store.packs.keep(kept)
    return kept


def opened_here(store: ReadingStore, asked: str, reader: str = "") -> KeptPack:
    """The opened pack that a file, or the first digits of an id, stands for. Raises PackError, StoreError."""
    wanted = inspect_pack(Path(asked))[0].id if Path(asked).is_file() else asked
    found = [pack for pack in store.packs.all(PackRole.OPENED) if pack.id.startswith(wanted)]
    found = [pack for pack in found if reader in ("", pack.reader)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise PackError(
            f"the case pack {asked} was not opened here; open it first with 'cxr-desktop pack open'"
        )
    raise PackError(
        f"{asked} stands for several assignments ({', '.join(f'{p.reader} of {p.id[:8]}' for p in found)}); "
        "name the reader"
    )
