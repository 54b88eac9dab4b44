"""What goes wrong between here and a node, in words; names of patients never stand in them."""

from __future__ import annotations

from cxr_desktop.domain.errors import CxrError


class TransferError(CxrError):
    """Something could not be sent, found, fetched or received."""


class NodeFileError(TransferError):
    """The file of nodes is damaged, or knows no node of that name."""


class NodeUnreachable(TransferError):
    """A node does not answer, hangs, or dropped the connection: worth trying again later."""


class NodeRefused(TransferError):
    """A node answered, and said no."""


class ObjectRefused(NodeRefused):
    """A node will not have this one object; others may do."""


class QueueError(TransferError):
    """The queue of what is to be sent cannot be read or written."""


class NotKept(TransferError):
    """What came in cannot be written to disk."""
