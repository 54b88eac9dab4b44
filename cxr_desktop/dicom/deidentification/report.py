"""'What was removed': the attributes and what was done to each, never what stood in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from cxr_desktop.dicom.deidentification.changes import Change
from cxr_desktop.dicom.deidentification.copying import Deidentified
from cxr_desktop.dicom.deidentification.table import EDITION

PROFILE = f"DICOM PS3.15 Annex E, Table E.1-1, {EDITION}"
_WIDTHS = (44, 48)


def report_document(copies: Sequence[Deidentified]) -> dict[str, Any]:
    """The report as JSON. Files are named by their copies alone."""
    return {
        "profile": PROFILE,
        "codes": [
            {"value": code.value, "scheme": "DCM", "meaning": code.meaning}
            for code in (copies[0].codes if copies else ())
        ],
        "files": [
            {
                "file": copy.path.name,
                "notes": list(copy.notes),
                "changes": [
                    {"tag": one.tag, "name": one.name, "action": one.action.value, "count": one.count}
                    for one in copy.changes
                ],
            }
            for copy in copies
        ],
    }


def report_text(copies: Sequence[Deidentified]) -> str:
    """The report to read: what was done in how many of the files, and what is left to look at."""
    lines = ["What was removed", "", f"Profile: {PROFILE}"]
    lines += [f"         {code.value} {code.meaning}" for code in (copies[0].codes if copies else ())]
    lines += ["", f"{len(copies)} {'copy' if len(copies) == 1 else 'copies'}", ""]
    tag, name = _WIDTHS
    lines.append(f"{'Attribute':{tag}}  {'Name':{name}}  Files  What was done")
    for one, count in sorted(_counted(copies).items()):
        lines.append(f"{one.tag:{tag}}  {one.name:{name}}  {count:5}  {one.action.value}")
    noted = [f"{copy.path.name}: {note}" for copy in copies for note in copy.notes]
    return "\n".join([*lines, "", *noted, *([""] if noted else [])])


def _counted(copies: Sequence[Deidentified]) -> Counter[Change]:
    """In how many of the files each change was made."""
    return Counter(Change(one.tag, one.name, one.action) for copy in copies for one in copy.changes)
