"""Figures of trust in every readable format, and words that follow the figures."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest

from cxr_desktop.domain.trust import (
    Agreement,
    Faithfulness,
    MapTrust,
    Randomisation,
    SmallChange,
    Stability,
    ThresholdSweep,
    Trust,
)
from cxr_desktop.reports import export
from cxr_desktop.reports.trust_plots import plots_of, ticks
from cxr_desktop.reports.trust_svg import plot_svg
from cxr_desktop.reports.trust_table import agreement_table
from cxr_desktop.reports.trust_words import (
    agreement_words,
    faithfulness_words,
    randomisation_words,
    sentences,
    stability_words,
    sweep_words,
)

SHARES = (0.0, 0.5, 1.0)
FOLLOWS = Faithfulness(SHARES, (3.0, 0.0, -1.0), (-1.0, 3.0, 3.0), (3.0, 2.0, -1.0), (-1.0, 0.0, 3.0))
WHOLE = MapTrust(
    "rap",
    "Lung Opacity",
    2e-6,
    Randomisation(("head", "conv"), (0.4, 0.1), (0.5, 0.2)),
    FOLLOWS,
    Stability((SmallChange("noise", 0.9, (0.4,)), SmallChange("shift", 0.8, (0.55,))), (0.5,)),
    ThresholdSweep((50.0, 90.0, 99.0), (0.1, 0.6, 0.2)),
)
TRUST = Trust(
    (WHOLE, MapTrust("gradcam", "Lung Opacity", problems=("Stability: no room",))),
    Agreement(("rap", "gradcam"), ((1.0, 0.25), (0.25, 1.0)), ((1.0, 0.5), (0.5, 1.0))),
)


def test_gains_are_areas_between_the_curves() -> None:
    assert FOLLOWS.deletion_gain == pytest.approx((3 + 2 - 1) / 3 - (3 + 0 - 1) / 3)
    assert FOLLOWS.insertion_gain == pytest.approx(1.0)
    assert WHOLE.stability is not None
    assert (WHOLE.stability.lowest, WHOLE.stability.spread) == (0.8, pytest.approx(0.1))
    assert WHOLE.sweep is not None
    assert WHOLE.sweep.best == (90.0, 0.6)
    assert TRUST.agreement is not None
    assert TRUST.agreement.mean == 0.25


def test_words_turn_with_the_figures() -> None:
    layers = ("head", "conv")
    assert "do not rely on it" in randomisation_words(Randomisation(layers, (0.9, 0.8), (1.0, 1.0)))
    assert "a part of its shape" in randomisation_words(Randomisation(layers, (0.9, 0.5), (1.0, 1.0)))
    assert "follows what was learnt" in randomisation_words(Randomisation(layers, (0.9, -0.1), (1.0, 1.0)))
    assert "score follows the map:" in faithfulness_words(FOLLOWS)
    against = replace(FOLLOWS, deletion=FOLLOWS.random_deletion, insertion=FOLLOWS.random_insertion)
    assert "does not follow" in faithfulness_words(against)
    mixed = replace(FOLLOWS, insertion=(-1.0, -1.0, -1.0))
    assert "in one test and not in the other" in faithfulness_words(mixed)
    assert "map stays" in stability_words(Stability((SmallChange("noise", 0.71),)))
    assert "map moves" in stability_words(Stability((SmallChange("noise", 0.69),)))
    assert "No threshold" in sweep_words(ThresholdSweep((50.0,), (0.0,)))
    assert "from 90 to 90" in sweep_words(WHOLE.sweep)
    assert "Fewer than two maps" in agreement_words(Agreement(("rap",), ((1.0,),), ((1.0,),)))


def test_every_readable_format_carries_the_figures(make_analysis, tmp_path: Path) -> None:
    analysis = replace(make_analysis(), trust=TRUST)
    export(analysis, ("pdf", "html", "txt", "json"), tmp_path, "case")
    pages = " ".join(page.extract_text() for page in pypdf.PdfReader(tmp_path / "case.pdf").pages)
    html, plain = ((tmp_path / f"case.{kind}").read_text("utf-8") for kind in ("html", "txt"))
    for text in (pages, html, plain):
        flat = " ".join(text.split())
        assert "How far the maps can be trusted" in flat
        assert "Stability: no room" in flat
        for _, told in sentences(WHOLE):
            assert " ".join(told.split())[:60] in flat.replace("&lt;", "<").replace("&#x27;", "'")
    assert html.count("<svg") == len(plots_of(WHOLE)) == 4
    document = json.loads((tmp_path / "case.json").read_text("utf-8"))["trust"]
    assert document["maps"][0]["randomisation"]["rank_correlation"] == [0.4, 0.1]
    assert document["agreement"]["rank_correlation"][0][1] == 0.25


def test_a_report_without_figures_says_nothing_of_them(make_analysis, tmp_path: Path) -> None:
    export(make_analysis(), ("html", "txt", "json"), tmp_path, "case")
    for kind in ("html", "txt", "json"):
        text = (tmp_path / f"case.{kind}").read_text("utf-8")
        assert "trusted" not in text
        assert '"trust"' not in text


def test_equal_cases_give_equal_pages(make_analysis, tmp_path: Path) -> None:
    analysis = replace(make_analysis(), trust=TRUST)
    for name in ("one", "two"):
        export(analysis, ("pdf",), tmp_path / name, "case")
    assert (tmp_path / "one" / "case.pdf").read_bytes() == (tmp_path / "two" / "case.pdf").read_bytes()


def test_plots_hold_their_curves() -> None:
    deletion = plots_of(WHOLE)[1]
    assert deletion.y_range == (-1.0, 3.0)
    assert deletion.lines[0].points == ((0.0, 3.0), (0.5, 0.0), (1.0, -1.0))
    assert [line.baseline for line in deletion.lines] == [False, True]
    assert "<polyline" in plot_svg(deletion)
    assert agreement_table(TRUST).rows[0][2] == "0.25 / 0.50"


@pytest.mark.parametrize(("low", "high"), [(0, 1), (50, 99.5), (-4.1, 3.9), (0, 0.003), (-2e4, 5e5)])
def test_ticks_are_round_and_inside(low: float, high: float) -> None:
    found = ticks(low, high)
    assert all(low <= tick <= high for tick in found)
    assert 2 <= len(found) <= 7
    assert found[-1] - found[0] >= 0.5 * (high - low)
    assert ticks(2, 2) == (2,)
