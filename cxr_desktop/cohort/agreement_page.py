"""An agreement as one small HTML page that needs nothing beside it, in light or dark as its reader's system is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import chain

from cxr_desktop.cohort.agreement import ALL, LIMITS, Agreement
from cxr_desktop.cohort.agreement_tables import Sizes
from cxr_desktop.domain import DISCLAIMER, Box
from cxr_desktop.localization.agreement import RESAMPLES, Estimate, matched_iou

MOST_PICTURES = 24
_COLOURS = ("#0e7490", "#c2410c", "#7c3aed", "#15803d", "#be185d", "#a16207")
_DARK_COLOURS = ("#56b4e9", "#f59e5b", "#b79bff", "#5fd08a", "#f58ac0", "#e8cf5a")

_STYLE = """
:root { color-scheme: light dark; --ink: #161d26; --muted: #5f6b7a; --rule: #d5dbe2; --ground: #fff;
  --panel: #f3f5f8; --accent: #0e7490; %s }
@media (prefers-color-scheme: dark) { :root { --ink: #dfe5ec; --muted: #93a0b0; --rule: #2c3643;
  --ground: #0f141a; --panel: #171e27; --accent: #56b4e9; %s } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 24px 4vw 40px; font: 15px/1.5 system-ui, "Segoe UI", sans-serif;
  color: var(--ink); background: var(--ground); }
h1 { font-size: 24px; margin: 0; border-left: 5px solid var(--accent); padding-left: 12px; }
h2 { font-size: 18px; margin: 32px 0 8px; } p.lead { color: var(--muted); margin: 6px 0 0; }
.scroll { overflow-x: auto; } .note { color: var(--muted); font-size: 13px; }
table { border-collapse: collapse; width: 100%%; font-size: 13.5px; font-variant-numeric: tabular-nums; }
th { color: var(--muted); border-bottom: 2px solid var(--rule); font-weight: 600; vertical-align: bottom; }
th, td { padding: 5px 10px; text-align: right; white-space: nowrap; } td { border-bottom: 1px solid var(--rule); }
th.text, td.text { text-align: left; } td small { color: var(--muted); }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(170px, 1fr)); gap: 14px; }
figure { margin: 0; background: var(--panel); border: 1px solid var(--rule); border-radius: 6px; padding: 8px; }
figure svg { width: 100%%; display: block; } figcaption { font-size: 12px; color: var(--muted);
  overflow-wrap: anywhere; } .frame { fill: none; stroke: var(--rule); }
.box { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; }
.consensus { fill: none; stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 4 3;
  vector-effect: non-scaling-stroke; }
