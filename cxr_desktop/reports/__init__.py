"""Reports of a case in the formats other systems read; importing this is cheap, libraries load when used."""

from cxr_desktop.reports.export import export
from cxr_desktop.reports.exporter import Exporter
from cxr_desktop.reports.issue import Issued, issue
from cxr_desktop.reports.naming import stem_of, stems_of
from cxr_desktop.reports.registry import exporters, plugin_problems

__all__ = ["Exporter", "Issued", "export", "exporters", "issue", "plugin_problems", "stem_of", "stems_of"]
