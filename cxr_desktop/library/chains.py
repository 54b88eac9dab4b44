"""Events that follow one another: one way through a reading, or several where it was continued in two places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Link(Generic[E]):
    """after: uid of the event before, '' for a first one. step: its place in its chain."""

    after: str
    step: int
    event: E


def heads(links: Mapping[str, Link[E]]) -> tuple[str, ...]:
    """Last events, the one of the longest chain first: the same wherever the same events are."""
    followed = {link.after for link in links.values()}
    last = (uid for uid in links if uid not in followed)
    return tuple(sorted(last, key=lambda uid: (links[uid].step, uid), reverse=True))


def chain(links: Mapping[str, Link[E]], head: str) -> tuple[str, ...]:
    """Events up to `head`, the first first."""
    found: list[str] = []
    while head in links and len(found) < len(links):
        found.append(head)
        head = links[head].after
    return tuple(reversed(found))
