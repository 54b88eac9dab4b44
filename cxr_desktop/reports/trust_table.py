"""The figures of trust as tables of plain text, and as JSON's own types."""

from __future__ import annotations

from dataclasses import asdict

from cxr_desktop.domain import Analysis
from cxr_desktop.domain.trust import Trust
from cxr_desktop.reports.tabulated import Tabulated
from cxr_desktop.reports.trust_words import LIMITS, agreement_words, sentences
from cxr_desktop.reports.wording import method_title, number


def trust_table(analysis: Analysis) -> Tabulated:
    """What was measured of each map, a row a question."""
    rows = tuple(
        (method_title(trust.method), asked, told)
        for trust in analysis.trust.maps
        for asked, told in sentences(trust)
    )
    return Tabulated("How far the maps can be trusted", ("Method", "Asked", "Found"), rows, note=LIMITS)


def agreement_table(trust: Trust) -> Tabulated:
    """Rank correlation of each pair of maps, with the overlap of their strongest tenths."""
    found = trust.agreement
    if found is None or len(found.methods) < 2:
        return Tabulated("Agreement of the methods", (), ())
    titles = tuple(method_title(method) for method in found.methods)
    rows = tuple(
        (
            title,
            *("" if j == i else f"{number(rho)} / {number(share)}" for j, (rho, share) in enumerate(pairs)),
        )
        for i, (title, pairs) in enumerate(
            zip(titles, map(zip, found.rank_correlation, found.overlap), strict=True)
        )
    )
    note = f"{agreement_words(found)} Each cell: rank correlation / IoU of the strongest tenths of the image."
    return Tabulated("Agreement of the methods", ("", *titles), rows, note=note)


def trust_document(trust: Trust) -> dict[str, object]:
    """For the JSON document: every figure and curve, with the sentences that reports print."""
    return {
        "maps": [
            {
                **asdict(one),
                "sentences": [{"asked": asked, "found": told} for asked, told in sentences(one)],
            }
            for one in trust.maps
        ],
        "agreement": None if trust.agreement is None else asdict(trust.agreement),
        "limits": LIMITS,
    }
