"""Whether a report's manifest stands in this computer's audit trail."""

from __future__ import annotations

from cxr_desktop.app import data_location
from cxr_desktop.commands.console import Console
from cxr_desktop.commands.opened_store import opened_store
from cxr_desktop.library import StoreError, broken_links
from cxr_desktop.library.readings import FILE_NAME
from cxr_desktop.reports.check import Check, Verdict
from cxr_desktop.reports.manifest import Manifest

SUBJECT = "audit trail"


def check_recorded(manifest: Manifest, console: Console) -> Check:
    """Same where an entry of a whole chain names the manifest; a report of elsewhere is only noted."""
    if not manifest.previous:
        return Check(SUBJECT, Verdict.NOTED, "the report was made outside a library")
    folder = data_location()
    if not (folder / FILE_NAME).is_file():
        return Check(SUBJECT, Verdict.NOTED, "there is no library on this computer")
    try:
        with opened_store(folder, console) as store:
            entries = store.trail.entries()
    except StoreError as error:
        return Check(SUBJECT, Verdict.NOTED, str(error))
    problems = broken_links(entries)
    if problems:
        return Check(SUBJECT, Verdict.DIFFERS, problems[0])
    for one in entries:
        if one.entry.get("manifest_sha256") == manifest.sha256:
            return Check(
                SUBJECT, Verdict.SAME, f"entry {one.number} of {len(entries)}, {one.entry.get('time', '')}"
            )
    return Check(
        SUBJECT, Verdict.NOTED, f"none of this computer's {len(entries)} entries names this manifest"
    )
