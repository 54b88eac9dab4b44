"""An association with a DIMSE node: opened, watched for a cancel, and ended, whatever happens within."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cxr_desktop.domain.errors import Cancelled
from cxr_desktop.policy import read_policy
from cxr_desktop.transfer.failure import NodeRefused, NodeUnreachable
from cxr_desktop.transfer.node import LocalEntity, Node
from cxr_desktop.transfer.quiet import quieten_network
from cxr_desktop.transfer.reachability import why_unreachable
from cxr_desktop.transfer.tls import client_context

if TYPE_CHECKING:
    from pynetdicom.association import Association
    from pynetdicom.presentation import PresentationContext

Check = Callable[[], None]
"""Raises Cancelled where the work is no longer wanted; called on other threads, too."""

LOOK_SECONDS = 0.1

CALLED_UNKNOWN, CALLING_UNKNOWN = (1, 7), (1, 3)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait for a connection, and for each answer."""

    connect: float = 10.0
    answer: float = 30.0


def never_cancelled() -> None:
    """The Check of work that nobody can cancel."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, how patiently, and who may call it off."""

    local: LocalEntity = field(default_factory=LocalEntity)
    patience: Patience = Patience()
    check: Check = never_cancelled


@contextmanager
def associated(
    node: Node,
    caller: Caller,
    contexts: Sequence[PresentationContext],
    *,
    negotiation: Sequence[Any] = (),
    handlers: Sequence[Any] = (),
) -> Iterator[Association]:
    """An established association; released at the end, aborted after an error.

    contexts, negotiation, handlers: as pynetdicom takes them, at most 128 contexts. Raises PolicyError,
    NodeUnreachable, NodeRefused, and Cancelled as soon as the caller's check does.
    """
    read_policy().require_node(node.host, node.port)
    quieten_network()
    caller.check()
    association = _requested(node, caller, contexts, negotiation, handlers)
    if not association.is_established:
        raise _why(association, node, caller.patience)
    with _Watch(association, caller.check) as watch:
        try:
            yield association
        except BaseException:
            if association.is_established:
                association.abort()
            watch.raise_if_cancelled()
            raise
        watch.raise_if_cancelled()
        if association.is_established:
            association.release()


def dropped(node: Node, patience: Patience, began: float) -> NodeUnreachable:
    """Why no answer came on an established association to what was asked at the time `began` (monotonic)."""
    if time.monotonic() - began >= patience.answer:
        return NodeUnreachable(
            f"{node} took the connection and then gave no answer within {patience.answer:g} seconds; "
            "see whether the node is busy, and try again"
        )
    return NodeUnreachable(f"{node} dropped the connection in the middle; see whether it runs, and try again")


def _requested(
    node: Node,
    caller: Caller,
    contexts: Sequence[PresentationContext],
    negotiation: Sequence[Any],
    handlers: Sequence[Any],
) -> Association:
    from pynetdicom import AE, evt

    entity = AE(ae_title=caller.local.ae_title)
    entity.connection_timeout = caller.patience.connect
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = caller.patience.answer

    def limit_sending(event: Any) -> None:
        """pynetdicom lets a write block without end where the other side stops reading."""
        event.assoc.dul.socket.socket.settimeout(caller.patience.answer)

    try:
        return entity.associate(
            node.host,
            node.port,
            contexts=list(contexts),
            ae_title=node.ae_title,
            ext_neg=list(negotiation),
            tls_args=(client_context(node.tls), node.host) if node.tls else None,
            evt_handlers=[(evt.EVT_CONN_OPEN, limit_sending), *handlers],
        )
    except OSError as error:
        raise why_unreachable(node, caller.patience.connect) from error


def _why(association: Association, node: Node, patience: Patience) -> NodeUnreachable | NodeRefused:
    answer = association.acceptor.primitive
    if association.is_rejected and answer is not None:
        return _rejection(
            node, association.requestor.ae_title, (answer.result_source, answer.diagnostic), answer.reason_str
        )
    if answer is not None and answer.result == 0:
        return NodeRefused(
            f"{node} takes none of what was asked of it; see which services and objects it is set up for"
        )
    return why_unreachable(node, patience.connect, answer=patience.answer)


def _rejection(node: Node, own: str, cause: tuple[int | None, int | None], words: str) -> NodeRefused:
    if cause == CALLED_UNKNOWN:
        return NodeRefused(
            f"{node} does not go by the AE title {node.ae_title!r}; correct it with 'cxr-desktop nodes add'"
        )
    if cause == CALLING_UNKNOWN:
        return NodeRefused(
            f"{node} does not know this program as {own!r}; have its administrator enter that AE title"
        )
    return NodeRefused(
        f"{node} refuses the connection: {words.lower()}; try again later, or ask its administrator"
    )


class _Watch:
    """Shuts the connection as soon as the check raises, so that a hanging node cannot hold a cancel up."""

    def __init__(self, association: Association, check: Check) -> None:
        self._association = association
        self._check = check
        self._ended = threading.Event()
        self._cancelled: Cancelled | None = None
        self._thread = threading.Thread(target=self._look, name="cxr-association", daemon=True)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def raise_if_cancelled(self) -> None:
        if self._cancelled is not None:
            raise Cancelled(str(self._cancelled)) from self._cancelled

    def _look(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            try:
                self._check()
            except Cancelled as error:
                self._cancelled = error
                self._shut()
                return

    def _shut(self) -> None:
        connection = self._association.dul.socket
        if connection is not None and connection.socket is not None:
            with suppress(OSError):
                connection.socket.shutdown(socket.SHUT_RDWR)
