"""Check what the window exported:  python exported.py REPORTS HERE

REPORTS: the folder of the window's report. HERE: the source tree's results of the same study. The scores must
agree and the box that was drawn must be in the report.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

# The window leaves one core to itself: sums on fewer threads run in another order.
TOLERANCE = 1e-6


def alike(scores: dict[str, float], others: dict[str, float]) -> bool:
    """Whether the same labels have the same scores, rounding of sums aside."""
    return scores.keys() == others.keys() and all(
        abs(score - others[label]) <= TOLERANCE for label, score in scores.items()
    )


def main() -> None:
    reports, here = Path(sys.argv[1]), Path(sys.argv[2])
    (path,) = reports.glob("*.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    known = {
        entry["image"]["sop_instance_uid"]: entry["scores"]
        for entry in (json.loads(found.read_text(encoding="utf-8")) for found in here.glob("*.json"))
    }
    uid = document["image"]["sop_instance_uid"]
    if not alike(document["scores"], known.get(uid, {})):
        sys.exit(f"{path.name}: scores {document['scores']}, the source tree's are {known.get(uid)}")
    drawn = sum(len(reading["boxes"]) for reading in document["readings"])
    if drawn != 1:
        sys.exit(f"{path.name}: {drawn} boxes of the reader instead of the one that was drawn")
    print(f"ok  {path.name}: one box, scores within {TOLERANCE:g} of the source tree's")


if __name__ == "__main__":
    main()
