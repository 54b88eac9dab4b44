"""The fonts of exported pages: Bitstream Vera, which reportlab brings along under a free licence."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from cxr_desktop.domain.errors import ExportError

MISSING = "?"
_FILES = {"regular": "Vera.ttf", "bold": "VeraBd.ttf", "italic": "VeraIt.ttf"}


def font_path(weight: str = "regular") -> Path:
    """File of the regular, bold or italic face. Raises ExportError where the installation lacks it."""
    spec = find_spec("reportlab")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "fonts" / _FILES[weight]
        if path.exists():
            return path
    raise ExportError(f"the font {_FILES[weight]} of reportlab is missing; reinstall CXR Desktop")


def printable(text: str) -> str:
    """The text with what the font lacks replaced: an accented letter by the bare one, those of other scripts
    by Latin ones that sound alike, the rest by MISSING."""
    known = _characters()
    shown = []
    for character in unicodedata.normalize("NFC", text):
        if ord(character) in known:
            shown.append(character)
        elif character.isspace():
            shown.append(" ")
        elif unicodedata.category(character) not in ("Cc", "Cf", "Mn"):
            shown.append(_bare(character) or _latin(character) or MISSING)
    return "".join(shown)


def is_transliterated(text: str) -> bool:
    """Whether `printable` writes letters of another script in Latin ones, which a reader must be told."""
    known = _characters()
    others = (c for c in unicodedata.normalize("NFC", text) if c.isalpha() and ord(c) not in known)
    return any(not _bare(character) for character in others)


def _bare(character: str) -> str:
    """The character without its marks, as far as the font has it."""
    return "".join(c for c in unicodedata.normalize("NFKD", character) if ord(c) in _characters())


def _latin(character: str) -> str:
    from anyascii import anyascii

    return "".join(c for c in anyascii(character) if ord(c) in _characters())


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    from reportlab.pdfbase.ttfonts import TTFontFile

    return frozenset(
        code for code in TTFontFile(str(font_path())).charToGlyph if code >= 32 and code != 0xFFFF
    )
