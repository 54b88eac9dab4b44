"""`pack`: cases for readers on machines without a network, and the way of their readings home."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import Any

from cxr_desktop.app import data_folder, reader_name
from cxr_desktop.commands.console import Console
from cxr_desktop.commands.opened_store import opened_store
from cxr_desktop.library.packs.failure import PackError
from cxr_desktop.library.packs.manifest import PackManifest


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(dest="part", metavar="make|show|open|return|merge", required=True)
    make = parts.add_parser("make", help="images, labels, assignment and blinding into one signed file")
    make.add_argument("images", nargs="+", type=Path, metavar="PATH", help="images, or folders of them")
    make.add_argument("--out", type=Path, required=True, metavar="FILE.cxrpack")
    make.add_argument(
        "--reader", action="append", default=[], metavar="NAME", help="who reads all of them; may be repeated"
    )
    make.add_argument(
        "--assign", type=Path, metavar="FILE.csv", help="columns reader,image: who reads what, in this order"
    )
    make.add_argument(
        "--labels", default="common", metavar="SET|FILE.toml", help="label set (default common)"
    )
    make.add_argument("--title", default="", help="what the pack is for")
    make.add_argument("--issuer", default="", metavar="NAME", help="who makes it (default: the reader here)")
    make.add_argument(
        "--shuffle", type=int, metavar="NUMBER", help="an order of their own for each reader, drawn from it"
    )
    make.add_argument("--deidentify", action="store_true", help="take out what tells whose the images are")
    make.add_argument("--open-reading", action="store_true", help="do not hide the network until the commit")
    show = parts.add_parser("show", help="what a pack holds, and the key it is signed with")
    show.add_argument("file", type=Path, metavar="FILE.cxrpack")
    opened = parts.add_parser("open", help="check a pack and put its images into the library")
    opened.add_argument("file", type=Path, metavar="FILE.cxrpack")
    opened.add_argument("--reader", default="", metavar="NAME", help="whose cases, where it is for several")
    opened.add_argument("--as", dest="local", default="", metavar="NAME", help="who you are in this library")
    returned = parts.add_parser("return", help="write the readings of a pack to a signed file")
    returned.add_argument("pack", metavar="FILE.cxrpack|ID", help="the pack, or the first digits of its id")
    returned.add_argument("--out", type=Path, required=True, metavar="FILE.cxrread")
    returned.add_argument("--reader", default="", metavar="NAME", help="whose, where several read here")
    returned.add_argument("--unfinished", action="store_true", help="also before all cases are committed")
    merge = parts.add_parser("merge", help="take readings that were handed back into the library")
    merge.add_argument("files", nargs="+", type=Path, metavar="FILE.cxrread")
    for part in (opened, merge):
        part.add_argument("--key", default="", metavar="FINGERPRINT", help="the signer's, as they told it")
    for part in (make, show, opened, returned, merge):
        part.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Raises PackError, StoreError and DicomReadError; `merge` goes on after a file that failed."""
    parts = {"make": _make, "show": _show, "open": _open, "return": _return, "merge": _merge}
    parts[arguments.part](arguments, console)
    return console.exit_code


def _make(arguments: argparse.Namespace, console: Console) -> None:
    from cxr_desktop.library.packs.assigning import assigned, images_at
    from cxr_desktop.library.packs.deidentifying import Cleaner
    from cxr_desktop.library.packs.making import PackRequest, make_pack
    from cxr_desktop.library.packs.manifest import Blinding
    from cxr_desktop.library.packs.registering import keep_made
    from cxr_desktop.library.packs.signing import fingerprint, own_signer

    data = data_folder()
    found, refused = images_at(arguments.images)
    for path, reason in refused:
        console.fail(str(path), reason)
    request = PackRequest(
        readers=assigned(arguments.reader, arguments.assign, found),
        label_set=_label_set(arguments.labels, data),
        issuer=arguments.issuer or reader_name(),
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
        title=arguments.title,
        blinding=Blinding(commit_then_reveal=not arguments.open_reading),
        shuffled=arguments.shuffle,
    )
    signer = own_signer(data)
    clean = Cleaner() if arguments.deidentify else None
    kept = make_pack(arguments.out, request, signer, clean, lambda share: console.progress(share, "packing"))
    console.clear()
    for note in clean.notes if clean else ():
        console.note(note)
    key = fingerprint(signer.public)
    with opened_store(data, console) as store:
        keep_made(store, kept, reader_name(), key)
    console.say(f"{arguments.out}: {len(kept.manifest['images'])} images for {', '.join(request.readers)}")
    console.say(f"signed with {key}; tell the readers this number")
    console.document(
        {"pack": kept.id, "file": str(arguments.out), "key": key, "manifest": dict(kept.manifest)}
    )


