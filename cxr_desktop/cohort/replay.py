"""Computing a reported case again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxr_desktop.cohort.case import CaseRequest, assemble, explain_radiograph, part_of
from cxr_desktop.domain import Analysis, Box, Progress, Radiograph, Reading, Threshold
from cxr_desktop.domain.errors import CxrError

if TYPE_CHECKING:
    from cxr_desktop.classifiers import Classifier


class ReplayError(CxrError):
    """What a report says of its own making cannot be followed."""


@dataclass(frozen=True, slots=True)
class RecordedMap:
    """How a map of the report was made. options: the method's keywords with the values used."""

    method: str
    target: str
    threshold: Threshold
    options: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Recording:
    """All that is needed besides image and model."""

    maps: tuple[RecordedMap, ...]
    references: tuple[Box, ...]
    readings: tuple[Reading, ...]


def recording_of(case: Mapping[str, Any]) -> Recording:
    """Read a case as the JSON report or the manifest holds it. Raises ReplayError."""
    try:
        return Recording(
            tuple(_map(found) for found in case["attributions"]),
            tuple(_box(box) for box in case["references"]),
            tuple(
                Reading(str(reading["reader"]), tuple(_box(box) for box in reading["boxes"]))
                for reading in case["readings"]
            ),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReplayError(
            f"the report does not say how it was made ({type(error).__name__}: {error}); it was changed, or "
            "written by another version"
        ) from error


def replay(
    radiograph: Radiograph, classifier: Classifier, recording: Recording, progress: Progress | None = None
) -> Analysis:
    """Compute prediction, maps, boxes and comparison again.

    Raises what `analyze_radiograph` raises, but never InputRefused: the report's reader had decided.
    """
    steps = len(recording.maps) + 1
    maps = []
    prediction = classifier.predict(radiograph)
    for done, wanted in enumerate(recording.maps, start=1):
        step = part_of(progress, done, steps) if progress else None
        maps.append(
            explain_radiograph(
                radiograph, classifier, wanted.method, wanted.target, options=wanted.options, progress=step
            )
        )
    thresholds = {wanted.method: wanted.threshold for wanted in recording.maps}
    request = CaseRequest(references=recording.references, readings=recording.readings)
    return assemble(radiograph, prediction, maps, thresholds, request)


def _map(found: Mapping[str, Any]) -> RecordedMap:
    from cxr_desktop.attribution import methods

    method = str(found["method"])
    if method not in methods():
        raise ReplayError(f"the method {method!r} is not installed; install the plug-in that brings it")
    known = {option.name: option.default for option in methods()[method].options}
    options = {name: _settled(found["parameters"].get(name, default)) for name, default in known.items()}
    return RecordedMap(method, str(found["target"]), Threshold.parse(found["threshold"]), options)


def _settled(value: object) -> object:
    return tuple(_settled(item) for item in value) if isinstance(value, list) else value


def _box(box: Mapping[str, Any]) -> Box:
    return Box(
        box["x"],
        box["y"],
        box["width"],
        box["height"],
        box["label"],
        box.get("score"),
        box.get("source") or "",
    )
