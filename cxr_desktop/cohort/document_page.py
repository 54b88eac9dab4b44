"""A document of many images as one HTML page that needs nothing beside it, light or dark as its reader's system is."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from html import escape

from cxr_desktop.cohort.drawings import bar_chart, scatter
from cxr_desktop.domain import DISCLAIMER
from cxr_desktop.domain.document import (
    BarChart,
    Block,
    CountMatrix,
    DataTable,
    Document,
    Paragraph,
    PictureGrid,
    ScatterPlot,
)

_STYLE = """
:root { color-scheme: light dark; --ink: #161d26; --muted: #5f6b7a; --rule: #d5dbe2; --ground: #fff; --band: #1f2a37;
  --panel: #f3f5f8; --accent: #0e7490; --pale: #a9b4c0; --mark: #9a5b00; --good: #dff1e6; --bad: #fbe3d6;
  --k0: #15803d; --k1: #c2410c; --k2: #7c3aed; --k3: #be185d; --k4: #5f6b7a; --k5: #0e7490; }
@media (prefers-color-scheme: dark) { :root { --ink: #dfe5ec; --muted: #93a0b0; --rule: #2c3643; --ground: #0f141a;
  --band: #171e27; --panel: #171e27; --accent: #56b4e9; --pale: #4b5766; --mark: #e2b85c; --good: #12382a;
  --bad: #46291b; --k0: #5fd08a; --k1: #f59e5b; --k2: #b79bff; --k3: #f58ac0; --k4: #93a0b0; --k5: #56b4e9; } }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, "Segoe UI", sans-serif; color: var(--ink); background: var(--ground); }
header { background: var(--band); color: #fff; border-bottom: 4px solid var(--accent); padding: 24px 5vw; }
header h1 { margin: 0; font-size: 24px; } header p { margin: 4px 0 0; color: #c7d0db; overflow-wrap: anywhere; }
main { max-width: 1180px; margin: 0 auto; padding: 8px 5vw 48px; }
nav { font-size: 13px; padding: 14px 0 0; } nav a { color: var(--accent); margin-right: 18px; white-space: nowrap; }
h2 { font-size: 18px; margin: 34px 0 8px; } h3 { font-size: 15px; margin: 20px 0 4px; }
svg { max-width: 100%; height: auto; font: 13px system-ui, "Segoe UI", sans-serif; display: block; }
svg text { fill: var(--ink); }
.method { fill: var(--accent); } .baseline { fill: var(--pale); } .whisker { stroke: var(--ink); fill: none; }
.grid { stroke: var(--rule); } .mark { stroke: var(--mark); stroke-dasharray: 5 3; fill: none; }
.frame { fill: none; stroke: var(--rule); } .name { text-anchor: end; }
svg .tick { fill: var(--muted); font-size: 12px; }
.middle { text-anchor: middle; } .dot { fill-opacity: .78; stroke: var(--ground); stroke-width: .8; }
.k0 { fill: var(--k0); } .k1 { fill: var(--k1); } .k2 { fill: var(--k2); } .k3 { fill: var(--k3); }
.k4 { fill: var(--k4); } .k5 { fill: var(--k5); }
.scroll { overflow-x: auto; } .note { color: var(--muted); font-size: 13px; margin: 6px 0; }
table { border-collapse: collapse; font-size: 13.5px; font-variant-numeric: tabular-nums; }
table.wide { width: 100%; }
th { text-align: right; color: var(--muted); border-bottom: 2px solid var(--rule); white-space: nowrap;
  font-weight: 600; }
th, td { padding: 5px 10px; } td { border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
th.text, td.text { text-align: left; } tr.pale td { background: var(--panel); color: var(--muted); }
table.matrix td { text-align: center; font-size: 20px; padding: 12px 26px; border: 1px solid var(--rule); }
table.matrix th { text-align: center; padding: 6px 14px; } table.matrix tbody th { text-align: right; border: 0; }
td.good { background: var(--good); } td.bad { background: var(--bad); }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 14px; }
figure { margin: 0; background: var(--panel); border: 1px solid var(--rule); border-radius: 6px; padding: 8px; }
figure img { width: 100%; height: auto; display: block; background: #000; }
figcaption { font-size: 12px; color: var(--muted); overflow-wrap: anywhere; padding-top: 6px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 3px 18px; font-size: 13.5px; margin: 6px 0; }
dt { color: var(--muted); } dd { margin: 0; overflow-wrap: anywhere; }
footer { border-top: 1px solid var(--rule); padding: 12px 5vw; font-weight: 600; }
@media print { nav { display: none; } h2 { break-after: avoid; } figure, table, svg { break-inside: avoid; } }
"""


def document_page(document: Document) -> str:
    """The page as a string, every text of the data escaped; nothing in it depends on when it was made."""
    title, subtitle = escape(document.title), escape(document.subtitle)
    links = "".join(
        f'<a href="#part{place}">{escape(part.title)}</a>' for place, part in enumerate(document.sections)
    )
    parts = []
    for place, section in enumerate(document.sections):
        parts.append(f'<h2 id="part{place}">{escape(section.title)}</h2>')
        parts += [drawn for block in section.blocks if (drawn := _block(block))]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>\n"
        f"<body><header><h1>{title}</h1><p>{subtitle}</p></header>\n<main><nav>{links}</nav>\n"
        + "\n".join(parts)
        + _facts(document.facts)
        + f"\n</main><footer>{escape(DISCLAIMER)}</footer></body></html>\n"
    )


def _block(block: Block) -> str:
    match block:
        case Paragraph(text=text, muted=muted):
            return f'<p class="note">{escape(text)}</p>' if muted else f"<p>{escape(text)}</p>"
        case DataTable():
            return _table(block)
        case BarChart():
            drawn = bar_chart(block)
            return f"<h3>{escape(block.title)}</h3>{drawn}" if drawn else ""
        case ScatterPlot():
            return f'<h3>{escape(block.title)}</h3><div class="scroll">{scatter(block)}</div>'
        case CountMatrix():
            return _matrix(block)
        case PictureGrid():
            figures = "".join(
                f'<figure><img alt="{escape(one.caption)}" width="{one.width}" height="{one.height}" '
                f'src="data:image/jpeg;base64,{b64encode(one.jpeg).decode()}">'
                f"<figcaption>{escape(one.caption)}</figcaption></figure>"
                for one in block.pictures
            )
            return f'<h3>{escape(block.title)}</h3><div class="pictures">{figures}</div>'


def _table(table: DataTable) -> str:
    lines = "".join(
        f"<tr{' class=pale' if place in table.pale else ''}>{_cells('td', row, table.texts)}</tr>"
        for place, row in enumerate(table.rows)
    )
    head = _cells("th", table.head, table.texts)
    return (
        f'<div class="scroll"><table class="wide"><thead><tr>{head}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div>"
    )


def _cells(tag: str, values: Sequence[str], texts: int) -> str:
    return "".join(
        f"<{tag}{' class=text' if place < texts else ''}>{escape(value)}</{tag}>"
        for place, value in enumerate(values)
    )


def _matrix(matrix: CountMatrix) -> str:
    def cells(row: int) -> Iterator[str]:
        for column, count in enumerate(matrix.counts[row]):
            place = (row, column)
            kind = "good" if place in matrix.good else "bad" if place in matrix.bad else ""
            yield f'<td class="{kind}">{count}</td>' if kind else f"<td>{count}</td>"

    head = "<th></th>" + "".join(f"<th>{escape(name)}</th>" for name in matrix.columns)
    body = "".join(
        f"<tr><th>{escape(name)}</th>{''.join(cells(row))}</tr>" for row, name in enumerate(matrix.rows)
    )
    return (
        f'<h3>{escape(matrix.title)}</h3><div class="scroll"><table class="matrix"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _facts(facts: Sequence[tuple[str, str]]) -> str:
    if not facts:
        return ""
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    return f"<h2>Every parameter</h2><dl>{listed}</dl>"
