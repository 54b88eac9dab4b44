"""A DICOMweb service, called with certificates verified and its failures in plain sentences."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cxr_desktop.dicom.failure import DAMAGE
from cxr_desktop.policy import read_policy
from cxr_desktop.transfer.association import Caller
from cxr_desktop.transfer.failure import NodeRefused, NodeUnreachable, ObjectRefused, TransferError
from cxr_desktop.transfer.node import Node, Tls
from cxr_desktop.transfer.quiet import quieten_network
from cxr_desktop.transfer.reachability import why_unreachable

if TYPE_CHECKING:
    from dicomweb_client.web import DICOMwebClient
    from requests import Response, Session

_MEANINGS = {
    401: "wants a name and password; put them for its host into the file .netrc of your home",
    403: "does not allow this; ask its administrator",
    404: "knows no such study or no such service; see whether the node's path is right",
    409: "takes none of these objects; ask its administrator",
    413: "finds the object too large; ask its administrator",
    503: "is busy; try again later",
    507: "has no room left; have space made there",
}
_OF_THE_OBJECT = (400, 409, 413, 415, 422)


@contextmanager
def web_client(node: Node, caller: Caller) -> Iterator[DICOMwebClient]:
    """A client of the node's service. Raises PolicyError, NodeUnreachable, NodeRefused, TransferError, Cancelled."""
    import requests
    from dicomweb_client.web import DICOMwebClient

    read_policy().require_node(node.host, node.port)
    quieten_network()
    caller.check()
    with requests.Session() as session:
        if node.tls is not None:
            _secure(session, node.tls)
        session.hooks["response"].append(_require_same_place)
        client = DICOMwebClient(
            node.url, session=session, timeout=(caller.patience.connect, caller.patience.answer)
        )
        client.set_http_retry_params(retry=False)
        try:
            yield client
        except requests.HTTPError as error:
            raise _refusal(node, error.response) from error
        except requests.exceptions.SSLError as error:
            raise why_unreachable(node, caller.patience.connect, answer=caller.patience.answer) from error
        except requests.ReadTimeout as error:
            raise NodeUnreachable(
                f"{node} gives no answer within {caller.patience.answer:g} seconds; see whether it is busy, "
                "and try again"
            ) from error
        except requests.RequestException as error:
            raise why_unreachable(node, caller.patience.connect, answer=caller.patience.answer) from error
        except DAMAGE as error:
            raise TransferError(
                f"{node} gave an answer that is no DICOMweb ({type(error).__name__}); see whether its path is right"
            ) from error


def _secure(session: Session, tls: Tls) -> None:
    for path in (tls.ca_file, tls.certificate, tls.key):
        if path is not None and not path.is_file():
            raise TransferError(f"{path} is not there, so no TLS is possible; correct the node's files")
    session.verify = os.fspath(tls.ca_file) if tls.ca_file else True
    if tls.certificate is not None:
        key = os.fspath(tls.key) if tls.key else None
        session.cert = (os.fspath(tls.certificate), key) if key else os.fspath(tls.certificate)


def _require_same_place(response: Response, *_arguments: Any, **_options: Any) -> None:
    """A service that leads elsewhere is not followed: the policy and the certificate were for this one."""
    if response.is_redirect:
        response.status_code = 421


def _refusal(node: Node, response: Response | None) -> NodeRefused | NodeUnreachable:
    code = response.status_code if response is not None else 0
    meaning = _MEANINGS.get(code, f"answers with status {code}; ask its administrator")
    if code in (429, 502, 503, 504, 507):
        return NodeUnreachable(f"{node} {meaning}")
    kind = ObjectRefused if code in _OF_THE_OBJECT else NodeRefused
    return kind(f"{node} {meaning}")
