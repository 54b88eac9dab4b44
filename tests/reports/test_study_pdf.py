from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

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
from cxr_desktop.domain.errors import ExportError
from cxr_desktop.reports.pdf.study import save_study_pdf, write_study_pdf
from cxr_desktop.reports.pdf.study_tables import parts_that_fit

NAN = float("nan")


def jpeg(red: int) -> bytes:
    stream = BytesIO()
    Image.new("RGB", (40, 30), (red, 30, 30)).save(stream, "JPEG")
    return stream.getvalue()


def document() -> Document:
    wide = DataTable(
        ("Method", "Boxes", *(f"acc@0.{n}" for n in range(1, 8)), "Pointing"),
        tuple((f"method_{n}", "984", *["0.25"] * 7, "0.43 (0.28 to 0.56)") for n in range(60)),
        1,
        frozenset({2}),
    )
    blocks = (
        Paragraph("<b>not bold</b> & plain"),
        Paragraph("a remark", muted=True),
        wide,
        BarChart("Mean IoU", (Bar("rap", 0.5, 0.4, 0.6, detail="few"), Bar("none", NAN, NAN, NAN)), 0.3),
        ScatterPlot(
            "Scatter", "probability", "overlap", ("good", "bad"), (Mark(0.2, 0.9, 1, "a"),), 0.35, 0.25
        ),
        CountMatrix(
            "Matrix",
            ("right",),
            ("there", "elsewhere"),
            ((17, 23),),
            frozenset({(0, 0)}),
            frozenset({(0, 1)}),
        ),
        PictureGrid("Pictures", tuple(Picture(f"image {n}", jpeg(40 * n), 40, 30) for n in range(6))),
    )
    return Document(
        "Title", "of 104 radiographs", (Section("One", blocks), Section("Two", ())), (("seed", "7"),)
    )


def test_equal_documents_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf"):
        write_study_pdf(document(), tmp_path / name)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_all_of_the_document_is_on_the_pages(tmp_path: Path) -> None:
    write_study_pdf(document(), tmp_path / "a.pdf")
    reader = PdfReader(tmp_path / "a.pdf")
    text = "\n".join(page.extract_text() for page in reader.pages)
    for words in ("<b>not bold</b> & plain", "a remark", "method_59", "0.50 (0.40 to 0.60), few", "bad: 1", "17", "23",
                  "image 5", "Every parameter", "seed"):  # fmt: skip
        assert words in text
    assert "none" not in text
    assert [entry.title for entry in reader.outline] == ["One", "Two", "Every parameter"]
    assert all("Not for diagnostic use" in page.extract_text() for page in reader.pages)
    assert sum(len(page.images) for page in reader.pages) == 6


def test_no_word_of_a_wide_table_is_broken(tmp_path: Path) -> None:
    write_study_pdf(document(), tmp_path / "a.pdf")
    text = PdfReader(tmp_path / "a.pdf").pages[0].extract_text()
    for word in ("Boxes", "acc@0.7", "Pointing", "method_0"):
        assert word in text


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"study\.pdf"):
        save_study_pdf(document(), tmp_path / "missing" / "study.pdf")


def test_a_table_wider_than_the_page_goes_on_below(tmp_path: Path) -> None:
    interval = "0.64 (0.53 to 0.76)"
    head = ("Method", "Boxes", "Mean IoU", *(f"acc@0.{n}" for n in range(1, 8)), "Pointing", "AUPRC", "Bound")
    row = ("epsilon_plus_flat", "1033", interval, *["0.85"] * 7, interval, "0.5912", "0.7531")
    table = DataTable((*head, "Last"), ((*row, interval),), 1, frozenset({0}))
    write_study_pdf(Document("Title", "", (Section("One", (table,)),), ()), tmp_path / "a.pdf")
    page = PdfReader(tmp_path / "a.pdf").pages[0]
    ends: dict[str, float] = {}

    def place(text: str, _cm: list[float], tm: list[float], _font: object, size: float) -> None:
        ends[text.strip()] = tm[4] + 0.3 * size * len(text.strip())

    page.extract_text(visitor_text=place)
    for words in ("epsilon_plus_flat", "acc@0.7", "Bound", "0.7531", "Last"):
        assert any(words in text for text in ends), words
    assert max(ends.values()) < float(page.mediabox.width)
    parts = parts_that_fit(table)
    assert len(parts) > 1
    assert [name for part in parts for name in part.head[1:]] == list(table.head[1:])
    assert all(part.head[0] == "Method" and part.pale == table.pale for part in parts)
    assert parts_that_fit(parts[0]) == (parts[0],)


@pytest.mark.parametrize("rows", range(20, 60, 2))
def test_a_heading_stays_with_its_chart(tmp_path: Path, rows: int) -> None:
    above = DataTable(("Method", "Boxes"), tuple((f"m{n}", "1") for n in range(rows)), 1, frozenset())
    bars = tuple(Bar(f"bar {n}", 0.5, 0.4, 0.6) for n in range(14))
    chart = BarChart("Mean IoU", bars, 0.3)
    sections = (Section("One", (above,)), Section("A heading", (Paragraph("a remark"), chart)))
    write_study_pdf(Document("Title", "", sections, ()), tmp_path / "a.pdf")
    pages = [page.extract_text() for page in PdfReader(tmp_path / "a.pdf").pages]
    assert [("A heading" in page) for page in pages] == [("bar 0" in page) for page in pages]
