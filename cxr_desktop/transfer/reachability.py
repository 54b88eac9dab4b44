"""Why a node cannot be reached: one more try by hand, as the libraries only say that it failed."""

from __future__ import annotations

import socket
import ssl

from cxr_desktop.transfer.failure import NodeUnreachable
from cxr_desktop.transfer.node import Node
from cxr_desktop.transfer.tls import client_context


def why_unreachable(node: Node, connect: float, *, answer: float | None = None) -> NodeUnreachable:
    """What to tell of a node that did not let itself be called.

    connect: seconds to wait for the connection. answer: seconds that it was already waited for an
    answer, where one knows.
    """
    try:
        with socket.create_connection((node.host, node.port), timeout=connect) as connection:
            if node.tls is not None:
                with client_context(node.tls).wrap_socket(connection, server_hostname=node.host):
                    pass
    except socket.gaierror:
        return NodeUnreachable(
            f"{node}: the host name {node.host!r} is not known; correct it, or see to the network"
        )
    except ssl.SSLCertVerificationError as error:
        return NodeUnreachable(
            f"{node} shows a certificate that cannot be trusted ({error.verify_message}); name the right CA file. "
            "Nothing was sent"
        )
    except ssl.SSLError as error:
        return NodeUnreachable(
            f"{node} and this program do not agree on TLS ({error.reason}); see to the certificates on both sides"
        )
    except ConnectionRefusedError:
        return NodeUnreachable(
            f"{node}: nothing listens on port {node.port}; see whether the node runs and the port is right"
        )
    except TimeoutError:
        return NodeUnreachable(
            f"{node} does not answer within {connect:g} seconds; see whether host and port are right and it runs"
        )
    except OSError as error:
        return NodeUnreachable(f"{node} cannot be reached ({error.strerror or error}); see to the network")
    waited = f" within {answer:g} seconds" if answer else ""
    return NodeUnreachable(
        f"{node} takes the connection but gives no answer{waited}; see whether a DICOM service without any other "
        f"TLS setting runs on port {node.port}, and try again"
    )
