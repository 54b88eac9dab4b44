"""What a bundle is made of: the licences of all of it on one page, and a CycloneDX list of its components.

    python notices.py SOURCES.json BUNDLE

SOURCES.json: the files that PyInstaller took, as the recipe wrote them. Run by the Python of the build.
"""

from __future__ import annotations

import hashlib
import html
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE, LIST = "LICENCES.html", "sbom.cdx.json"
LICENCE_FILE = re.compile(
    r"\.dist-info/(licen[cs]es/|(.*/)?(licen[cs]e|copying|notice|authors)[^/]*$)", re.IGNORECASE
)
BESIDE_THE_CODE = re.compile(r"(^|/)licen[cs]e(\.txt|\.md)?$", re.IGNORECASE)
LICENCES = Path(__file__).with_name("licences")
LACKING = {
    "pyside6-essentials": ("LGPL-3", "GPL-3", "ICU"),
    "shiboken6": ("LGPL-3", "GPL-3"),
    "imagecodecs": ("CharLS",),
}
"""Packages whose wheels lack texts of what they hold, and the files in `licences` that have them."""
QT = "Qt for Python is used under the GNU Lesser General Public License, version 3. Its libraries lie as files of " \
     "their own in the folder PySide6 and may be replaced by compatible ones; nothing of them was changed."  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Component:
    """purl: package URL, the name of the component in the world. texts: (file name, content)."""

    name: str
    version: str
    licence: str
    purl: str
    texts: tuple[tuple[str, str], ...]


def components(sources: Iterable[str]) -> list[Component]:
    """Every package that a bundled file came from, the program itself and Python first."""
    used = {str(Path(source).resolve()) for source in sources}
    found = [part for part in map(_of_distribution, distributions()) if part and used & _files(part[1])]
    return [_program(), _python(), *sorted({part[0] for part in found}), *sorted(_of_system(used))]


def _program() -> Component:
    version = re.search(r'__version__ = "([^"]+)"', (ROOT / "cxr_desktop" / "__init__.py").read_text()).group(
        1
    )
    texts = [("LICENSE", (ROOT / "LICENSE").read_text(encoding="utf-8"))]
    for name in ("demo/study/CREDITS.md", "models/demo/MODEL_CARD.md"):
        texts.append((name, (ROOT / "resources" / name).read_text(encoding="utf-8")))
    return Component("CXR Desktop", version, "", f"pkg:generic/cxr-desktop@{version}", tuple(texts))


def _python() -> Component:
    version = platform.python_version()
    places = [Path(sys.base_prefix, "lib", f"python{sys.version_info[0]}.{sys.version_info[1]}", "LICENSE.txt"),
              Path(sys.base_prefix, "LICENSE.txt")]  # fmt: skip
    texts = tuple((path.name, path.read_text(encoding="utf-8")) for path in places if path.is_file())[:1]
    return Component("Python", version, "PSF-2.0", f"pkg:generic/python@{version}", texts)


def _of_distribution(found: Distribution) -> tuple[Component, Distribution] | None:
    name = found.metadata["Name"]
    texts = _texts(found, LICENCE_FILE) or _texts(found, BESIDE_THE_CODE)
    lacking = LACKING.get(name.lower().replace("_", "-"), ())
    texts += [("How it is used", QT)] if "LGPL-3" in lacking else []
    texts += [(wanted, (LICENCES / f"{wanted}.txt").read_text(encoding="utf-8")) for wanted in lacking]
    purl = f"pkg:pypi/{name.lower().replace('_', '-')}@{found.version}"
    return Component(name, found.version, _licence(found)[:120], purl, tuple(texts)), found


def _licence(found: Distribution) -> str:
    """The name that a package gives to its licence, in the newest of the three ways it may have done so."""
    told = found.metadata.get("License-Expression") or (found.metadata.get("License") or "").split("\n")[0]
    kinds = (kind for kind in found.metadata.get_all("Classifier", []) if kind.startswith("License ::"))
    return told or ", ".join(kind.rpartition(" :: ")[2] for kind in kinds)


def _texts(found: Distribution, wanted: re.Pattern[str]) -> list[tuple[str, str]]:
    files = [file for file in sorted(found.files or (), key=str) if wanted.search(str(file))]
    return [
        (
            str(file).split(".dist-info/")[-1],
            Path(file.locate()).read_text(encoding="utf-8", errors="replace"),
        )
        for file in files
        if Path(file.locate()).is_file()
    ]


