"""`find`: the studies that a node knows."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from cxr_desktop.app import data_folder
from cxr_desktop.commands.console import DONE, Console
from cxr_desktop.transfer.node_book import read_book
from cxr_desktop.transfer.query import Query


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--node", required=True, metavar="NAME", help="as 'cxr-desktop nodes' lists it")
    parser.add_argument("--patient-id", default="", metavar="ID")
    parser.add_argument(
        "--patient-name", default="", metavar="NAME", help="family name first; * and ? stand for anything"
    )
    parser.add_argument(
        "--date", default="", help="2024-01-31, or 2024-01-01..2024-01-31, either may be left out"
    )
    parser.add_argument("--accession", default="", metavar="NUMBER")
    parser.add_argument("--modality", default="", help="DX, CR, ...")
    parser.add_argument("--study-uid", default="", metavar="UID")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Exit code: 0 whether or not anything was found. Raises TransferError; ValueError for an empty query."""
    from cxr_desktop.transfer.services import find

    query = Query(
        arguments.patient_id, arguments.patient_name, arguments.date, arguments.accession, arguments.modality,
        arguments.study_uid,
    )  # fmt: skip
    book = read_book(data_folder())
    studies = find(book.node(arguments.node), query, book)
    for study in studies:
        count = "" if study.instances is None else f"{study.instances} objects"
        parts = (
            study.date,
            study.patient_id,
            study.patient_name,
            "/".join(study.modalities),
            count,
            study.description,
        )
        console.say("  ".join((study.study_uid, *filter(None, parts))))
    console.say(f"{len(studies)} {'study' if len(studies) == 1 else 'studies'} on {arguments.node}")
    console.document([asdict(study) for study in studies])
    return DONE
