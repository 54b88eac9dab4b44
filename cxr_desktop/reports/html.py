"""The report as one HTML file that needs nothing beside it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from io import BytesIO
from pathlib import Path
from typing import ClassVar

from cxr_desktop.domain import DISCLAIMER, Analysis, Severity
from cxr_desktop.reports.exporter import named
from cxr_desktop.reports.findings import finding_table, reading_table
from cxr_desktop.reports.tabulated import (
    Tabulated,
    box_table,
    comparison_table,
    method_table,
    operating_point_table,
    score_table,
)
from cxr_desktop.reports.template import PLAIN, Template
from cxr_desktop.reports.trust_plots import plots_of
from cxr_desktop.reports.trust_svg import plot_svg
from cxr_desktop.reports.trust_table import agreement_table, trust_table
from cxr_desktop.reports.wording import (
    LIMITS,
    method_title,
    model_facts,
    source_facts,
    study_facts,
    target_of,
    verdict,
)

STYLE = """
:root { color-scheme: light; --slate: #1f2a37; --accent: #0e7490; --muted: #5f6b7a; --rule: #d5dbe2; }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, "Segoe UI", sans-serif; color: #161d26; background: #fff; }
header { background: var(--slate); color: #fff; border-bottom: 4px solid var(--accent); padding: 24px 5vw; }
header h1 { margin: 0; font-size: 24px; } header p { margin: 4px 0 0; color: #c7d0db; }
main { max-width: 1180px; margin: 0 auto; padding: 24px 5vw 48px; }
h2 { color: var(--slate); font-size: 18px; margin: 32px 0 8px; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 20px; }
.card { background: #f3f5f8; border-left: 3px solid var(--accent); padding: 12px 16px; }
.card h2 { margin: 0 0 6px; font-size: 15px; }
dl { display: grid; grid-template-columns: 9em 1fr; gap: 2px 12px; margin: 0; }
dt { color: var(--muted); } dd { margin: 0; overflow-wrap: anywhere; }
figure { margin: 0; } figure img { width: 100%; display: block; background: #000; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th { text-align: left; color: var(--muted); border-bottom: 2px solid var(--slate); }
th, td { padding: 5px 8px; vertical-align: top; } td { border-bottom: 1px solid var(--rule); }
tr.best td { background: #dff1f5; } .note { color: var(--muted); font-size: 13px; }
.masthead { display: flex; gap: 14px; align-items: center; margin-bottom: 12px; }
.masthead img { max-height: 52px; max-width: 160px; background: #fff; padding: 5px; border-radius: 5px; }
.warn { background: #fff6e3; border-color: #9a5b00; margin-top: 16px; }
.refuse { background: #fdecea; border-color: #b3261e; margin-top: 16px; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 12px; }
.scroll { overflow-x: auto; }
footer { border-top: 1px solid var(--rule); padding: 12px 5vw; font-weight: 600; }
"""


@dataclass(frozen=True, slots=True)
class HtmlExporter:
    """`<stem>.html`, its figure and style within the file; opens offline and prints."""

    template: Template = PLAIN
    id: ClassVar[str] = "html"
    title: ClassVar[str] = "Report (HTML)"
    suffix: ClassVar[str] = ".html"

    def with_template(self, template: Template) -> HtmlExporter:
        return HtmlExporter(template)

    def write(self, analysis: Analysis, stem: Path) -> tuple[Path, ...]:
        target = named(stem, self.suffix)
        target.write_text(html_report(analysis, self.template), "utf-8")
        return (target,)


def html_report(analysis: Analysis, template: Template = PLAIN) -> str:
    """The page as a string; every text of the case is escaped."""
    name = escape(analysis.radiograph.header.path.name)
    target = target_of(analysis)
    judged = verdict(analysis, target) if target in analysis.prediction.scores else ""
    scores = score_table(analysis, tuple(analysis.prediction.scores), "Scores: probability")
    parts = (
        '<div class="cards">',
        _card("Study", study_facts(analysis)),
        _card("Network", model_facts(analysis)),
        "</div>",
        *_concerns(analysis),
        _figure(analysis),
        _table(scores),
        f"<p>{escape(judged)}</p>" if judged and not analysis.prediction.refused else "",
        _table(operating_point_table(analysis)),
        *map(_table, _tables(analysis, template)),
        f"<h2>What a map can and cannot show</h2><p>{escape(LIMITS)}</p>",
        _table(method_table(analysis)) if template.shows("appendix") else "",
        *(_trust(analysis) if template.shows("trust") else ()),
        f"<h2>Provenance</h2>{_facts(source_facts(analysis))}",
        _notes(analysis.notes),
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{name}: network analysis</title><style>{STYLE}</style></head>\n"
        f"<body><header>{_masthead(template)}<h1>Chest radiograph: network analysis</h1>"
        f"<p>{name}</p></header>\n<main>\n"
        + "\n".join(part for part in parts if part)
        + f"\n</main><footer>{escape(DISCLAIMER)}</footer></body></html>\n"
    )


def _tables(analysis: Analysis, template: Template) -> Iterable[Tabulated]:
    parts = (
        ("findings", finding_table),
        ("readings", reading_table),
        ("comparison", comparison_table),
        ("boxes", box_table),
    )
    return (table(analysis) for name, table in parts if template.shows(name))


def _masthead(template: Template) -> str:
    """The institution's logo and name, empty where it has none."""
    if not (template.institution or template.logo):
        return ""
    data = b64encode(template.logo).decode("ascii")
    picture = f'<img alt="" src="data:image/png;base64,{data}">' if template.logo else ""
    place = f"<br>{escape(template.place)}" if template.place else ""
    return f'<div class="masthead">{picture}<p><b>{escape(template.institution)}</b>{place}</p></div>'


def _card(title: str, facts: Iterable[tuple[str, str]]) -> str:
    return f'<section class="card"><h2>{escape(title)}</h2>{_facts(facts)}</section>'


def _facts(facts: Iterable[tuple[str, str]]) -> str:
    pairs = (f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in facts)
    return f"<dl>{''.join(pairs)}</dl>"


def _concerns(analysis: Analysis) -> Iterable[str]:
    for concern in analysis.prediction.concerns:
        refused = concern.severity is Severity.REFUSE
        title = "Refused: do not believe the scores" if refused else "Reason for caution"
        sentence = escape(concern.sentence)
        yield f'<section class="card {concern.severity.value}"><h2>{title}</h2>{sentence}</section>'


def _figure(analysis: Analysis) -> str:
    from cxr_desktop.reports.figure import case_figure

    encoded = BytesIO()
    case_figure(analysis).save(encoded, "JPEG", quality=90, subsampling=0)
    data = b64encode(encoded.getvalue()).decode("ascii")
    described = "The radiograph, and beside it the map of each method with the boxes of network and readers"
    return f'<h2>Images</h2><figure><img alt="{described}" src="data:image/jpeg;base64,{data}"></figure>'


def _trust(analysis: Analysis) -> Iterable[str]:
    if not analysis.trust.measured:
        return
    yield _table(trust_table(analysis))
    for trust in analysis.trust.maps:
        plots = "".join(map(plot_svg, plots_of(trust)))
        yield f'<h3>{escape(method_title(trust.method))}</h3><div class="plots">{plots}</div>'
    agreed = agreement_table(analysis.trust)
    if agreed.rows:
        yield _table(agreed)


def _table(table: Tabulated) -> str:
    title = f"<h2>{escape(table.title)}</h2>"
    if not table.rows:
        return f"{title}<p>{escape(table.absent)}</p>"
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.head)
    rows = "".join(
        f"<tr{' class=best' if place in table.marked else ''}>{_cells(row)}</tr>"
        for place, row in enumerate(table.rows)
    )
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    body = f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
    return f'{title}<div class="scroll"><table>{body}</table></div>{note}'


def _cells(row: tuple[str, ...]) -> str:
    return "".join(f"<td>{escape(cell)}</td>" for cell in row)


def _notes(notes: tuple[str, ...]) -> str:
    if not notes:
        return ""
    return f"<h2>Notes</h2><ul>{''.join(f'<li>{escape(note)}</li>' for note in notes)}</ul>"