@cache
def _files(found: Distribution) -> frozenset[str]:
    """What a package installed, as paths without links; to resolve each of tens of thousands takes long."""
    folder = Path(found.locate_file("")).resolve()
    return frozenset(os.path.normpath(folder / str(file)) for file in found.files or ())


def _of_system(used: set[str]) -> Iterator[Component]:
    """Debian packages whose libraries are bundled; none elsewhere."""
    for owner in sorted(set(_owners(path for path in used if _is_of_system(path)).values())):
        version = subprocess.run(
            ["dpkg-query", "-W", "-f=${Version}", owner], capture_output=True, text=True, check=False
        ).stdout
        text = Path("/usr/share/doc", owner, "copyright")
        texts = (("copyright", text.read_text(encoding="utf-8", errors="replace")),) if text.is_file() else ()
        yield Component(owner, version, "", f"pkg:deb/debian/{owner}@{version}", texts)


def _is_of_system(path: str) -> bool:
    return path.startswith(("/lib/", "/usr/lib/"))


def _owners(paths: Iterable[str]) -> dict[str, str]:
    """The Debian package that each file came with, where one is known."""
    names = {name: path for path in paths for name in (path, path.removeprefix("/usr"))}
    if not names or shutil.which("dpkg-query") is None:
        return {}
    asked = subprocess.run(["dpkg-query", "-S", *names], capture_output=True, text=True, check=False)
    told = (line.rpartition(": ") for line in asked.stdout.splitlines())
    return {names[name]: owners.split(",")[0].split(":")[0] for owners, _, name in told if name in names}


def unaccounted(sources: Iterable[str], build: Path) -> list[str]:
    """Bundled files that belong to no component, and so to no licence. build: PyInstaller's own folder."""
    own = (ROOT, build.resolve(), Path(sys.base_prefix).resolve())
    paths = {str(Path(source).resolve()) for source in sources if Path(source).is_absolute()}
    owned = set().union(*map(_files, distributions()))
    left = {path for path in paths - owned if not any(Path(path).is_relative_to(folder) for folder in own)}
    return sorted(left - _owners(filter(_is_of_system, left)).keys())


def page(parts: Iterable[Component]) -> str:
    """One HTML page with every licence text, each behind its component's name."""
    rows = []
    for part in parts:
        texts = "".join(
            f"<h3>{html.escape(name)}</h3><pre>{html.escape(text)}</pre>" for name, text in part.texts
        )
        rows.append(
            f"<details><summary><b>{html.escape(part.name)}</b> {html.escape(part.version)} "
            f"<i>{html.escape(part.licence)}</i></summary>{texts or '<p>No text was shipped with it.</p>'}</details>"
        )
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Licences of CXR Desktop</title>"
        "<style>body{font:15px sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
        "pre{white-space:pre-wrap;background:#f4f4f4;padding:1em}summary{padding:.3em;cursor:pointer}</style>"
        "<h1>Licences of CXR Desktop</h1><p>What this program is made of, and under which terms.</p>"
        + "".join(rows)
    )


def bill_of_materials(parts: list[Component]) -> dict[str, object]:
    """CycloneDX 1.5. The same parts give the same document: its number comes from them, it holds no time."""
    program, *others = parts
    key = hashlib.sha256("\n".join(part.purl for part in parts).encode()).digest()[:16]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.UUID(bytes=key, version=4)}",
        "version": 1,
        "metadata": {"component": _entry(program, "application")},
        "components": [_entry(part, "library") for part in others],
    }


def _entry(part: Component, kind: str) -> dict[str, object]:
    entry: dict[str, object] = {
        "type": kind,
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "purl": part.purl,
    }
    if part.licence:
        entry["licenses"] = [{"license": {"name": part.licence}}]
    return entry


def main() -> None:
    listed, bundle = Path(sys.argv[1]), Path(sys.argv[2])
    sources = json.loads(listed.read_text(encoding="utf-8"))
    parts = components(sources)
    (bundle / PAGE).write_text(page(parts), encoding="utf-8")
    document = json.dumps(bill_of_materials(parts), indent=1, ensure_ascii=False)
    (bundle / LIST).write_text(document + "\n", encoding="utf-8")
    lacking = [part.name for part in parts if not part.texts] + unaccounted(sources, listed.parent / "work")
    print(f"{len(parts)} components; without a licence text: {', '.join(lacking) or 'none'}")
    if lacking:
        sys.exit(
            "nothing is handed out without its licence: leave it out in bundle/parts.py, or say where its text lies"
        )


if __name__ == "__main__":
    main()
