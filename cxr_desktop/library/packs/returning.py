"""Readings of a case pack handed back as a file, and merged at home: in any order, twice harmlessly."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxr_desktop import __version__
from cxr_desktop.domain import ReadingState
from cxr_desktop.domain.canonical import canonical_bytes
from cxr_desktop.library.events import from_json, to_json
from cxr_desktop.library.packs.failure import PackError
from cxr_desktop.library.packs.manifest import MANIFEST, PackManifest, read_document, read_manifest
from cxr_desktop.library.packs.sealed import opened_sealed, write_sealed
from cxr_desktop.library.packs.shelf import KeptPack
from cxr_desktop.library.packs.signing import KnownKeys, Signer, fingerprint

if TYPE_CHECKING:
    from cxr_desktop.library.readings import ReadingStore, StoredEvent

FORMAT, VERSION = "cxrread", 1
EVENTS = "events.jsonl"


@dataclass(frozen=True, slots=True)
class Progressed:
    """How far a reader is with a pack: files of the cases, in order."""

    unread: tuple[str, ...]
    drafts: tuple[str, ...]
    committed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """What a file of readings brought. new: events that were not here yet. key: fingerprint of who signed it."""

    pack: KeptPack
    reader: str
    cases: int
    events: int
    new: int
    key: str


def how_far(store: ReadingStore, pack: KeptPack) -> Progressed:
    """How far the reader of an opened pack is. Raises StoreError."""
    manifest = _manifest(pack)
    found: dict[str, list[str]] = {"unread": [], "drafts": [], "committed": []}
    for file in manifest.assignment(pack.reader).cases:
        history = store.history(manifest.image(file).sha256, pack.record["local"])
        untouched = not history.can_undo and not history.can_redo and not history.committed
        settled = history.state is not ReadingState.DRAFT and history.locked
        found["unread" if untouched else "committed" if settled else "drafts"].append(file)
    return Progressed(*(tuple(found[name]) for name in ("unread", "drafts", "committed")))


def hand_back(
    store: ReadingStore, pack: KeptPack, out: Path, signer: Signer, *, unfinished: bool = False
) -> int:
    """Write a .cxrread with all that was drawn on the pack's cases; returns how many events.

    unfinished: also where cases are not committed yet. The same readings give the same bytes.
    Raises PackError, StoreError.
    """
    manifest = _manifest(pack)
    done = how_far(store, pack)
    left = (*done.unread, *done.drafts)
    if left and not unfinished:
        names = ", ".join(Path(file).name for file in left[:5]) + (" …" if len(left) > 5 else "")
        raise PackError(
            f"{len(left)} of {len(left) + len(done.committed)} cases are not committed yet ({names}); commit "
            "them, or hand back what there is as unfinished"
        )
    events: list[StoredEvent] = []
    for file in manifest.assignment(pack.reader).cases:
        events += store.all_of(manifest.image(file).sha256, pack.record["local"])
    if not events:
        raise PackError("nothing was drawn or committed yet, so there is nothing to hand back")
    named = [_named(event, pack.reader) for event in events]
    head = {
        "format": FORMAT,
        "version": VERSION,
        "pack": pack.id,
        "reader": pack.reader,
        "program": f"CXR Desktop {__version__}",
        "cases": {
            "committed": list(done.committed),
            "drafts": list(done.drafts),
            "unread": list(done.unread),
        },
    }
    write_sealed(out, {MANIFEST: canonical_bytes(head), EVENTS: _lines(named)}, signer)
    facts = {"reader": pack.reader, "pack": pack.id, "events": len(named), "key": fingerprint(signer.public)}
    store.trail.append("readings handed back", facts)
    return len(named)


def merge_readings(store: ReadingStore, path: Path, data: Path, accepted: str = "") -> Merged:
    """Take a reader's file into the library that its pack was made from.

    Afterwards the library holds the union of all that was merged, whatever came first and
    however often. accepted: the fingerprint that the reader told. Raises PackError, StoreError.
    """
    with opened_sealed(path) as sealed:
        head = read_document(sealed.text(MANIFEST), path, FORMAT, VERSION)
        pack = store.packs.made(str(head.get("pack", "")))
        if pack is None:
            raise PackError(
                f"{path} answers a case pack that was not made here; merge it where the pack was made"
            )
        reader = str(head.get("reader", ""))
        assignment = _manifest(pack).assignment(reader)
        events = _events(sealed.text(EVENTS), path, reader)
        _require_whole(events, path)
        home = pack.record["originals"]
        allowed = {_manifest(pack).image(file).sha256 for file in assignment.cases}
        if {event.image_sha256 for event in events} - allowed:
            raise PackError(
                f"{path} holds readings of images that {reader} was not given; nothing was merged"
            )
        KnownKeys(data).check(f"reader {reader}", sealed.public, accepted)
        new = store.merge(_at_home(event, home) for event in events)
        cases = len({event.image_sha256 for event in events})
        if new:
            facts = {"reader": reader, "pack": pack.id, "events": new, "key": fingerprint(sealed.public)}
            store.trail.append("readings merged", facts)
        return Merged(pack, reader, cases, len(events), new, fingerprint(sealed.public))


def _at_home(event: StoredEvent, originals: Mapping[str, Sequence[str]]) -> StoredEvent:
    sha256, uid = originals[event.image_sha256]
    return replace(event, image_sha256=sha256, sop_instance_uid=uid)


def _named(event: StoredEvent, reader: str) -> StoredEvent:
    """The event under the name of the assignment; its uid stays, or follows from the name it had."""
    if event.reader == reader:
        return event
    return replace(event, reader=reader, uid=_renamed(event.uid, reader), after=_renamed(event.after, reader))


def _renamed(uid: str, reader: str) -> str:
    return hashlib.sha256(f"{uid}\n{reader}".encode()).hexdigest()[:32] if uid else ""


def _lines(events: Iterable[StoredEvent]) -> bytes:
    documents = (
        {
            "uid": e.uid, "after": e.after, "step": e.step, "time": e.time, "image": e.image_sha256,
            "event": json.loads(to_json(e.event)),
        }
        for e in events
    )  # fmt: skip
    return b"".join(
        json.dumps(one, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        for one in documents
    )


def _events(content: bytes, path: Path, reader: str) -> tuple[StoredEvent, ...]:
    from cxr_desktop.library.readings import StoredEvent

    def event(line: bytes) -> StoredEvent:
        found: dict[str, Any] = json.loads(line)
        happened = from_json(json.dumps(found["event"]))
        place = int(found["step"])
        texts = (str(found[name]) for name in ("image", "time", "uid", "after"))
        image, time, uid, after = texts
        if not uid:
            raise ValueError("an event has no uid")
        return StoredEvent(image, reader, happened, "", time, uid, after, place)

    try:
        return tuple(event(line) for line in content.splitlines())
    except (ValueError, KeyError, TypeError) as error:
        raise PackError(
            f"{path} holds an event that this version of CXR Desktop does not know ({error}); "
            "update it to merge the file"
        ) from error


def _require_whole(events: Sequence[StoredEvent], path: Path) -> None:
    """Each event follows one of the file, or is the first of its reading."""
    known = {event.uid: event for event in events}
    for event in events:
        before = known.get(event.after)
        first = not event.after and event.step == 1
        follows = (
            before is not None and before.step == event.step - 1 and before.image_sha256 == event.image_sha256
        )
        if not first and not follows:
            raise PackError(f"{path} lacks what came before one of its events; ask for the whole file again")


def _manifest(pack: KeptPack) -> PackManifest:
    return read_manifest(canonical_bytes(dict(pack.manifest)), f"the case pack {pack.id[:16]}")
