"""The size of a bundle with its largest parts, and the lists of its files with their hashes and of its libraries.

python report.py BUNDLE [FILES.sha256]
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections import Counter
from pathlib import Path

from damage import LIBRARIES

LARGEST = 10
LIBRARY = re.compile(r"\.(so|pyd|dll|dylib)(\.|$)")
INSIDE = ("_internal", "Contents", "Frameworks", "Resources")
"""Folders of a bundle, of macOS's too, that are no part of their own."""


def parts_of(bundle: Path) -> Counter[str]:
    """Bytes by part: a package with its libraries, or a file of its own."""
    sizes: Counter[str] = Counter()
    for path in bundle.rglob("*"):
        if path.is_file() and not path.is_symlink():
            inside = path.relative_to(bundle).parts
            name = next(part for part in inside if part not in INSIDE or part == inside[-1])
            sizes[name.removesuffix(".libs").split(".so")[0]] += path.stat().st_size
    return sizes


def libraries(parts: Path) -> list[str]:
    """`SIZE NAME` of every library in the folder of the parts, which `damage.py` compares at each start."""
    found = (path for path in sorted(parts.rglob("*")) if path.is_file() and LIBRARY.search(path.name))
    return [f"{path.stat().st_size} {path.relative_to(parts).as_posix()}" for path in found]


def listing(bundle: Path) -> list[str]:
    """`sha256  path` of every file, sorted, as sha256sum writes and checks it."""
    return [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(bundle).as_posix()}"
        for path in sorted(bundle.rglob("*"))
        if path.is_file() and not path.is_symlink()
    ]


def main() -> None:
    bundle = Path(sys.argv[1])
    sizes = parts_of(bundle)
    print(f"{bundle}: {sum(sizes.values()) / 1e6:.0f} MB; the {LARGEST} largest parts:")
    for name, size in sizes.most_common(LARGEST):
        print(f"{size / 1e6:8.1f} MB  {name}")
    if len(sys.argv) > 2:
        parts = bundle / "_internal"
        (parts / LIBRARIES).write_text("\n".join(libraries(parts)) + "\n", encoding="utf-8")
        Path(sys.argv[2]).write_text("\n".join(listing(bundle)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
