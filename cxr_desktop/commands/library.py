"""`library`: the studies that were opened on this computer."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from cxr_desktop.app import data_folder
from cxr_desktop.commands.console import Console
from cxr_desktop.commands.opened_store import opened_store
from cxr_desktop.domain import InstanceHeader
from cxr_desktop.library import KeptImage, StoreError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--add", nargs="+", type=Path, metavar="PATH", help="put images into the library")
    parser.add_argument("--forget", metavar="STUDY_UID", help="take a study out; files and readings stay")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Exit code: 0 done, 1 where a path holds no image that can be read."""
    with opened_store(data_folder(), console) as store:
        if arguments.add:
            store.studies.keep(_found(arguments.add, console))
        if arguments.forget and not store.studies.forget(arguments.forget):
            raise StoreError(f"there is no study {arguments.forget!r} in the library; nothing was removed")
        images = store.studies.images()
    studies = [_study(key, list(group)) for key, group in groupby(images, key=lambda image: image.study)]
    for study in studies:
        console.say(
            "  ".join((study["study_uid"], *(str(study[key]) for key in ("patient_id", "study_date"))))
        )
        for image in study["images"]:
            console.say(f"  {image['path']}{'' if image['available'] else '  (not there any more)'}")
    console.document(studies)
    return console.exit_code


def _found(paths: Sequence[Path], console: Console) -> Iterator[InstanceHeader]:
    """Images that stay where they are: those inside an archive would be gone when it is closed."""
    from cxr_desktop.dicom import Refused, find_instances

    with tempfile.TemporaryDirectory(prefix="cxr-desktop-") as unpacked:
        for item in find_instances([path.absolute() for path in paths], unpack=Path(unpacked)):
            if isinstance(item, Refused):
                console.fail(str(item.path), item.reason)
            elif item.path.is_relative_to(unpacked):
                console.fail(str(item.path.name), "it lies in an archive; unpack that first")
            else:
                yield item


def _study(key: str, images: Sequence[KeptImage]) -> dict[str, Any]:
    first = images[0].header
    return {
        "study_uid": key,
        "patient_id": first.patient_id,
        "study_date": first.study_date,
        "opened": images[0].opened,
        "images": [
            {
                "path": str(image.header.path),
                "sop_instance_uid": image.header.sop_instance_uid,
                "sha256": image.sha256,
                "available": image.header.path.is_file(),
            }
            for image in images
        ],
    }
