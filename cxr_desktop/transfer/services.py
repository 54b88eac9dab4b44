"""One function for each thing that is asked of a node, whichever protocol it speaks."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from cxr_desktop.transfer.association import Caller, Check, never_cancelled
from cxr_desktop.transfer.failure import TransferError
from cxr_desktop.transfer.inbox import Inbox
from cxr_desktop.transfer.node import Node, NodeKind
from cxr_desktop.transfer.node_book import NodeBook
from cxr_desktop.transfer.query import FoundStudy, Query
from cxr_desktop.transfer.queue import Sending
from cxr_desktop.transfer.retrieving import Tell

COMMITMENT_SECONDS = 60.0
NO_STUDY = "1.2.826.0.1.3680043.10.1.0"
"""A UID that no study has: asked for, to see whether a service answers."""


def caller_of(book: NodeBook, check: Check = never_cancelled) -> Caller:
    """Who calls the nodes of a book."""
    return Caller(book.local, check=check)


def answer_time(node: Node, book: NodeBook, check: Check = never_cancelled) -> float:
    """Seconds that a node takes to answer. Raises TransferError, PolicyError and Cancelled, as all here."""
    if node.kind is NodeKind.DIMSE:
        from cxr_desktop.transfer.verification import echo

        return echo(node, caller_of(book, check))
    began = time.monotonic()
    find(node, Query(study_uid=NO_STUDY), book, check)
    return time.monotonic() - began


def find(node: Node, query: Query, book: NodeBook, check: Check = never_cancelled) -> tuple[FoundStudy, ...]:
    """The studies that meet a query, newest first."""
    if node.kind is NodeKind.DICOMWEB:
        from cxr_desktop.transfer.web_fetching import find_studies_on_web

        return find_studies_on_web(node, query, caller_of(book, check))
    from cxr_desktop.transfer.finding import find_studies

    return find_studies(node, query, caller_of(book, check))


def fetch(
    node: Node,
    study_uid: str,
    inbox: Inbox,
    book: NodeBook,
    tell: Tell,
    check: Check = never_cancelled,
    *,
    move: bool = False,
) -> None:
    """A study into the inbox. move: have a DIMSE node send it to the listener, for nodes without C-GET."""
    if node.kind is NodeKind.DICOMWEB:
        from cxr_desktop.transfer.web_fetching import fetch_study_from_web

        fetch_study_from_web(node, study_uid, inbox, caller_of(book, check), tell)
        return
    from cxr_desktop.transfer.retrieving import get_study, move_study

    if move:
        move_study(node, study_uid, inbox, caller_of(book, check), tell, callers_of(book))
    else:
        get_study(node, study_uid, inbox, caller_of(book, check), tell)


def promised(
    node: Node, sendings: Sequence[Sending], book: NodeBook, folder: Path, check: Check = never_cancelled
) -> frozenset[str]:
    """Which of the objects sent to a DIMSE node it promises to keep. folder: for what the listener is sent."""
    from cxr_desktop.transfer.commitment import Reference, committed

    if node.kind is NodeKind.DICOMWEB:
        raise TransferError(f"{node} speaks DICOMweb, which knows no storage commitment; send without it")
    references = [Reference(one.sop_class_uid, one.sop_instance_uid) for one in sendings]
    caller = caller_of(book, check)
    return committed(node, references, Inbox(folder), caller, callers_of(book), COMMITMENT_SECONDS)


def callers_of(book: NodeBook) -> tuple[str, ...]:
    """AE titles of the nodes, which may send to a listener that other computers reach."""
    return tuple(node.ae_title for node in book.nodes if node.ae_title)
