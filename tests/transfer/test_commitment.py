"""A node's promise to keep what it was sent."""

from __future__ import annotations

from pathlib import Path

import pydicom

from cxr_desktop.transfer.association import Caller
from cxr_desktop.transfer.commitment import Reference, committed
from cxr_desktop.transfer.inbox import Inbox
from cxr_desktop.transfer.storing import Parcel, store


def test_a_server_promises_what_it_has_and_nothing_else(
    orthanc, caller: Caller, study, tmp_path: Path
) -> None:
    datasets = [pydicom.dcmread(path) for path in study]
    parcels = [
        Parcel(p, d.SOPClassUID, d.file_meta.TransferSyntaxUID) for p, d in zip(study, datasets, strict=True)
    ]
    list(store(orthanc.node, parcels[:2], caller))
    references = [Reference(d.SOPClassUID, d.SOPInstanceUID) for d in datasets[:3]]
    kept = committed(orthanc.node, references, Inbox(tmp_path), caller, (), wait=20)
    assert kept == {reference.sop_instance_uid for reference in references[:2]}
