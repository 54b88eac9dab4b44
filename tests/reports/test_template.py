"""An institution's template: its face on every readable format, and what is wrong with a bad one."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from cxr_desktop.reports import export
from cxr_desktop.reports.template import TemplateError, kept_template, read_template

WHOLE = """
institution = "Spital Züri"
department = "Radiology"
address = "Gasse 1"
logo = "logo.png"
page = "letter"
[sections]
comparison = false
appendix = false
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    Image.new("RGBA", (300, 120), (14, 116, 144, 255)).save(tmp_path / "logo.png")
    path = tmp_path / "report.toml"
    path.write_text(WHOLE, encoding="utf-8")
    return path


def test_the_institution_is_on_every_readable_format(make_analysis, tmp_path, template) -> None:
    chosen = read_template(template)
    pdf, html, text = export(make_analysis(), ["pdf", "html", "txt"], tmp_path / "out", template=chosen)
    reader = PdfReader(pdf)
    pages = " ".join(page.extract_text() for page in reader.pages)
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in reader.pages} == {
        (612, 792)
    }
    told = (pages, html.read_text("utf-8"), text.read_text("utf-8"))
    for one in told:
        assert "Spital Züri" in one
        assert "Radiology, Gasse 1" in one
        assert "Comparison with reference boxes" not in one
        assert "Methods and parameters" not in one
        assert "Findings of readers" in one
        assert "Not for diagnostic use" in one
        assert "Provenance" in one
    assert "data:image/png;base64," in told[1]
    plain = PdfReader(export(make_analysis(), ["pdf"], tmp_path / "plain")[0])
    assert len(reader.pages[0].images) == len(plain.pages[0].images) + 1


def test_equal_templates_give_equal_bytes(make_analysis, tmp_path, template) -> None:
    first, second = (
        export(make_analysis(), ["pdf"], tmp_path / name, template=read_template(template))[0].read_bytes()
        for name in "ab"
    )
    assert first == second


def test_one_kept_in_the_data_folder_is_found(tmp_path, template) -> None:
    assert kept_template(tmp_path).institution == "Spital Züri"
    assert kept_template(tmp_path / "elsewhere") is None
    assert kept_template(None) is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('instituton = "x"', "instituton: it is not known here; known: institution"),
        ("institution = 3", "institution: 3 is no text"),
        ('page = "A0"', "page: 'A0' is not known; write one of A4, letter"),
        ('logo = "missing.png"', "missing.png cannot be read"),
        ('logo = "report.toml"', "cannot be read as PNG or JPEG"),
        ("[sections]\ntrust = 0", "trust: 0 is no switch"),
        ("[sections]\nlimits = false", "limits: it is not known here"),
        ("sections = 1", r"sections: write a table \[sections\]"),
        ("institution =", "no valid TOML"),
    ],
)
def test_a_bad_template_is_said(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "report.toml"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(TemplateError, match=said) as refused:
        read_template(path)
    assert str(path) in str(refused.value)


def test_a_template_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="cannot be read"):
        read_template(tmp_path / "none.toml")
