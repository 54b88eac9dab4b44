"""The text of a table of others, as it came: the public sets' lists are often packed."""

from __future__ import annotations

import errno
import gzip
import zlib
from pathlib import Path

_PACKED = b"\x1f\x8b"


def table_text(path: Path) -> str:
    """In UTF-8, with or without a byte order mark, unpacked where gzip packed it.

    Raises OSError, also for a packed file that breaks off, and UnicodeDecodeError.
    """
    data = path.read_bytes()
    if data.startswith(_PACKED):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise OSError(errno.EIO, f"packed by gzip, but {error}") from error
    return data.decode("utf-8-sig")
