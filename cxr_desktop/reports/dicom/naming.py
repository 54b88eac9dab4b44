"""Files of formats that write an object for each map."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cxr_desktop.domain import Analysis, AttributionMap, LocalizedMap
from cxr_desktop.reports.json_document import map_names


def beside(analysis: Analysis, path: Path) -> Iterator[tuple[Path, AttributionMap, LocalizedMap]]:
    """Each map with its file: `<stem>.<method>` with the suffixes of path, numbered as the JSON report's maps are."""
    suffix = "".join(path.suffixes[-2:])
    stem = path.name.removesuffix(suffix)
    for name, found, localized in zip(
        map_names(analysis, stem), analysis.maps, analysis.localized, strict=True
    ):
        yield path.with_name(name.removesuffix(".npy") + suffix), found, localized