def _show(arguments: argparse.Namespace, console: Console) -> None:
    from cxr_desktop.library.packs.opening import inspect_pack

    manifest, key = inspect_pack(arguments.file)
    for line in _lines(manifest, key):
        console.say(line)
    console.document({"pack": manifest.id, "key": key, "manifest": manifest.document()})


def _open(arguments: argparse.Namespace, console: Console) -> None:
    from cxr_desktop.library.packs.opening import open_pack
    from cxr_desktop.library.packs.registering import register

    data = data_folder()
    opened = open_pack(arguments.file, data, arguments.reader, arguments.key)
    with opened_store(data, console) as store:
        register(store, opened, arguments.local or reader_name())
    for line in _lines(opened.manifest, opened.key):
        console.say(line)
    console.say(f"unpacked into {opened.folder}; read it with: cxr-desktop open {arguments.file}")
    console.document(
        {
            "pack": opened.manifest.id,
            "key": opened.key,
            "reader": opened.assignment.reader,
            "images": [str(path) for path in opened.paths],
            "manifest": opened.manifest.document(),
        }
    )


def _return(arguments: argparse.Namespace, console: Console) -> None:
    from cxr_desktop.library.packs.registering import opened_here
    from cxr_desktop.library.packs.returning import hand_back, how_far
    from cxr_desktop.library.packs.signing import fingerprint, own_signer

    data = data_folder()
    with opened_store(data, console) as store:
        pack = opened_here(store, arguments.pack, arguments.reader)
        signer = own_signer(data)
        events = hand_back(store, pack, arguments.out, signer, unfinished=arguments.unfinished)
        done = how_far(store, pack)
    key = fingerprint(signer.public)
    console.say(
        f"{arguments.out}: {len(done.committed)} cases committed, {len(done.drafts)} begun, {len(done.unread)} unread"
    )
    console.say(f"signed with {key}")
    console.document(
        {
            "pack": pack.id,
            "reader": pack.reader,
            "file": str(arguments.out),
            "key": key,
            "events": events,
            "committed": len(done.committed),
            "drafts": len(done.drafts),
            "unread": len(done.unread),
        }
    )


def _merge(arguments: argparse.Namespace, console: Console) -> None:
    from cxr_desktop.library.packs.returning import merge_readings

    data, done = data_folder(), []
    with opened_store(data, console) as store:
        for path in arguments.files:
            try:
                merged = merge_readings(store, path, data, arguments.key)
            except PackError as error:
                console.fail(str(path), str(error).removeprefix(f"{path} "))
                continue
            console.say(
                f"{path}: {merged.reader}, {merged.cases} cases, {merged.events} events, {merged.new} of them new"
            )
            done.append(
                {
                    "file": str(path),
                    "pack": merged.pack.id,
                    "reader": merged.reader,
                    "cases": merged.cases,
                    "events": merged.events,
                    "new": merged.new,
                    "key": merged.key,
                }
            )
    failures = [{"input": one, "reason": reason} for one, reason in console.failures]
    console.document({"merged": done, "failures": failures})


def _lines(manifest: PackManifest, key: str) -> list[str]:
    return [
        f"{manifest.title or 'Case pack'} of {manifest.issuer}, {manifest.created}, {len(manifest.images)} images"
        f"{', de-identified' if manifest.deidentified else ''}",
        *(f"  {one.reader}: {len(one.cases)} cases" for one in manifest.assignments),
        f"  labels: {', '.join(manifest.label_set.names)}",
        f"  signed with {key}",
    ]


def _label_set(asked: str, data: Path) -> Any:
    from cxr_desktop.library.label_sets import label_sets, read_label_set

    if asked.lower().endswith(".toml"):
        return read_label_set(Path(asked))
    sets, _problems = label_sets(data)
    for one in sets:
        if one.id == asked:
            return one
    raise ValueError(f"there is no label set {asked!r}; choose one of {', '.join(one.id for one in sets)}")
