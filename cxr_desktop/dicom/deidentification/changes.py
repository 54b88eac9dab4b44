"""What was done to one attribute, without what stood in it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydicom.datadict import dictionary_description
from pydicom.tag import BaseTag


class Action(StrEnum):
    """The letters are those of PS3.15 Table E.1-1a; SHIFTED and AGGREGATED are its C (clean)."""

    REMOVED = "removed"
    EMPTIED = "emptied"
    REPLACED = "replaced by a pseudonym or dummy"
    NEW_UID = "replaced by a new UID"
    SHIFTED = "moved by a number of days"
    AGGREGATED = "aggregated"
    BLANKED = "blanked"
    CLEARED = "unused bits cleared"
    DECOMPRESSED = "decompressed"


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """tag: as (gggg,eeee), behind the sequences it lies in. name: from the dictionary, never from the file.

    count: how often it was met. A value is never part of it.
    """

    tag: str
    name: str
    action: Action
    count: int = 1


def written(tag: BaseTag) -> str:
    """A tag as the standard writes it."""
    return f"({tag.group:04X},{tag.element:04X})"


def named(tag: BaseTag) -> str:
    """A tag's name in the standard; of private and unknown ones only that they are."""
    if tag.is_private:
        return "Private attribute"
    try:
        return dictionary_description(tag)
    except KeyError:
        return "Attribute unknown to the standard"
