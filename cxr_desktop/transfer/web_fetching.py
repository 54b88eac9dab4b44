"""QIDO-RS and WADO-RS: the studies that a DICOMweb node knows, and one of them into the inbox."""

from __future__ import annotations

from io import BytesIO

from cxr_desktop.transfer.association import Caller
from cxr_desktop.transfer.failure import NodeRefused, TransferError
from cxr_desktop.transfer.finding import MOST, newest_first
from cxr_desktop.transfer.inbox import Inbox
from cxr_desktop.transfer.node import Node
from cxr_desktop.transfer.query import RETURNED, FoundStudy, Query, found_study
from cxr_desktop.transfer.retrieving import Tell
from cxr_desktop.transfer.web import web_client

AS_KEPT = (("application/dicom", "*"),)
"""In the encoding that the node keeps them in."""


def find_studies_on_web(node: Node, query: Query, caller: Caller, most: int = MOST) -> tuple[FoundStudy, ...]:
    """As `finding.find_studies`."""
    from pydicom.dataset import Dataset

    with web_client(node, caller) as client:
        answers = client.search_for_studies(
            limit=most, fields=list(RETURNED), search_filters={"fuzzymatching": "false", **query.criteria()}
        )
        return newest_first(found_study(Dataset.from_json(answer)) for answer in answers)


def fetch_study_from_web(node: Node, study_uid: str, inbox: Inbox, caller: Caller, tell: Tell) -> None:
    """As `retrieving.get_study`."""
    inbox.require_writable()
    with web_client(node, caller) as client:
        listed = client.search_for_instances(study_uid, fields=["SeriesInstanceUID"])
        places = [(_value(one, "0020000E"), _value(one, "00080018")) for one in listed]
    if not places:
        raise NodeRefused(f"{node} knows no study {study_uid}; look it up with 'cxr-desktop find'")
    for series, instance in places:
        with web_client(node, caller) as client:
            dataset = client.retrieve_instance(study_uid, series, instance, media_types=AS_KEPT)
            written = BytesIO()
            dataset.save_as(written)
        inbox.take(written.getvalue())
        tell(len(inbox.received), len(places))
    if len(inbox.received) < len(places):
        raise TransferError(f"{node} gave fewer objects than it listed; what came is kept. Fetch again")


def _value(answer: dict[str, dict[str, list[str]]], tag: str) -> str:
    return str(next(iter(answer.get(tag, {}).get("Value", [])), ""))
