"""A de-identified copy of the image on screen, written by a worker; no widgets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cxr_desktop.domain import Box, Radiograph
from cxr_desktop.domain.write_failure import write_cure
from cxr_desktop.ui.job_bridge import JobBridge
from cxr_desktop.ui.translation import later, tr

if TYPE_CHECKING:
    from cxr_desktop.dicom.deidentification import Deidentified

CHANNEL = "deidentify"
DATES = (
    ("removed", later("Remove dates and times")),
    ("modified", later("Move all dates by the same days")),
    ("full", later("Keep dates and times")),
)
"""By the value of the profile's option, in the order to offer."""


@dataclass(frozen=True, slots=True)
class DeidentifyChoice:
    """What was chosen in the dialog. clean: rectangles to blank, pixels of the stored image."""

    source: Path
    folder: Path
    dates: str = "removed"
    device: bool = False
    patient: bool = False
    clean: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """path: of the copy. summary: what was removed, a line an attribute. report: the same as a file has it."""

    path: Path
    summary: str
    report: str

    def save(self, path: Path) -> str:
        """Write the report; returns what happened in a sentence."""
        try:
            path.write_text(self.report, encoding="utf-8")
        except OSError as error:
            return tr("{path} cannot be written: {write_cure}").format(
                path=path, write_cure=write_cure(error)
            )
        return tr("Report saved as {name}").format(name=path.name)


class Deidentifying(QObject):
    """suggested (boxes): where text may be. done (Outcome), failed (sentence)."""

    suggested = Signal(object)
    done = Signal(object)
    failed = Signal(str)

    def __init__(self, bridge: JobBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.folder = Path.home() / "de-identified"

    def suggest(self, radiograph: Radiograph) -> None:
        """Have the picture searched for lettering."""
        self._bridge.submit(
            tr("Looking for text in the picture"),
            lambda _context, _request: _suggested(radiograph),
            self.suggested.emit,
            lambda error: self.failed.emit(str(error)),
            channel=CHANNEL,
            priority=15,
        )

    def start(self, choice: DeidentifyChoice) -> None:
        """Write the copy; the original is never touched."""
        self.folder = choice.folder
        self._bridge.submit(
            tr("Writing a de-identified copy"),
            lambda _context, _request: _copied(choice),
            self.done.emit,
            lambda error: self.failed.emit(str(error)),
            channel=CHANNEL,
            priority=15,
        )

    def cancel(self) -> None:
        self._bridge.cancel(CHANNEL)


def _suggested(radiograph: Radiograph) -> tuple[Box, ...]:
    from cxr_desktop.dicom.deidentification import suggested_text

    return suggested_text(radiograph.display())


def _copied(choice: DeidentifyChoice) -> Outcome:
    from cxr_desktop.dicom.deidentification import Dates, Options, deidentify, report_text

    options = Options(Dates(choice.dates), choice.device, choice.patient, choice.clean)
    copy: Deidentified = deidentify(choice.source, choice.folder, options)
    lines = [f"{code.value} {code.meaning}" for code in copy.codes]
    lines += ["", *(f"{one.name} {one.tag}: {one.action.value}" for one in copy.changes)]
    lines += ["", *copy.notes] if copy.notes else []
    return Outcome(copy.path, "\n".join(lines), report_text([copy]))
