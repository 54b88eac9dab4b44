"""Check what the window exported:  python exported.py REPORTS HERE

REPORTS: the folder of the window's report. HERE: the source tree's results of the same study. The scores must
be equal and the box that was drawn must be in the report.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main() -> None:
    reports, here = Path(sys.argv[1]), Path(sys.argv[2])
    (path,) = reports.glob("*.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    known = {
        entry["image"]["sop_instance_uid"]: entry["scores"]
        for entry in (json.loads(found.read_text(encoding="utf-8")) for found in here.glob("*.json"))
    }
    uid = document["image"]["sop_instance_uid"]
    if uid in known and document["scores"] != known[uid]:
        sys.exit(f"{path.name}: scores {document['scores']}, the source tree's are {known[uid]}")
    drawn = sum(len(reading["boxes"]) for reading in document["readings"])
    if drawn != 1:
        sys.exit(f"{path.name}: {drawn} boxes of the reader instead of the one that was drawn")
    said = "equal to" if uid in known else "not known to"
    print(f"ok  {path.name}: one box, scores {said} the source tree")


if __name__ == "__main__":
    main()
