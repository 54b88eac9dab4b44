"""`--template`: the institution's own face of the readable reports."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from cxr_desktop.app import data_location

if TYPE_CHECKING:
    from cxr_desktop.reports.template import Template


def add_template(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--template",
        type=Path,
        metavar="FILE.toml",
        help="logo, institution, page size and sections of PDF, HTML and text; "
        "default report.toml in the data folder, where there is one",
    )


def chosen_template(arguments: argparse.Namespace) -> Template | None:
    """The template named, else the one kept in the data folder, else None. Raises TemplateError."""
    from cxr_desktop.reports.template import kept_template, read_template

    return read_template(arguments.template) if arguments.template else kept_template(data_location())
