"""Every format that this source tree exports, with commas, as `analyze --formats` takes them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cxr_desktop.reports.registry import exporters

print(",".join(exporters()))
