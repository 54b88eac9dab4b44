"""Compare the results of two installations:  python compare.py HERE THERE

Scores, boxes, overlaps and every pixel of every map must be equal, not alike.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

COMPARED = ("scores", "localization", "references", "readings")


def differences(here: Path, there: Path) -> list[str]:
    """Sentences on what is not equal."""
    documents = sorted(path.name for path in here.glob("*.json"))
    found = [] if documents else [f"{here} holds no results"]
    if documents != sorted(path.name for path in there.glob("*.json")):
        return [f"{here} and {there} hold results of other images"]
    for name in documents:
        one, other = (json.loads((folder / name).read_text(encoding="utf-8")) for folder in (here, there))
        found += [f"{name}: {key} differs" for key in COMPARED if one.get(key) != other.get(key)]
    for name in sorted(path.name for path in here.glob("*.npy")):
        if not np.array_equal(np.load(here / name), np.load(there / name)):
            most = np.abs(np.load(here / name) - np.load(there / name)).max()
            found.append(f"{name}: the maps differ by up to {most:g}")
    return found


def main() -> None:
    here, there = Path(sys.argv[1]), Path(sys.argv[2])
    found = differences(here, there)
    if found:
        sys.exit("\n".join(found))
    maps, documents = len(list(here.glob("*.npy"))), len(list(here.glob("*.json")))
    print(
        f"ok  {documents} images with {maps} maps: scores, boxes, overlaps and maps equal to the source tree's"
    )


if __name__ == "__main__":
    main()
