"""The formats at hand: the built-in ones, and those of plug-ins."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points

from cxr_desktop.domain.errors import ExportError
from cxr_desktop.reports.coco import CocoExporter
from cxr_desktop.reports.csv_table import CsvExporter
from cxr_desktop.reports.dicom.exporters import DICOM_EXPORTERS
from cxr_desktop.reports.exporter import Exporter
from cxr_desktop.reports.html import HtmlExporter
from cxr_desktop.reports.json_document import JsonExporter
from cxr_desktop.reports.label_studio import LabelStudioExporter
from cxr_desktop.reports.labelme import LabelmeExporter
from cxr_desktop.reports.pdf import PdfExporter
from cxr_desktop.reports.png import PngExporter
from cxr_desktop.reports.text import TextExporter
from cxr_desktop.reports.voc import VocExporter
from cxr_desktop.reports.yolo import YoloExporter

GROUP = "cxr_desktop.exporters"

BUILT_IN: tuple[Exporter, ...] = (
    PdfExporter(),
    HtmlExporter(),
    TextExporter(),
    JsonExporter(),
    PngExporter(),
    CsvExporter(),
    CocoExporter(),
    VocExporter(),
    YoloExporter(),
    LabelmeExporter(),
    LabelStudioExporter(),
    *DICOM_EXPORTERS,
)

_log = logging.getLogger(__name__)


def exporters() -> dict[str, Exporter]:
    """Every format that works, by its id, in the order menus show.

    A plug-in that fails to load or takes an id already taken is left out and logged;
    `plugin_problems` tells why.
    """
    found, problems = _collect(entry_points(group=GROUP))
    for problem in problems:
        _log.warning("%s", problem)
    return found


def plugin_problems() -> tuple[str, ...]:
    """A sentence for each exporter plug-in that cannot be used, naming it and its reason."""
    return _collect(entry_points(group=GROUP))[1]


def exporter(format_id: str) -> Exporter:
    """The exporter of one format. Raises ExportError listing the formats at hand."""
    found, problems = _collect(entry_points(group=GROUP))
    if format_id in found:
        return found[format_id]
    broken = "".join(f" {problem}." for problem in problems)
    raise ExportError(f"unknown format {format_id!r}; available: {', '.join(found)}.{broken}")


def is_built_in(format_id: str) -> bool:
    """No plug-in may take the id of such a format."""
    return any(one.id == format_id for one in BUILT_IN)


def _collect(points: Iterable[EntryPoint]) -> tuple[dict[str, Exporter], tuple[str, ...]]:
    found = {built_in.id: built_in for built_in in BUILT_IN}
    problems = []
    for point in points:
        try:
            plugin = _load(point)
        except Exception as error:  # noqa: BLE001 -- importing another's code may raise anything
            problems.append(f"the exporter plug-in {point.name!r} ({point.value}) does not load: {error}")
            continue
        if plugin.id in found:
            problems.append(
                f"the exporter plug-in {point.name!r} ({point.value}) is refused: "
                f"the format {plugin.id!r} is already taken"
            )
            continue
        found[plugin.id] = plugin
    return found, tuple(problems)


def _load(point: EntryPoint) -> Exporter:
    """A plug-in is an exporter, or a class or function that makes one without arguments."""
    loaded = point.load()
    made = loaded if not isinstance(loaded, type) and isinstance(loaded, Exporter) else loaded()
    if not isinstance(made, Exporter):
        raise TypeError("it has no id, title, suffix and write()")
    return made
