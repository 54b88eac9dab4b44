"""The command line of this source tree, run by the Python that the bundle was made with."""

import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "packaging" / "bundle")]

from parts import operators_fit  # noqa: E402

if not operators_fit():
    runpy.run_path(str(ROOT / "packaging" / "bundle" / "without_operators.py"))

from cxr_desktop.cli import main  # noqa: E402

sys.exit(main())
