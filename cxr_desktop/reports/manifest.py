"""The manifest of a report: what it takes to do it again, and hashes that tell a changed byte."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from cxr_desktop.domain import Analysis
from cxr_desktop.domain.canonical import canonical_bytes, sha256_of
from cxr_desktop.domain.errors import CxrError
from cxr_desktop.reports.json_document import analysis_document, map_names
from cxr_desktop.reports.map_sketch import sketch

SCHEMA = "cxr-desktop/manifest/1"
SUFFIX = ".manifest"
PACKAGES = ("torch", "torchvision", "timm", "numpy", "scipy", "pillow", "pydicom", "imagecodecs")
Json = dict[str, Any]


class ManifestError(CxrError):
    """A file is no manifest, or carries none."""


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file of the report. name: relative to the manifest. size: in bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest's file says; whether it is true is for `reports.integrity` to find.

    case: the analysis as in the JSON report, with preprocessing, versions and a sketch of each map.
    sections: SHA-256 of each part of the case. files: of the report, empty inside a PDF. previous: hash of
    the audit trail's last entry when the report was made, empty outside a library. sha256: of all the rest.
    """

    case: Mapping[str, Any]
    sections: Mapping[str, str]
    files: tuple[ReportFile, ...]
    previous: str
    sha256: str

    @classmethod
    def sealed(
        cls, case: Mapping[str, Any], files: tuple[ReportFile, ...] = (), previous: str = ""
    ) -> Manifest:
        """A manifest with its hashes worked out."""
        unsealed = cls(case, _sections(case), files, previous, "")
        return replace(unsealed, sha256=unsealed.content_sha256)

    @property
    def case_sha256(self) -> str:
        """Hash of the case alone: the same in the PDF and beside it."""
        return sha256_of(self.case)

    @property
    def content_sha256(self) -> str:
        """What `sha256` must be."""
        return sha256_of(self._content())

    def to_bytes(self) -> bytes:
        """The manifest's file. Equal manifests give equal bytes."""
        return canonical_bytes({**self._content(), "sha256": self.sha256})

    def changed_sections(self) -> tuple[str, ...]:
        """Parts of the case that are not what their hashes say, by name."""
        found = _sections(self.case)
        names = sorted({*found, *self.sections})
        return tuple(name for name in names if found.get(name) != self.sections.get(name))

    def _content(self) -> Json:
        return {
            "schema": SCHEMA,
            "case": dict(self.case),
            "case_sha256": self.case_sha256,
            "sections": dict(self.sections),
            "files": [{"name": one.name, "size": one.size, "sha256": one.sha256} for one in self.files],
            "previous": self.previous,
        }


def case_of(analysis: Analysis, stem: str) -> Json:
    """What must be known to compute the analysis again, and what came out. Carries no patient name.

    stem: of the report's files, which the maps are named after.
    """
    names = map_names(analysis, stem)
    return {
        **analysis_document(analysis, names),
        "preprocessing": dict(analysis.prediction.preprocessing),
        "versions": versions(),
        "sketches": {name: sketch(one.values) for name, one in zip(names, analysis.maps, strict=True)},
    }


def versions() -> dict[str, str]:
    """Of Python and of the packages that numbers depend on; those not installed are left out."""
    found = {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def listed(files: Iterable[Path], folder: Path) -> tuple[ReportFile, ...]:
    """The files with their sizes and hashes, named relative to the folder. Raises OSError."""
    entries = []
    for path in files:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        entries.append(ReportFile(path.relative_to(folder).as_posix(), path.stat().st_size, digest))
    return tuple(entries)


def parse_manifest(content: bytes) -> Manifest:
    """The manifest that a file's bytes hold, its hashes not judged. Raises ManifestError."""
    try:
        document = json.loads(content)
        if document["schema"] != SCHEMA:
            raise ManifestError(f"its schema is {document['schema']!r}, not {SCHEMA!r}")
        canonical_bytes(document)  # numbers too large to be read back are refused here
        return Manifest(
            case=dict(document["case"]),
            sections={str(key): str(value) for key, value in document["sections"].items()},
            files=tuple(
                ReportFile(str(f["name"]), int(f["size"]), str(f["sha256"])) for f in document["files"]
            ),
            previous=str(document["previous"]),
            sha256=str(document["sha256"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ManifestError(f"it is no manifest any more ({type(error).__name__}: {error})") from error


def _sections(case: Mapping[str, Any]) -> dict[str, str]:
    return {name: sha256_of(value) for name, value in case.items()}
