"""Entry of the frozen program: the command line, which opens the window where no command is given."""

import multiprocessing
import sys

from damage import sentence_on, tell


def main() -> int:
    try:
        from cxr_desktop.cli import main as run

        return run()
    except (ImportError, OSError) as error:
        sentence = sentence_on(error)
        if not sentence:
            raise
        tell(sentence)
        return 1


if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.argv[0] = "cxr-desktop"  # the launcher's name, in messages and as the window's class
    sys.exit(main())
