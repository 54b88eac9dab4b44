"""A file inside the PDF, for whoever has nothing else."""

from __future__ import annotations

import re

from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFStream, PDFString
from reportlab.pdfgen.canvas import Canvas

_MARK, _BEGIN = b"/Type /EmbeddedFile", b"stream\n"
_LENGTH = re.compile(rb"/Length (\d+)")


def attach(canvas: Canvas, name: str, content: bytes, description: str) -> None:
    """Embed a JSON file that a PDF program lists among the attachments (ISO 32000-1, 7.11.4).

    Kept uncompressed, so that it can be read without a PDF library. One a document.
    """
    document = canvas._doc
    stream = PDFStream(
        PDFDictionary(
            {
                "Type": PDFName("EmbeddedFile"),
                "Params": PDFDictionary({"Size": len(content)}),
            }
        ),
        content,
        filters=[],
    )
    reference = document.Reference(stream)
    specification = PDFDictionary(
        {
            "Type": PDFName("Filespec"),
            "F": PDFString(name),
            "UF": PDFString(name),
            "Desc": PDFString(description),
            "EF": PDFDictionary({"F": reference, "UF": reference}),
        }
    )
    tree = PDFDictionary({"Names": PDFArray([PDFString(name), document.Reference(specification)])})
    document.Catalog.Names = PDFDictionary({"EmbeddedFiles": tree})


def attached(pdf: bytes) -> bytes | None:
    """The file that `attach` embedded, None where there is none or another program rewrote the PDF."""
    mark = pdf.find(_MARK)
    begin = pdf.find(_BEGIN, mark) + len(_BEGIN)
    length = _LENGTH.search(pdf, pdf.rfind(b" obj", 0, mark), begin) if mark >= 0 else None
    return pdf[begin : begin + int(length.group(1))] if length else None
