"""STOW-RS: objects to a DICOMweb node, each with what the node made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cxr_desktop.dicom.failure import DAMAGE
from cxr_desktop.transfer.association import Caller
from cxr_desktop.transfer.failure import ObjectRefused
from cxr_desktop.transfer.node import Node
from cxr_desktop.transfer.storing import Outcome, Parcel, Verdict, judged
from cxr_desktop.transfer.web import web_client

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


def store_on_web(node: Node, parcels: Sequence[Parcel], caller: Caller) -> Iterator[Outcome]:
    """Send files one a request, so that an answer is about one object. Raises as `storing.store`."""
    import pydicom

    for parcel in parcels:
        caller.check()
        try:
            dataset = pydicom.dcmread(parcel.path)
        except DAMAGE as error:
            reason = f"the copy to be sent cannot be read ({type(error).__name__}); send the file again"
            yield Outcome(parcel, Verdict.NEVER, reason)
            continue
        try:
            with web_client(node, caller) as client:
                outcome = _judged(parcel, client.store_instances([dataset]))
        except ObjectRefused as error:
            outcome = Outcome(parcel, Verdict.NEVER, str(error))
        yield outcome


def _judged(parcel: Parcel, answer: Dataset) -> Outcome:
    """PS3.18 10.5.3: what failed stands in the Failed SOP Sequence with a storage status."""
    failed = answer.get("FailedSOPSequence") or ()
    if not failed:
        return Outcome(parcel, Verdict.TAKEN)
    return judged(parcel, int(failed[0].get("FailureReason", 0x0110)))
