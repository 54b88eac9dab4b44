"""Storage commitment: a node's promise to keep what it was sent (PS3.4 annex J)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cxr_desktop.transfer.association import LOOK_SECONDS, Caller, associated, dropped
from cxr_desktop.transfer.failure import NodeRefused, NodeUnreachable
from cxr_desktop.transfer.inbox import Inbox
from cxr_desktop.transfer.listening import listening
from cxr_desktop.transfer.node import Node

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

WELL_KNOWN = "1.2.840.10008.1.20.1.1"
REQUEST = 1
"""Action Type ID of a commitment request."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An object that was sent."""

    sop_class_uid: str
    sop_instance_uid: str


@dataclass(slots=True)
class _Report:
    """What the node reports on one transaction, on whichever association."""

    transaction: str
    arrived: threading.Event = field(default_factory=threading.Event)
    kept: frozenset[str] = frozenset()

    def take(self, event: Any) -> tuple[int, None]:
        told = event.event_information
        if str(told.get("TransactionUID", "")) == self.transaction:
            self.kept = frozenset(
                str(item.ReferencedSOPInstanceUID) for item in told.get("ReferencedSOPSequence") or ()
            )
            self.arrived.set()
        return 0, None


def committed(
    node: Node,
    references: Sequence[Reference],
    inbox: Inbox,
    caller: Caller,
    callers: Sequence[str],
    wait: float,
) -> frozenset[str]:
    """The SOP Instance UIDs that a node promises to keep; those left out it does not.

    Runs the listener meanwhile, as nodes report over a connection of their own. inbox: what the
    listener is to do with objects. callers: AE titles that may call it. wait: seconds for the report.
    Raises NodeUnreachable, also where no report comes; NodeRefused; TransferError; Cancelled.
    """
    from pydicom.uid import generate_uid
    from pynetdicom import evt
    from pynetdicom.presentation import build_context
    from pynetdicom.sop_class import StorageCommitmentPushModel as Push  # type: ignore[attr-defined]

    report = _Report(str(generate_uid()))
    handler = (evt.EVT_N_EVENT_REPORT, report.take)
    with (
        listening(caller.local, inbox, callers, [handler]),
        associated(node, caller, [build_context(Push)], handlers=[handler]) as association,
    ):
        began = time.monotonic()
        status, _answer = association.send_n_action(
            _request(report.transaction, references), REQUEST, Push, WELL_KNOWN
        )
        if "Status" not in status:
            raise dropped(node, caller.patience, began)
        if status.Status != 0:
            raise NodeRefused(f"{node} promises nothing (status {status.Status:04X}); ask its administrator")
        _await(report, node, caller.check, wait)
    return report.kept


def _await(report: _Report, node: Node, check: Callable[[], None], wait: float) -> None:
    end = time.monotonic() + wait
    while not report.arrived.wait(LOOK_SECONDS):
        check()
        if time.monotonic() > end:
            raise NodeUnreachable(
                f"{node} took the request for a promise and did not report within {wait:g} seconds; have its "
                "administrator enter this program's address and port, and ask again"
            )


def _request(transaction: str, references: Sequence[Reference]) -> Dataset:
    from pydicom.dataset import Dataset

    asked = Dataset()
    asked.TransactionUID = transaction
    asked.ReferencedSOPSequence = []
    for reference in references:
        item = Dataset()
        item.ReferencedSOPClassUID = reference.sop_class_uid
        item.ReferencedSOPInstanceUID = reference.sop_instance_uid
        asked.ReferencedSOPSequence.append(item)
    return asked
