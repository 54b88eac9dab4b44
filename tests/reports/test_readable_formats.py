"""HTML, plain text and the words they share."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxr_desktop.domain import Box, Threshold
from cxr_desktop.reports import export, wording
from cxr_desktop.reports.fonts import MISSING, is_transliterated, printable
from cxr_desktop.reports.people import people_boxes


class Checker(HTMLParser):
    """Collects text, and tags that are not closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.text, self.links = [], [], []

    def handle_starttag(self, tag, attrs):
        self.links += [value for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_html_is_well_formed_whole_and_escaped(make_analysis, tmp_path):
    header = {"patient_name": "<script>alert(1)</script>"}
    (path,) = export(make_analysis(header=header), ["html"], tmp_path)
    checker = Checker()
    checker.feed(path.read_text("utf-8"))
    told = " ".join(checker.text)
    assert checker.open == []
    assert "<script>alert(1)</script>" in told
    assert "script" not in checker.open
    for fact in ("ab12" * 16, "0.731", "0.420", "residual = magnitude, steps = 33", "Not for diagnostic use"):
        assert fact in told
    assert [link[:23] for link in checker.links] == ["data:image/jpeg;base64,"]


def test_text_has_every_number(make_analysis, tmp_path, refusal):
    (path,) = export(make_analysis(concerns=(refusal,)), ["txt"], tmp_path)
    told = path.read_text("utf-8")
    for fact in ("Doe, Jane", "0.731", "0.410", "ab12" * 16, "Not for diagnostic use", refusal.sentence):
        assert fact in told
    best = [line for line in told.splitlines() if line.endswith("*")]
    assert len(best) == 1
    assert best[0].startswith(wording.method_title("rap"))


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("Doe^Jane^Q^Dr", "Doe, Jane Q Dr"),
        ("Doe", "Doe"),
        ("=山田^太郎", "山田, 太郎"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada, Tarou"),
        ("^^^", ""),
        ("", ""),
    ],
)
def test_person_names(given_name, shown):
    assert wording.person_name(given_name) == shown


def test_dates_ages_and_thresholds():
    assert wording.date("20240131") == "2024-01-31"
    assert wording.date("2024.01") == "2024.01"
    assert wording.sex_and_age("M", "003W") == "male, 3 weeks"
    assert wording.sex_and_age("", "") == ""
    assert wording.moment("yesterday") == "yesterday"
    assert wording.threshold_words(Threshold.parse("relative:0.5")) == "50 % of maximum"
    assert wording.threshold_words(Threshold.parse("otsu")) == "Otsu's threshold"
    assert wording.small_share(1e-9) == "< 0.01 %"
    assert wording.small_share(float("nan")) == "–"


@pytest.mark.parametrize(
    ("score", "sentence"),
    [
        (0.10, "lies below the lowest operating point ‘screening’ (0.220; sensitivity 0.95"),
        (0.22, "lies at or above the operating point ‘screening’"),
        (0.90, "lies at or above the highest operating point ‘balanced’ (0.480; sensitivity 0.83"),
    ],
)
def test_verdict(make_analysis, score, sentence):
    assert sentence in wording.verdict(make_analysis(scores={"Lung Opacity": score}), "Lung Opacity")


def test_boxes_of_one_maker_are_numbered(make_analysis):
    boxes = tuple(Box(n, n, 5, 5, "x", None, source) for n, source in enumerate(("NIH", "RSNA", "NIH", "")))
    names = [one.name for one in people_boxes(make_analysis(references=boxes))]
    assert names == ["NIH 1", "RSNA", "NIH 2", "Reference"]


def test_the_best_per_reference_alone_is_marked(make_analysis):
    boxes = (Box(0, 0, 9, 9, "x", None, "NIH"), Box(20, 20, 9, 9, "x", None, "NIH"))
    analysis = make_analysis(references=boxes, methods=("a", "b"))
    assert wording.best_per_reference(analysis) == {2, 3}
    assert wording.best_per_reference(make_analysis(boxes=0)) == frozenset()


@given(st.text())
def test_printable_text_has_only_glyphs_of_the_font(content):
    from cxr_desktop.reports.fonts import _characters

    assert {ord(character) for character in printable(content)} <= _characters()


def test_printable_keeps_what_it_can():
    assert printable("Ḿünch\ten, 50 × 40 ≤ µ") == "Münch en, 50 × 40 ≤ µ"
    assert printable("Иванов 山田") == "Ivanov ShanTian"
    assert printable("\ue000") == MISSING


def test_other_scripts_are_told_apart_from_accents():
    assert is_transliterated("Διονυσιος")
    assert not is_transliterated("Łukasiewicz, José, Ḿünch, 50 × 40 ≤ µ")
