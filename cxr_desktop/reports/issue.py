"""A report as it leaves the program: the formats asked for, and the manifest beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxr_desktop.domain import Analysis, Progress
from cxr_desktop.domain.errors import ExportError
from cxr_desktop.domain.whole_file import replaced
from cxr_desktop.domain.write_failure import write_cure
from cxr_desktop.reports.export import export
from cxr_desktop.reports.exporter import named
from cxr_desktop.reports.manifest import SUFFIX, Manifest, case_of, listed
from cxr_desktop.reports.naming import sanitised, stem_of
from cxr_desktop.reports.registry import exporter
from cxr_desktop.reports.template import Template


@dataclass(frozen=True, slots=True)
class Issued:
    """files: what the formats wrote, the manifest last."""

    files: tuple[Path, ...]
    manifest: Manifest

    @property
    def facts(self) -> dict[str, Any]:
        """What an audit trail writes down of it, without names."""
        image = self.manifest.case["image"]
        return {
            "image_sha256": image["sha256"],
            "sop_instance_uid": image["sop_instance_uid"],
            "study_uid": image["study_uid"],
            "weights_sha256": self.manifest.case["model"]["weights_sha256"],
            "case_sha256": self.manifest.case_sha256,
            "manifest_sha256": self.manifest.sha256,
            "files": {one.name: one.sha256 for one in self.manifest.files},
        }


def issue(
    analysis: Analysis,
    formats: Iterable[str],
    out: Path,
    stem: str | None = None,
    *,
    previous: str = "",
    progress: Progress | None = None,
    template: Template | None = None,
) -> Issued:
    """Export a case and write `<stem>.manifest` over the files.

    previous: hash of the audit trail's last entry, empty outside a library. template: how readable reports
    look. A format that fails keeps
    neither the others nor their manifest from being written. Raises ExportError like `export`.
    """
    chosen = tuple(dict.fromkeys(formats))
    for format_id in chosen:
        exporter(format_id)
    name = stem_of(analysis.radiograph.header.path) if stem is None else sanitised(stem)
    written: list[Path] = []
    failures: list[str] = []
    for done, format_id in enumerate(chosen):
        if progress is not None:
            progress(done / len(chosen))
        try:
            written += export(analysis, (format_id,), out, name, template=template)
        except ExportError as error:
            failures.append(str(error))
    if failures and not written:
        raise ExportError("; ".join(failures))
    issued = _sealed(analysis, written, out, name, previous)
    if failures:
        raise ExportError("; ".join(failures))
    return issued


def _sealed(analysis: Analysis, written: list[Path], out: Path, name: str, previous: str) -> Issued:
    path = named(out / name, SUFFIX)
    try:
        manifest = Manifest.sealed(case_of(analysis, name), listed(written, out), previous)
        with replaced(path) as staged:
            staged.write_bytes(manifest.to_bytes())
    except OSError as error:
        raise ExportError(f"{path} cannot be written: {write_cure(error)}") from error
    return Issued((*written, path), manifest)
