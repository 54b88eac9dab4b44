"""C-STORE: objects to a DIMSE node, each with what the node made of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from cxr_desktop.dicom.failure import DAMAGE
from cxr_desktop.transfer.association import Caller, associated, dropped
from cxr_desktop.transfer.node import Node

if TYPE_CHECKING:
    from pynetdicom.association import Association
    from pynetdicom.presentation import PresentationContext

CONTEXTS_AT_ONCE = 128
DUPLICATE = 0x0111


class Verdict(Enum):
    """TAKEN: the node has it. LATER: not now. NEVER: the node will not have it."""

    TAKEN = "taken"
    LATER = "later"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file to be sent, and what is said of it before it is opened."""

    path: Path
    sop_class_uid: str
    transfer_syntax_uid: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one parcel; reason: empty where it was taken."""

    parcel: Parcel
    verdict: Verdict
    reason: str = ""


def store(node: Node, parcels: Sequence[Parcel], caller: Caller) -> Iterator[Outcome]:
    """Send files as they are, over as few associations as their kinds allow.

    Raises, between two outcomes, NodeUnreachable, NodeRefused, PolicyError and Cancelled; the
    parcels without an outcome were not taken, as far as is known.
    """
    for group in _groups(parcels):
        with associated(node, caller, _contexts(group)) as association:
            for parcel in group:
                yield _stored(association, node, parcel, caller)


def _stored(association: Association, node: Node, parcel: Parcel, caller: Caller) -> Outcome:
    import pydicom

    try:
        dataset = pydicom.dcmread(parcel.path)
    except DAMAGE as error:
        return Outcome(
            parcel,
            Verdict.NEVER,
            f"the copy to be sent cannot be read ({type(error).__name__}); send the file again",
        )
    began = time.monotonic()
    try:
        answer = association.send_c_store(dataset)
    except RuntimeError as error:  # the association ended after the last answer
        raise dropped(node, caller.patience, began) from error
    except (ValueError, AttributeError, TypeError):
        return Outcome(parcel, Verdict.NEVER, _not_taken(parcel))
    if "Status" not in answer:
        raise dropped(node, caller.patience, began)
    return judged(parcel, answer.Status)


def judged(parcel: Parcel, status: int) -> Outcome:
    """A status of the storage service (PS3.4 table B.2-1, PS3.7 annex C) as a verdict."""
    if status in (0, DUPLICATE) or status & 0xF000 == 0xB000:
        return Outcome(parcel, Verdict.TAKEN)
    if status & 0xFF00 == 0xA700:
        return Outcome(parcel, Verdict.LATER, "the node has no room for it now; have space made there")
    reasons = {
        0x0122: "the node does not keep this kind of object",
        0x0124: "the node does not allow this program to store",
    }
    sort = {
        0xA900: "the node finds that it does not fit its kind",
        0xC000: "the node cannot make sense of it",
    }
    reason = (
        reasons.get(status) or sort.get(status & 0xFF00) or sort.get(status & 0xF000) or "the node refuses it"
    )
    return Outcome(parcel, Verdict.NEVER, f"{reason} (status {status:04X}); ask its administrator")


def _not_taken(parcel: Parcel) -> str:
    from pydicom.uid import UID

    kind, syntax = UID(parcel.sop_class_uid).name, UID(parcel.transfer_syntax_uid).name
    return f"the node takes no {kind} in {syntax}; have its administrator allow it"


def _contexts(parcels: Sequence[Parcel]) -> list[PresentationContext]:
    """One for each kind of object and encoding: so that nothing is ever re-encoded where it can be taken as it is."""
    from pynetdicom.presentation import build_context

    kinds = dict.fromkeys((parcel.sop_class_uid, parcel.transfer_syntax_uid) for parcel in parcels)
    return [build_context(kind, syntax) for kind, syntax in kinds]


def _groups(parcels: Sequence[Parcel]) -> Iterator[Sequence[Parcel]]:
    group: list[Parcel] = []
    kinds: set[tuple[str, str]] = set()
    for parcel in parcels:
        kind = (parcel.sop_class_uid, parcel.transfer_syntax_uid)
        if kind not in kinds and len(kinds) == CONTEXTS_AT_ONCE:
            yield group
            group, kinds = [], set()
        group.append(parcel)
        kinds.add(kind)
    if group:
        yield group
