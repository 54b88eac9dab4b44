"""The storage listener: takes what nodes send, while it is asked to, and nothing after."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cxr_desktop.transfer.failure import NotKept, TransferError
from cxr_desktop.transfer.inbox import Inbox
from cxr_desktop.transfer.node import LocalEntity
from cxr_desktop.transfer.quiet import quieten_network
from cxr_desktop.transfer.tls import server_context

if TYPE_CHECKING:
    from pynetdicom.ae import ApplicationEntity

OUT_OF_RESOURCES, DOES_NOT_FIT = 0xA700, 0xA900
LONGEST_PDU = 1 << 17

Handler = tuple[Any, Callable[[Any], Any]]


@contextmanager
def listening(
    local: LocalEntity, inbox: Inbox, callers: Sequence[str] = (), handlers: Sequence[Handler] = ()
) -> Iterator[None]:
    """Have objects that are sent to `local` put into the inbox, until the block ends.

    callers: AE titles of those who may send; anyone on this computer where `local` is bound to the
    loopback, nobody else where it is not and the list is empty. handlers: for further events, as
    pynetdicom takes them. Raises TransferError where the port cannot be had.
    """
    from pynetdicom import evt

    quieten_network()
    if local.reachable and not callers:
        raise TransferError(
            f"listening on {local.bind} would let the whole network send; add the nodes that may, with "
            "'cxr-desktop nodes add', or listen on 127.0.0.1"
        )
    inbox.require_writable()
    entity = _entity(local, callers if local.reachable else ())
    try:
        server = entity.start_server(
            (local.bind, local.port),
            block=False,
            evt_handlers=[(evt.EVT_C_STORE, lambda event: taken(inbox, event)), *handlers],
            ssl_context=server_context(local.tls) if local.tls else None,
        )
    except OSError as error:
        raise TransferError(
            f"nothing can listen on {local.bind} port {local.port} ({error.strerror}); choose another with "
            "'cxr-desktop nodes local --port', and have it entered at the nodes"
        ) from error
    try:
        yield
    finally:
        if server is not None:
            server.shutdown()
        entity.shutdown()


def taken(inbox: Inbox, event: Any) -> int:
    """The status of a C-STORE request (PS3.4 table B.2-1) whose object went to the inbox, or did not."""
    try:
        received = inbox.take(event.encoded_dataset())
    except NotKept:
        return OUT_OF_RESOURCES
    except TransferError:
        return DOES_NOT_FIT
    return 0 if received.sop_instance_uid == event.request.AffectedSOPInstanceUID else 0xB007


def _entity(local: LocalEntity, callers: Sequence[str]) -> ApplicationEntity:
    from pynetdicom import AE, AllStoragePresentationContexts
    from pynetdicom.sop_class import (  # type: ignore[attr-defined]
        StorageCommitmentPushModel,
        Verification,
    )

    from cxr_desktop.transfer.encodings import SYNTAXES

    entity = AE(ae_title=local.ae_title)
    entity.maximum_pdu_size = LONGEST_PDU
    entity.require_called_aet = True
    entity.require_calling_aet = list(callers)
    for context in AllStoragePresentationContexts:
        entity.add_supported_context(str(context.abstract_syntax), list(SYNTAXES))
    entity.add_supported_context(Verification)
    entity.add_supported_context(StorageCommitmentPushModel, scu_role=True, scp_role=True)
    return entity
