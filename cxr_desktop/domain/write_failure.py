"""What keeps a file from being written, and what to do about it."""

from __future__ import annotations

import errno

_CURES = {
    errno.EACCES: "no permission to write there; choose another folder or change its permissions",
    errno.EPERM: "no permission to write there; choose another folder or change its permissions",
    errno.EROFS: "the file system is read-only; choose another folder",
    errno.ENOSPC: "the disk is full; make room or choose another disk",
    errno.EDQUOT: "the disk quota is used up; make room or choose another disk",
    errno.ENOTDIR: "a part of that path is a file, not a folder; choose another folder",
    errno.EEXIST: "a part of that path is a file, not a folder; choose another folder",
    errno.ENAMETOOLONG: "the file name is too long; choose a shorter name or folder",
}


_SHORT_WRITE = "requested and"  # numpy counts the values that a full disk did not take, and gives no number


def write_cure(error: OSError) -> str:
    """What was wrong and what to do, in words that do not name the file.

    Libraries wrap what the system said; the number is looked for in what an error came from, too.
    """
    number = _number(error)
    if number is None and _SHORT_WRITE in str(error):
        number = errno.ENOSPC
    known = _CURES.get(number or 0)
    told = error.strerror or str(error).partition("\n")[0]
    return known or f"{told}; check the folder and try again"


def _number(error: BaseException | None) -> int | None:
    while error is not None:
        if isinstance(error, OSError) and error.errno is not None:
            return error.errno
        error = error.__cause__ or error.__context__
    return None
