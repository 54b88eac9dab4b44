"""`python -m cxr_desktop`."""

import sys

from cxr_desktop.cli import main

sys.exit(main())
