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


def write_cure(error: OSError) -> str:
    """What was wrong and what to do, in words that do not name the file."""
    known = _CURES.get(error.errno or 0)
    return known or f"{error.strerror or error}; check the folder and try again"
