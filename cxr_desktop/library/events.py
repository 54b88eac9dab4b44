"""What can happen to a reading, and how it is written down."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from dataclasses import fields as fields_of
from typing import Any, TypeVar

from cxr_desktop.domain import (
    Box,
    Certainty,
    Decision,
    Finding,
    Laterality,
    Settlement,
    ShapeKind,
    StudyFinding,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class AddBox:
    """A box was drawn."""

    box: Box


@dataclass(frozen=True, slots=True)
class ReplaceBox:
    """The box at `index` was moved, resized or given another label."""

    index: int
    box: Box


@dataclass(frozen=True, slots=True)
class RemoveBox:
    """The box at `index` was deleted."""

    index: int


@dataclass(frozen=True, slots=True)
class Undo:
    """The last change still standing was taken back."""


@dataclass(frozen=True, slots=True)
class Redo:
    """The last change taken back was made again."""


@dataclass(frozen=True, slots=True)
class Override:
    """The reader asked for the scores of an image that the input check refused.

    concerns: codes of the reasons that were shown. model: its identity's caption.
    """

    concerns: tuple[str, ...]
    model: str = ""


@dataclass(frozen=True, slots=True)
class JudgeBox:
    """A network's box was accepted, corrected or rejected. box: what the reader's reading gained by it.

    method: that cut the suggested box from its map.
    """

    verdict: Verdict
    suggested: Box
    method: str = ""
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Settle:
    """An adjudicator decided on a finding of two readers. boxes: what the reading gained by it."""

    settlement: Settlement
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Reveal:
    """The network's or other readers' boxes came into sight before the first reading was committed."""

    time: str = ""


@dataclass(frozen=True, slots=True)
class Commit:
    """The reading was committed and locked.

    blinded: neither network nor other readers were to be seen until then. time: ISO 8601 with
    offset. role: of the reader.
    """

    blinded: bool = False
    time: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Amend:
    """A committed reading was opened for changes; those up to the next Commit are made for this reason."""

    reason: str
    time: str = ""


@dataclass(frozen=True, slots=True)
class StateFinding:
    """A finding of the whole study was stated, or said otherwise than before."""

    finding: StudyFinding


@dataclass(frozen=True, slots=True)
class WithdrawFinding:
    """The study finding of that label was taken out."""

    label: str


Made = TypeVar("Made")
Change = AddBox | ReplaceBox | RemoveBox | JudgeBox | Settle | StateFinding | WithdrawFinding
Event = Change | Undo | Redo | Override | Reveal | Commit | Amend

_KINDS: dict[str, type[Event]] = {
    "add": AddBox,
    "replace": ReplaceBox,
    "remove": RemoveBox,
    "undo": Undo,
    "redo": Redo,
    "override": Override,
    "judge": JudgeBox,
    "settle": Settle,
    "state": StateFinding,
    "withdraw": WithdrawFinding,
    "reveal": Reveal,
    "commit": Commit,
    "amend": Amend,
}
_TYPES: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "int": (int,),
    "str": (str,),
    "float": (float, int),
    "float | None": (float, int, type(None)),
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def to_json(event: Event) -> str:
    """One line of JSON with the event's kind and fields."""
    return json.dumps({"kind": _NAMES[type(event)], **asdict(event)}, separators=(",", ":"))


def from_json(text: str) -> Event:
    """Raises ValueError for text that is no event."""
    try:
        fields: dict[str, Any] = json.loads(text)
        kind = _KINDS[fields.pop("kind")]
        for name in ("box", "suggested"):
            if fields.get(name) is not None:
                fields[name] = _box(fields[name])
        if "finding" in fields:
            fields["finding"] = _made(StudyFinding, _stated(fields["finding"]))
        if "verdict" in fields:
            fields["verdict"] = Verdict(fields["verdict"])
        if "settlement" in fields:
            fields["settlement"] = _settlement(fields["settlement"])
            fields["boxes"] = tuple(_box(box) for box in fields["boxes"])
        if "concerns" in fields:
            fields["concerns"] = tuple(fields["concerns"])
        return _made(kind, fields)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"not an event of a reading: {text[:80]!r} ({error})") from error


def _made(kind: type[Made], values: dict[str, Any]) -> Made:
    """Raises ValueError for a value of another type than its field's, which would be found out only when it is used."""
    for one in fields_of(kind):  # type: ignore[arg-type]
        allowed = _TYPES.get(str(one.type))
        if allowed and one.name in values and not isinstance(values[one.name], allowed):
            raise ValueError(f"{one.name} is {values[one.name]!r}")
    return kind(**values)


def _settlement(fields: dict[str, Any]) -> Settlement:
    first, second = (_box(fields[name]) if fields[name] else None for name in ("first", "second"))
    a, b = fields["between"]
    return Settlement((a, b), Decision(fields["decision"]), first, second)


def _box(fields: dict[str, Any]) -> Box:
    """A rectangle as stores have always held it, or a finding, which says its shape."""
    if "shape" not in fields:
        return _made(Box, fields)
    shape, vertices = ShapeKind(fields["shape"]), tuple((x, y) for x, y in fields["vertices"])
    return _made(Finding, {**_stated(fields), "shape": shape, "vertices": vertices})


def _stated(fields: dict[str, Any]) -> dict[str, Any]:
    said = {"certainty": Certainty(fields["certainty"]), "laterality": Laterality(fields["laterality"])}
    return {**fields, **said}
