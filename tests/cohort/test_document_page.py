from html.parser import HTMLParser

import pytest

from cxr_desktop.cohort.document_page import document_page
from cxr_desktop.cohort.drawings import bar_chart, scatter
from cxr_desktop.domain.document import (
    Bar,
    BarChart,
    CountMatrix,
    DataTable,
    Document,
    Mark,
    Paragraph,
    Picture,
    PictureGrid,
    ScatterPlot,
    Section,
)

NAN = float("nan")
BARS = BarChart("mean <IoU>", (Bar("<rap>", 0.5, 0.4, 0.6), Bar("none", NAN, NAN, NAN)), 0.25)
SCATTER = ScatterPlot(
    "s", "x", "y", ("good & right", "bad"), (Mark(0.5, 1.0, 0, "<a>.png"), Mark(0.0, 0.0, 1, "b")), 0.3
)
DOCUMENT = Document(
    "Title <b>",
    "of & all",
    (
        Section(
            "One",
            (
                Paragraph("<script>alert(1)</script>"),
                DataTable(("a", "b"), (("<i>", "1"), ("x", "2")), 1, frozenset({1})),
                BARS,
                SCATTER,
                CountMatrix("m", ("r",), ("c", "d"), ((3, 4),), frozenset({(0, 0)}), frozenset({(0, 1)})),
                PictureGrid("p", (Picture("c <1>", b"\xff\xd8", 20, 10),)),
            ),
        ),
        Section("Two", ()),
    ),
    (("seed", "<7>"),),
)


class Balance(HTMLParser):
    """Counts open elements and gathers what a page asks of others."""

    void = frozenset({"meta", "img", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.void and tag not in ("line", "rect", "path"):
            self.open.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "xlink:href") and not (value or "").startswith(("data:", "#")):
                self.outside.append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_page_is_whole_and_asks_nothing_of_the_network() -> None:
    page = document_page(DOCUMENT)
    parser = Balance()
    parser.feed(page)
    assert parser.open == []
    assert parser.outside == []
    assert "url(" not in page
    assert page == document_page(DOCUMENT)


@pytest.mark.parametrize("raw", ["<script>", "<rap>", "<a>.png", "<7>", "Title <b>", "<i>1"])
def test_page_escapes_what_the_data_say(raw: str) -> None:
    assert raw not in document_page(DOCUMENT)


def test_page_serves_light_and_dark() -> None:
    assert "prefers-color-scheme: dark" in document_page(DOCUMENT)


def test_bars_keep_to_the_scale_and_escape_names() -> None:
    chart = bar_chart(BARS)
    assert "&lt;rap&gt;" in chart
    assert "none" not in chart
    assert 'width="210.0"' in chart
    assert "0.50 (0.40 to 0.60)" in chart
    assert bar_chart(BarChart("mean", ())) == ""


def test_points_lie_on_their_values_and_are_counted() -> None:
    drawn = scatter(SCATTER)
    assert 'class="dot k0" cx="262.0" cy="10.0"' in drawn
    assert 'class="dot k1" cx="52.0" cy="430.0"' in drawn
    assert "good &amp; right: 1" in drawn
