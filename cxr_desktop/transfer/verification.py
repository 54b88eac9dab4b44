"""C-ECHO: whether a DIMSE node is there and takes calls."""

from __future__ import annotations

import time

from cxr_desktop.transfer.association import Caller, associated, dropped
from cxr_desktop.transfer.failure import NodeRefused
from cxr_desktop.transfer.node import Node


def echo(node: Node, caller: Caller) -> float:
    """Seconds that the node took to answer, connection included.

    Raises NodeUnreachable, NodeRefused, PolicyError and Cancelled.
    """
    from pynetdicom.presentation import build_context
    from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

    began = time.monotonic()
    with associated(node, caller, [build_context(Verification)]) as association:
        status = association.send_c_echo()
        if "Status" not in status:
            raise dropped(node, caller.patience, began)
        if status.Status != 0:
            raise NodeRefused(
                f"{node} answered the echo with status {status.Status:04X}; ask its administrator"
            )
    return time.monotonic() - began
