"""New identifiers that hold together within a set and cannot be turned back without its key."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import date, timedelta

from pydicom.uid import UID

KEY_BYTES = 32
_LONGEST_SHIFT = 3650  # days
_ORGANISATION = "2.25."  # UIDs of a UUID's number (PS3.5 B.2): no organisation is named


class Pseudonyms:
    """Replacements that are the same for the same original under one key.

    key: secret; whoever has it can test guesses. A fresh one is drawn where none is given, so that two
    sets cannot be linked. Keep one to add to a set later.
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._key = self.drawn_key() if key is None else key

    @staticmethod
    def drawn_key() -> bytes:
        """A fresh key, to be kept where a set is to be added to."""
        return secrets.token_bytes(KEY_BYTES)

    def uid(self, original: str) -> UID:
        """A valid UID for any other, equal for equal ones; the standard's own UIDs stay."""
        bare = original.strip("\0 ")
        if not bare or _is_of_the_standard(bare):
            return UID(bare)
        number = bytearray(self._digest("uid", bare)[:16])
        number[6] = number[6] & 0x0F | 0x40  # the marks of a random UUID, RFC 9562 version 4
        number[8] = number[8] & 0x3F | 0x80
        return UID(f"{_ORGANISATION}{int.from_bytes(number, 'big')}")

    def patient(self, original: str) -> str:
        """What stands for a patient's identifier and name, twelve hexadecimal digits behind 'P'."""
        return f"P{self._digest('patient', original.strip(chr(0) + ' ')).hex()[:12].upper()}"

    def shift(self, patient: str) -> timedelta:
        """How far back all dates of a patient go: 1 to 3650 days."""
        number = int.from_bytes(self._digest("dates", patient.strip(chr(0) + " "))[:8], "big")
        return timedelta(days=1 + number % _LONGEST_SHIFT)

    def _digest(self, kind: str, original: str) -> bytes:
        return hmac.new(self._key, f"{kind}\0{original}".encode(), hashlib.sha256).digest()


def shifted(value: str, vr: str, by: timedelta) -> str | None:
    """A DA or DT value moved back by whole days, its time of day kept; None where it is no date.

    TM values are returned as they are: the days carry what identifies.
    """
    if vr == "TM":
        return value
    digits = value.strip().replace(".", "", 2) if vr == "DA" else value.strip()
    try:
        day = date(int(digits[:4]), int(digits[4:6] or 1), int(digits[6:8] or 1))
        moved = day - by
    except (ValueError, OverflowError):
        return None
    if vr == "DA" and len(digits) != 8:
        return None
    return f"{moved.year:04d}{moved:%m%d}"[: min(len(digits), 8)] + digits[8:]


def _is_of_the_standard(uid: str) -> bool:
    """UIDs of SOP Classes, transfer syntaxes, coding schemes and well-known frames of reference."""
    return uid.startswith("1.2.840.10008.")
