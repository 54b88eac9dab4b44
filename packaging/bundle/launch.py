"""Entry of the frozen program: the command line, which opens the window where no command is given."""

import multiprocessing
import os
import sys
import zlib
from pathlib import Path

from damage import cut_short, sentence_on, tell


def main() -> int:
    _stand_in_for_no_console()
    sentence = "" if sys.argv[1:2] == ["doctor"] else cut_short()  # doctor names all that is damaged
    if not sentence:
        try:
            from cxr_desktop.cli import main as run

            return run()
        except (ImportError, OSError, zlib.error) as error:
            sentence = sentence_on(error)
            if not sentence:
                raise
    tell(sentence)
    return 1


def _stand_in_for_no_console() -> None:
    """A program of Windows that has no console has None for its streams, and many write to them unasked."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115


if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.argv[0] = "cxr-desktop"  # the launcher's name, in messages and as the window's class
    sys.exit(main())
