"""Bytes in memory as a file that others read from, not copied."""

from __future__ import annotations

from io import SEEK_CUR, SEEK_END, SEEK_SET, BytesIO, RawIOBase
from typing import BinaryIO, cast


def stream_of(data: bytes | memoryview) -> BinaryIO:
    """A file of the bytes at its beginning; `BytesIO` copies whatever is not `bytes` already."""
    return BytesIO(data) if isinstance(data, bytes) else cast(BinaryIO, _ViewStream(data))


class _ViewStream(RawIOBase):
    def __init__(self, view: memoryview) -> None:
        super().__init__()
        self._view, self._at = view, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        begin = {SEEK_SET: 0, SEEK_CUR: self._at, SEEK_END: len(self._view)}[whence]
        if begin + offset < 0:
            raise ValueError(f"there is nothing {-begin - offset} bytes before the beginning")
        self._at = begin + offset
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        end = len(self._view) if size is None or size < 0 else self._at + size
        part = bytes(self._view[self._at : end])
        self._at += len(part)
        return part
