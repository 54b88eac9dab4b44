"""Finding the manifest that a file of a report carries or that lies beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from cxr_desktop.reports.json_document import SCHEMA as ANALYSIS_SCHEMA
from cxr_desktop.reports.manifest import SUFFIX, ManifestError, parse_manifest
from cxr_desktop.reports.naming import stem_of


@dataclass(frozen=True, slots=True)
class Carried:
    """A manifest's bytes. source: where from, in words. of: the report's file that was asked about, if one.

    sealed: False for a JSON report without a manifest, whose case is known but guarded by no hash.
    """

    content: bytes
    source: str
    folder: Path
    of: str = ""
    sealed: bool = True


def carried_by(file: Path) -> Carried:
    """The manifest of a report, given the manifest itself or any file of the report.

    Looks beside the file first, then inside a PDF; a JSON report stands for itself where there is none.
    Raises ManifestError where there is none at all or the file cannot be read.
    """
    content = _read(file)
    if file.name.endswith(SUFFIX):
        return Carried(content, file.name, file.parent)
    beside = _beside(file)
    if beside is not None:
        return Carried(_read(beside), beside.name, file.parent, file.name)
    if content.startswith(b"%PDF"):
        return Carried(_inside(content, file), f"the attachment of {file.name}", file.parent, file.name)
    if _is_analysis(content):
        return Carried(content, file.name, file.parent, file.name, sealed=False)
    raise ManifestError(
        f"{file} is no manifest, and no manifest beside it lists it; give the report's {SUFFIX} file, "
        "its PDF or its JSON"
    )


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ManifestError(f"{file} cannot be read ({error.strerror}); check the path") from error


def _beside(file: Path) -> Path | None:
    """The manifest that lists the file; else one named as the report is, which may have been changed."""
    candidates = sorted(file.parent.glob(f"*{SUFFIX}"))
    for path in candidates:
        try:
            if any(entry.name == file.name for entry in parse_manifest(_read(path)).files):
                return path
        except ManifestError:
            continue
    return next((path for path in candidates if path.name == f"{stem_of(file)}{SUFFIX}"), None)


def _inside(content: bytes, file: Path) -> bytes:
    from cxr_desktop.reports.pdf.attachment import attached

    found = attached(content)
    if found is None:
        raise ManifestError(
            f"{file} carries no manifest that can be read: it is not a report of CXR Desktop, or another "
            f"program has rewritten it; give the {SUFFIX} file that was written with it"
        )
    return found


def _is_analysis(content: bytes) -> bool:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and document.get("schema") == ANALYSIS_SCHEMA