.key { display: inline-block; width: 12px; height: 12px; border: 2px solid; margin-right: 6px; }
.key.fused { border: 1.5px dashed var(--ink); } .legend span { margin-right: 18px; white-space: nowrap; }
footer { margin-top: 36px; border-top: 1px solid var(--rule); padding-top: 10px; font-weight: 600; }
"""


def agreement_page(agreement: Agreement, sizes: Sizes) -> str:
    """The page as a string; every text of the data escaped, nothing depends on when it was made."""
    study = agreement.study
    lead = f"{len(study.readers)} readers, {len(agreement.consensus)} images read by two or more of them"
    variables = [
        "".join(f"--r{place}: {colour}; " for place, colour in enumerate(colours))
        for colours in (_COLOURS, _DARK_COLOURS)
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Agreement of readers</title><style>{_STYLE % tuple(variables)}</style></head>\n<body>"
        f'<h1>Do the readers agree?</h1><p class="lead">{escape(lead)}</p>\n'
        + "\n".join(
            chain(_pairs(agreement), _groups(agreement), _frocs(agreement), _pictures(agreement, sizes))
        )
        + f"\n<h2>How this was measured</h2>{''.join(f'<p>{escape(text)}</p>' for text in _protocol(agreement))}"
        + f"\n<footer>{escape(DISCLAIMER)}</footer></body></html>\n"
    )


def _pairs(agreement: Agreement) -> Iterator[str]:
    yield "<h2>Reader against reader</h2>"
    head = ("Label", "Readers", "Images", "Both", "One only", "Boxes", "Kappa", "Matched IoU")
    body = [
        (
            *(_label(row.label), f"{row.a} – {row.b}", str(row.images), str(row.both)),
            *(f"{row.only_a} / {row.only_b}", f"{row.boxes_a} / {row.boxes_b}"),
            *(_interval(row.kappa), _interval(row.iou), _interval(row.found.f1)),
            *(_number(row.f1[at]) for at in LIMITS),
        )
        for row in agreement.pairs
    ]
    yield _table((*head, f"F1 at IoU {agreement.limit:g}", *(f"F1@{at:g}" for at in LIMITS)), body, 2)


def _groups(agreement: Agreement) -> Iterator[str]:
    yield "<h2>All readers together</h2>"
    body = [
        (
            *(_label(row.label), f"{row.images} ({row.pairable})", _interval(row.fleiss)),
            *(_interval(row.alpha), _interval(row.alpha_count)),
        )
        for row in agreement.groups
    ]
    head = ("Label", "Images", "Fleiss’ kappa", "Krippendorff’s alpha", "Alpha of the count")
    yield _table(head, body, 1)
    yield (
        '<p class="note">Images: read by all (by two or more). Kappa and alpha are not defined where all readings '
        "are alike, as when every image compared carries a box of every reader; give --index with the images that "
        "all have read, those without a box among them.</p>"
    )


def _frocs(agreement: Agreement) -> Iterator[str]:
    if agreement.frocs:
        yield "<h2>Sensitivity at false boxes per image (FROC)</h2>"
        rates = agreement.frocs[0].curve.rates
        body = [
            (
                *(_label(row.label), f"{row.found} against {row.reference}"),
                *(_number(value) for value in row.curve.sensitivity),
                _interval(row.curve.mean),
            )
            for row in agreement.frocs
        ]
        yield _table(("Label", "Boxes", *(f"{rate:g}" for rate in rates), "Mean"), body, 2)


def _pictures(agreement: Agreement, sizes: Sizes) -> Iterator[str]:
    """Outlines image by image, the least alike first."""
    study = agreement.study
    images = sorted(agreement.consensus, key=lambda image: (_likeness(agreement, image), image))
    if not images:
        return
    shown = images[:MOST_PICTURES]
    some = (
        f" The {len(shown)} of {len(images)} images that overlap least." if len(shown) < len(images) else ""
    )
    yield f'<h2>Image by image</h2><p class="note">Mean IoU of matched boxes; least alike first.{some}</p>'
    keys = "".join(
        f'<span><i class="key" style="border-color: {_colour(place)}"></i>{escape(reader)}</span>'
        for place, reader in enumerate(study.readers)
    )
    yield f'<p class="legend">{keys}<span><i class="key fused"></i>consensus</span></p><div class="grid">'
    yield from (_picture(agreement, image, sizes) for image in shown)
    yield "</div>"


def _picture(agreement: Agreement, image: str, sizes: Sizes) -> str:
    study = agreement.study
    fused = [one.box for one in agreement.consensus[image]]
    columns, rows = sizes.get(image) or _extent([*fused, *chain(*study.boxes[image].values())])
    shapes = [f'<rect class="frame" width="{columns:g}" height="{rows:g}"/>']
    for place, reader in enumerate(study.readers):
        style = f'class="box" style="stroke: {_colour(place)}"'
        shapes += [_rect(box, style) for box in study.of(image, reader)]
    shapes += [_rect(box, 'class="consensus"') for box in fused]
    likeness = _likeness(agreement, image)
    caption = f"{image} · {likeness:.2f}" if likeness >= 0 else f"{image} · no pair"
    return (
        f'<figure><svg role="img" viewBox="0 0 {columns:g} {rows:g}"><title>{escape(caption)}</title>'
        + "".join(shapes)
        + f"</svg><figcaption>{escape(caption)}</figcaption></figure>"
    )


def _likeness(agreement: Agreement, image: str) -> float:
    """Mean IoU of the pairs of boxes between any two readers of the image; -1 where nothing pairs."""
    drawn = list(agreement.study.boxes[image].values())
    pairs = [(a, b) for place, a in enumerate(drawn) for b in drawn[place + 1 :]]
    mean = matched_iou([a for a, _ in pairs], [b for _, b in pairs])
    return mean.value if mean.defined else -1.0


def _extent(boxes: Sequence[Box]) -> tuple[float, float]:
    """A frame that holds the boxes, where the image's size is not known."""
    return max((box.right for box in boxes), default=1) * 1.05, max(
        (box.bottom for box in boxes), default=1
    ) * 1.05


def _rect(box: Box, attributes: str) -> str:
    return f'<rect {attributes} x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}"/>'


def _colour(place: int) -> str:
    return f"var(--r{place % len(_COLOURS)})"


def _protocol(agreement: Agreement) -> Iterator[str]:
    yield (
        "Boxes are paired one to one so that the sum of their IoU is highest (Hungarian method). Matched IoU is the "
        "mean over pairs that overlap at all; F1 counts boxes without a partner as errors, a pair only from the IoU "
        "named. Kappa and alpha ask whether a reader drew a box of the label on an image, alpha of the count how many."
    )
    yield (
        f"Consensus: weighted box fusion (Solovyev et al. 2021) at IoU {agreement.limit:g}; a box's score is the share "
        f"of readers behind it. Intervals: 95 %, percentile bootstrap, {RESAMPLES} resamples of whole images."
    )
    yield from agreement.notes


def _table(head: Sequence[str], body: Sequence[Sequence[str]], texts: int) -> str:
    """texts: how many columns from the left hold words. Cells are text; an interval in them becomes small print."""

    def cell(tag: str, place: int, value: str) -> str:
        kind = ' class="text"' if place < texts else ""
        number, bracket, rest = value.partition(" (") if place >= texts else (value, "", "")
        small = f" <small>({escape(rest)}</small>" if bracket else ""
        return f"<{tag}{kind}>{escape(number)}{small}</{tag}>"

    def line(tag: str, cells: Sequence[str]) -> str:
        return f"<tr>{''.join(cell(tag, place, value) for place, value in enumerate(cells))}</tr>"

    rows = "".join(line("td", cells) for cells in body)
    return f'<div class="scroll"><table><thead>{line("th", head)}</thead><tbody>{rows}</tbody></table></div>'


def _label(label: str) -> str:
    return "All labels" if label == ALL else label


def _number(estimate: Estimate) -> str:
    return f"{estimate.value:.2f}" if estimate.defined else "–"


def _interval(estimate: Estimate) -> str:
    if not estimate.defined:
        return "–"
    if estimate.low != estimate.low:
        return f"{estimate.value:.2f}"
    return f"{estimate.value:.2f} ({estimate.low:.2f} to {estimate.high:.2f})"
