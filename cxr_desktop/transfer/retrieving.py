"""C-GET and C-MOVE: a study from a DIMSE node into the inbox."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cxr_desktop.transfer.association import Caller, associated, dropped
from cxr_desktop.transfer.encodings import SYNTAXES
from cxr_desktop.transfer.failure import NodeRefused, TransferError
from cxr_desktop.transfer.finding import PENDING, identifier, kinds_of_series
from cxr_desktop.transfer.inbox import Inbox
from cxr_desktop.transfer.listening import listening, taken
from cxr_desktop.transfer.node import Node
from cxr_desktop.transfer.storing import CONTEXTS_AT_ONCE

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pynetdicom.presentation import PresentationContext

DESTINATION_UNKNOWN, WARNING = 0xA801, 0xB000

Tell = Callable[[int, int], None]
"""Called with the number of objects that came and of those expected; raises Cancelled."""


def get_study(node: Node, study_uid: str, inbox: Inbox, caller: Caller, tell: Tell) -> None:
    """Fetch by C-GET, over connections opened from here: series by series, nothing re-encoded.

    Raises NodeUnreachable, NodeRefused, NotKept, PolicyError, Cancelled; what came before stays.
    """
    series = _series(node, study_uid, inbox, caller)
    tell_of = _progress(inbox, sum(len(kinds) for kinds in series.values()), tell)
    for uid, kinds in series.items():
        _get_series(
            node, {"StudyInstanceUID": study_uid, "SeriesInstanceUID": uid}, kinds, inbox, caller, tell_of
        )
    _require_all(node, inbox, series)


def move_study(
    node: Node, study_uid: str, inbox: Inbox, caller: Caller, tell: Tell, callers: Sequence[str] = ()
) -> None:
    """Fetch by C-MOVE: the node opens a connection to the listener, which runs meanwhile.

    callers: AE titles that may send to a listener which other computers can reach. Raises as `get_study`.
    """
    from pynetdicom.presentation import build_context
    from pynetdicom.sop_class import (  # type: ignore[attr-defined]
        StudyRootQueryRetrieveInformationModelMove as Move,
    )

    series = _series(node, study_uid, inbox, caller)
    tell_of = _progress(inbox, sum(len(kinds) for kinds in series.values()), tell)
    with (
        listening(caller.local, inbox, callers),
        associated(node, caller, [build_context(Move)]) as association,
    ):
        asked = identifier("STUDY", {"StudyInstanceUID": study_uid})
        _follow(association.send_c_move(asked, caller.local.ae_title, Move), node, inbox, caller, tell_of)
    _require_all(node, inbox, series)


def _series(node: Node, study_uid: str, inbox: Inbox, caller: Caller) -> dict[str, list[str]]:
    inbox.require_writable()
    series = kinds_of_series(node, study_uid, caller)
    if not any(series.values()):
        raise NodeRefused(f"{node} knows no study {study_uid}; look it up with 'cxr-desktop find'")
    return series


def _get_series(
    node: Node,
    keys: Mapping[str, str],
    kinds: Sequence[str],
    inbox: Inbox,
    caller: Caller,
    tell: Callable[[], None],
) -> None:
    from pynetdicom import build_role, evt
    from pynetdicom.presentation import build_context
    from pynetdicom.sop_class import (  # type: ignore[attr-defined]
        StudyRootQueryRetrieveInformationModelGet as Get,
    )

    classes = [kind for kind, _count in Counter(filter(None, kinds)).most_common()]
    with associated(
        node,
        caller,
        [build_context(Get), *_contexts(classes)],
        negotiation=[build_role(kind, scp_role=True) for kind in classes],
        handlers=[(evt.EVT_C_STORE, lambda event: taken(inbox, event))],
    ) as association:
        _follow(association.send_c_get(identifier("SERIES", keys), Get), node, inbox, caller, tell)


def _contexts(classes: Sequence[str]) -> list[PresentationContext]:
    """One for each encoding, so that the node need not choose; fewer where that were too many."""
    from pynetdicom.presentation import build_context

    room = CONTEXTS_AT_ONCE - 1
    if len(classes) * len(SYNTAXES) <= room:
        return [build_context(kind, syntax) for kind in classes for syntax in SYNTAXES]
    return [build_context(kind, list(SYNTAXES)) for kind in classes[:room]]


def _follow(
    responses: Iterator[tuple[Dataset, Any]],
    node: Node,
    inbox: Inbox,
    caller: Caller,
    tell: Callable[[], None],
) -> None:
    """To the end of a retrieval; raises where it cannot be a good one."""
    began = time.monotonic()
    try:
        for status, _identifier in responses:
            if inbox.problem is not None:
                raise inbox.problem
            if "Status" not in status:
                raise dropped(node, caller.patience, began)
            tell()
            began = time.monotonic()
            if status.Status not in (0, WARNING, *PENDING):
                raise _refusal(node, caller, status.Status)
    except RuntimeError as error:  # the association ended before the question
        raise dropped(node, caller.patience, began) from error
    if inbox.problem is not None:
        raise inbox.problem


def _refusal(node: Node, caller: Caller, status: int) -> NodeRefused:
    if status == DESTINATION_UNKNOWN:
        return NodeRefused(
            f"{node} does not know where to send: have its administrator enter this program as "
            f"{caller.local.ae_title!r} with this computer's address and port {caller.local.port}, "
            "or fetch without --move"
        )
    return NodeRefused(
        f"{node} cannot give the study (status {status:04X}); try again later, or ask its administrator"
    )


def _progress(inbox: Inbox, expected: int, tell: Tell) -> Callable[[], None]:
    return lambda: tell(len(inbox.received), max(expected, len(inbox.received)))


def _require_all(node: Node, inbox: Inbox, series: Mapping[str, Sequence[str]]) -> None:
    missing = sum(len(kinds) for kinds in series.values()) - len(inbox.received)
    if missing > 0:
        raise TransferError(
            f"{node} gave {len(inbox.received)} objects and kept {missing} back; what came is kept. Fetch again, "
            "or ask its administrator"
        )
