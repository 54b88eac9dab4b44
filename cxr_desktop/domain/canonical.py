"""One way to write a value as JSON, so that equal values have equal bytes and equal hashes."""

from __future__ import annotations

import hashlib
import json


def canonical_bytes(value: object) -> bytes:
    """The value as UTF-8 JSON: keys in order, indented by one, a newline at the end.

    Numbers are written with the fewest digits that read back as the same float64. Raises ValueError
    for a number that is not finite.
    """
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1)
    return text.encode("utf-8", "surrogatepass") + b"\n"


def sha256_of(value: object) -> str:
    """SHA-256 of the canonical bytes, 64 hexadecimal digits."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()
