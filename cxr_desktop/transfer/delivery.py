"""Works off the queue: every due object to its node, each outcome written down before the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from cxr_desktop.transfer.association import Caller
from cxr_desktop.transfer.failure import NodeFileError, NodeRefused, NodeUnreachable, QueueError
from cxr_desktop.transfer.node import Node, NodeKind
from cxr_desktop.transfer.node_book import NodeBook
from cxr_desktop.transfer.queue import Sending, SendQueue
from cxr_desktop.transfer.storing import Outcome, Parcel, Verdict, store

ELSEWHERE = "another window or command of CXR Desktop is sending already; what waits goes out there"


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one object. number of total: how far the work is."""

    sending: Sending
    verdict: Verdict
    reason: str
    number: int
    total: int


def deliver(
    queue: SendQueue, book: NodeBook, caller: Caller, only: Sequence[Sending] | None = None
) -> Iterator[Delivered]:
    """Send what is due, or only the entries given, node by node.

    A node that cannot be reached keeps its objects waiting, with the reason. Raises QueueError,
    also where another process is sending; PolicyError; and Cancelled, after which everything not
    yet told of still waits.
    """
    with queue.sending_alone() as alone:
        if not alone:
            raise QueueError(ELSEWHERE)
        wanted = {entry.id for entry in only} if only is not None else None
        due = [entry for entry in queue.due() if wanted is None or entry.id in wanted]
        due.sort(key=lambda entry: entry.node)
        number = 0
        for name, group in groupby(due, key=lambda entry: entry.node):
            for sending, verdict, reason in _to_node(queue, book, name, tuple(group), caller):
                number += 1
                yield Delivered(sending, verdict, reason, number, len(due))


def _to_node(
    queue: SendQueue, book: NodeBook, name: str, sendings: Sequence[Sending], caller: Caller
) -> Iterator[tuple[Sending, Verdict, str]]:
    of_path = {queue.content(sending): sending for sending in sendings}
    parcels = [Parcel(path, s.sop_class_uid, s.transfer_syntax_uid) for path, s in of_path.items()]
    try:
        for outcome in _outcomes(book.node(name), parcels, caller):
            sending = of_path.pop(outcome.parcel.path)
            _write_down(queue, sending, outcome)
            yield sending, outcome.verdict, outcome.reason
    except (NodeUnreachable, NodeRefused, NodeFileError) as error:
        for sending in of_path.values():
            queue.put_off(sending, str(error))
            yield sending, Verdict.LATER, str(error)


def _outcomes(node: Node, parcels: Sequence[Parcel], caller: Caller) -> Iterator[Outcome]:
    if node.kind is NodeKind.DICOMWEB:
        from cxr_desktop.transfer.stow import store_on_web

        return store_on_web(node, parcels, caller)
    return store(node, parcels, caller)


def _write_down(queue: SendQueue, sending: Sending, outcome: Outcome) -> None:
    match outcome.verdict:
        case Verdict.TAKEN:
            queue.sent(sending)
        case Verdict.LATER:
            queue.put_off(sending, outcome.reason)
        case Verdict.NEVER:
            queue.refused(sending, outcome.reason)
