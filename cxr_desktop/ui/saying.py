"""What is said of a finding beside its label: one key each. No Qt."""

from __future__ import annotations

from typing import Any

from cxr_desktop.domain import Certainty, Finding, StudyFinding
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.translation import later, tr

CERTAINTY_WORDS = {
    Certainty.UNSTATED: later("Not stated"),
    Certainty.POSSIBLE: later("Possible"),
    Certainty.PROBABLE: later("Probable"),
    Certainty.DEFINITE: later("Definite"),
}


def selected_finding(reading: ReadingModel) -> Finding | None:
    """The selected box with all that is said of it."""
    box = reading.selected_box
    return None if box is None else Finding.of(box)


def say(reading: ReadingModel, **said: Any) -> None:
    """Certainty, laterality or comment of the selected finding, or of the one under the hand."""
    box = reading.selected_box
    if box is not None:
        reading.change_selected(Finding.of(box, **said).simplest)


def step_certainty(reading: ReadingModel) -> None:
    """The selected finding one step surer; after the surest, not stated."""
    finding = selected_finding(reading)
    if finding is not None:
        say(reading, certainty=finding.certainty.following)


def step_laterality(reading: ReadingModel) -> None:
    """The selected finding on the right, on the left, on both sides, not stated."""
    finding = selected_finding(reading)
    if finding is not None:
        say(reading, laterality=finding.laterality.following)


def toggle_study_finding(reading: ReadingModel, number: int) -> None:
    """The label of a number key as a finding of the whole study, or none any more."""
    if not 1 <= number <= len(reading.labels):
        return
    label = reading.labels[number - 1]
    if reading.history.present.study_finding(label) is None:
        reading.state(StudyFinding(label))
    else:
        reading.withdraw(label)


def told(finding: Finding) -> str:
    """Label, certainty and side as a tag has room for."""
    certainty = tr(CERTAINTY_WORDS[finding.certainty]).lower() if finding.certainty else ""
    parts = (finding.label or tr("no label"), finding.laterality.value, certainty)
    return " · ".join(part for part in parts if part)
