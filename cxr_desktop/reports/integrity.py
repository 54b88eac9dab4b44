"""Whether bytes are what the manifest says: its own, the report's files, the image, the weights."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from cxr_desktop.reports.carried import Carried
from cxr_desktop.reports.check import Check, Verdict, compared
from cxr_desktop.reports.manifest import Manifest

MANIFEST = "manifest"
_SHOWN = 12


def check_manifest(manifest: Manifest, carried: Carried) -> Iterator[Check]:
    """The manifest against its own hashes, and each part of the case that is not as it was."""
    whole = manifest.sha256 == manifest.content_sha256 and manifest.to_bytes() == carried.content
    changed = manifest.changed_sections()
    detail = f"SHA-256 {manifest.sha256[:_SHOWN]}" if whole else "its bytes are not those that were written"
    yield compared(MANIFEST, whole, f"{carried.source}: {detail}")
    for name in changed:
        yield Check(f"{MANIFEST}, {name}", Verdict.DIFFERS, "changed since the report was written")


def check_files(manifest: Manifest, carried: Carried) -> Iterator[Check]:
    """Each file of the report. One that is not there counts only when the whole report was asked about."""
    if carried.of and not manifest.files:
        yield Check(carried.of, Verdict.NOTED, "its own bytes are known to no manifest beside it")
    for entry in manifest.files:
        path = carried.folder / entry.name
        if path.is_file():
            yield check_file(entry.name, path, entry.sha256)
        else:
            verdict = Verdict.NOTED if carried.of else Verdict.MISSING
            yield Check(entry.name, verdict, f"is not in {carried.folder}")


def check_file(subject: str, path: Path, sha256: str) -> Check:
    """A file's bytes against a hash."""
    try:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        return Check(subject, Verdict.MISSING, f"{path} cannot be read ({error.strerror})")
    if found == sha256:
        return Check(subject, Verdict.SAME, f"SHA-256 {found[:_SHOWN]}")
    return Check(
        subject,
        Verdict.DIFFERS,
        f"{path} has SHA-256 {found[:_SHOWN]}, the report names {sha256[:_SHOWN] or 'none'}",
    )
