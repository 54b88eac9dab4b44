"""Entry of the frozen program: the command line, which opens the window where no command is given."""

import multiprocessing
import sys

from cxr_desktop.cli import main

if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.exit(main())
