"""An institution's own face of the readable reports, in a small TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from cxr_desktop.domain.errors import CxrError
from cxr_desktop.reports.exporter import Exporter

KEPT_NAME = "report.toml"
"""A template of this name in the data folder is used where no other is named."""

PAGES = {"A4": (595.2756, 841.8898), "letter": (612.0, 792.0)}
"""Width and height in points."""

SECTIONS = ("maps", "findings", "readings", "comparison", "boxes", "trust", "appendix")
"""What may be left out. Identity, key images, scores, limits, provenance and the disclaimer always stay."""

_TEXTS = ("institution", "department", "address")
_LARGEST_LOGO = 4 * 2**20
_LOGO_SIDE = 900  # pixels, enough for 40 mm at 600 dpi


class TemplateError(CxrError):
    """A template cannot be used."""


@dataclass(frozen=True, slots=True)
class Template:
    """logo: PNG bytes, empty for none. page: a name of PAGES. left_out: names of SECTIONS."""

    institution: str = ""
    department: str = ""
    address: str = ""
    logo: bytes = b""
    page: str = "A4"
    left_out: frozenset[str] = frozenset()

    @property
    def size(self) -> tuple[float, float]:
        return PAGES[self.page]

    @property
    def place(self) -> str:
        """Department and address in a line."""
        return ", ".join(part for part in (self.department, self.address) if part)

    def shows(self, section: str) -> bool:
        return section not in self.left_out


PLAIN = Template()


@runtime_checkable
class Templated(Protocol):
    """An exporter whose pages a template can change."""

    def with_template(self, template: Template) -> Exporter: ...


def laid_out(one: Exporter, template: Template | None) -> Exporter:
    """The exporter with the template, where it has use for one."""
    return one.with_template(template) if template is not None and isinstance(one, Templated) else one


def kept_template(folder: Path | None) -> Template | None:
    """The template kept in a data folder, None where there is none. Raises TemplateError."""
    path = None if folder is None else folder / KEPT_NAME
    return read_template(path) if path is not None and path.exists() else None


def read_template(path: Path) -> Template:
    """The template in a file; its logo's path is relative to it.

    Raises TemplateError naming the file, the key and what to write: a misspelt key must not go unnoticed.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(f"the report template {path} cannot be read ({error}); check the path") from error
    except tomllib.TOMLDecodeError as error:
        raise TemplateError(f"the report template {path} is no valid TOML ({error})") from error
    sections = content.get("sections", {})
    _require_known(path, content, (*_TEXTS, "logo", "page", "sections"))
    if not isinstance(sections, dict):
        raise _fault(path, "sections", "write a table [sections] with lines such as trust = false")
    _require_known(path, sections, SECTIONS)
    logo = _text(path, content, "logo")
    page = _text(path, content, "page") or "A4"
    if page not in PAGES:
        raise _fault(path, "page", f"{page!r} is not known; write one of {', '.join(PAGES)}")
    return Template(
        institution=_text(path, content, "institution"),
        department=_text(path, content, "department"),
        address=_text(path, content, "address"),
        logo=_logo(path, path.parent / logo) if logo else b"",
        page=page,
        left_out=frozenset(name for name in sections if not _switch(path, sections, name)),
    )


def _require_known(path: Path, table: Mapping[str, Any], known: tuple[str, ...]) -> None:
    unknown = [key for key in table if key not in known]
    if unknown:
        raise _fault(path, unknown[0], f"it is not known here; known: {', '.join(known)}")


def _text(path: Path, table: Mapping[str, Any], key: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise _fault(path, key, f"{value!r} is no text; write it in quotes")
    return " ".join(value.split())


def _switch(path: Path, table: Mapping[str, Any], key: str) -> bool:
    value = table[key]
    if not isinstance(value, bool):
        raise _fault(path, key, f"{value!r} is no switch; write true or false")
    return value


def _logo(path: Path, logo: Path) -> bytes:
    """The picture as PNG of moderate size; the same bytes for the same picture."""
    from PIL import Image, UnidentifiedImageError

    try:
        if logo.stat().st_size > _LARGEST_LOGO:
            raise _fault(
                path, "logo", f"{logo} is larger than {_LARGEST_LOGO // 2**20} MiB; give a smaller one"
            )
        with Image.open(logo, formats=("PNG", "JPEG")) as opened:
            picture = opened.convert("RGBA")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, SyntaxError) as error:
        raise _fault(path, "logo", f"{logo} cannot be read as PNG or JPEG") from error
    picture.thumbnail((_LOGO_SIDE, _LOGO_SIDE))
    encoded = BytesIO()
    picture.save(encoded, "PNG")
    return encoded.getvalue()


def _fault(path: Path, key: str, problem: str) -> TemplateError:
    return TemplateError(f"the report template {path}, {key}: {problem}")
