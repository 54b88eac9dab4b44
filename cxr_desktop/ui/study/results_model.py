"""Results of many images: which method, which label, which cases are on the worklist. No widget."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from cxr_desktop.domain.reasons import (
    Look,
    LookRule,
    MethodFigures,
    Outcome,
    ProtocolResults,
    ReasonCase,
    StudyResults,
    UnitFigures,
    kind_of,
)
from cxr_desktop.ui.translation import later, tr

Cell = tuple[Outcome, Look]
ALL_CASES = later("All images")
OUTCOMES = (Outcome.TRUE_POSITIVE, Outcome.FALSE_NEGATIVE, Outcome.FALSE_POSITIVE, Outcome.TRUE_NEGATIVE)


@dataclass(frozen=True, slots=True)
class Point:
    """A case as the scatter shows it. x: probability, y: IoU, both 0 to 1. kind: place of a colour."""

    case: ReasonCase
    x: float
    y: float
    kind: int


class ResultsModel(QObject):
    """Setters signal only on change.

    results_changed: another folder. protocol_changed: maps are cut by another rule. shown_changed: other cases, or
    counted otherwise. worklist_changed: another selection of them. current_changed: another case of the worklist is
    the present one.

    cases: of the chosen method and label, in the order of the index. points: those of which the truth is known
    and that can be placed, with a box, or known not to show the finding. counts: by cell of the confusion.
    """

    results_changed = Signal()
    protocol_changed = Signal()
    shown_changed = Signal()
    worklist_changed = Signal()
    current_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.results: StudyResults | None = None
        self.method = ""
        self.target = ""
        self.protocol = ""
        self.rule = LookRule()
        self.worklist: tuple[ReasonCase, ...] = ()
        self.title = tr(ALL_CASES)
        self.cell: Cell | None = None
        self.current: ReasonCase | None = None
        self.cases: tuple[ReasonCase, ...] = ()
        self.points: tuple[Point, ...] = ()
        self.counts: dict[Cell, int] = {}

    @property
    def figures(self) -> tuple[MethodFigures, ...]:
        """Of all methods over all boxes under the present protocol, the best first."""
        told = self._judging.figures if self._judging else self.results.figures if self.results else ()
        found = [one for one in told if one.label == "all"]
        return tuple(sorted(found, key=lambda one: -one.iou[0] if one.iou[0] == one.iou[0] else 1.0))

    @property
    def protocols(self) -> tuple[ProtocolResults, ...]:
        return self.results.protocols if self.results else ()

    @property
    def units(self) -> tuple[UnitFigures, ...]:
        """Those that carry the wrong reason for the label."""
        return tuple(
            unit for unit in (self.results.units if self.results else ()) if unit.target == self.target
        )

    @property
    def _judging(self) -> ProtocolResults | None:
        return next((one for one in self.protocols if one.name == self.protocol), None)

    def set_results(self, results: StudyResults) -> None:
        """Shows the method with the highest mean IoU, by the protocol that the results follow."""
        self.results = results
        self.protocol = next((one.name for one in results.protocols), "")
        self.rule = results.rule
        self.target = next(iter(results.targets), "")
        best = (one.method for one in self.figures if one.method in results.methods)
        self.method = next(best, next(iter(results.methods), ""))
        self.results_changed.emit()
        self._show_all()

    def set_method(self, method: str) -> None:
        if method != self.method and self.results and method in self.results.methods:
            self.method = method
            self._show_all()

    def set_protocol(self, name: str) -> None:
        """Judge the maps as this rule for thresholds cuts them."""
        if name != self.protocol and name in [one.name for one in self.protocols]:
            self.protocol = name
            self._show_all()
            self.protocol_changed.emit()

    def set_target(self, target: str) -> None:
        if target != self.target:
            self.target = target
            self._show_all()

    def set_limit(self, iou: float) -> None:
        """From which IoU a map looked there."""
        self._set_rule(replace(self.rule, iou=iou))

    def set_pointing(self, pointing: bool) -> None:
        self._set_rule(replace(self.rule, pointing=pointing))

    def choose_cell(self, outcome: Outcome, look: Look) -> None:
        """The worklist of one cell of the confusion."""
        chosen = [c for c in self.cases if (c.outcome, c.look(self.rule)) == (outcome, look)]
        self._set_worklist(tuple(chosen), f"{outcome}, {look}".capitalize(), (outcome, look))

    def brush(self, left: float, bottom: float, right: float, top: float) -> None:
        """The worklist of the points in a rectangle of the scatter, its edges included."""
        inside = [p.case for p in self.points if left <= p.x <= right and bottom <= p.y <= top]
        self._set_worklist(tuple(inside), tr("In the rectangle"), None)

    def pick(self, case: ReasonCase) -> None:
        """Make a case the present one; the worklist shows it."""
        if case not in self.worklist:
            self.choose_cell(case.outcome, case.look(self.rule))
        self.set_current(case)

    def show_all(self) -> None:
        self._set_worklist(self.cases, tr(ALL_CASES), None)

    def set_current(self, case: ReasonCase | None) -> None:
        if case != self.current:
            self.current = case
            self.current_changed.emit()

    def step(self, by: int) -> ReasonCase | None:
        """The case `by` places further on the worklist, which becomes the present one; None at the ends."""
        if not self.worklist:
            return None
        at = self.worklist.index(self.current) + by if self.current in self.worklist else 0
        if not 0 <= at < len(self.worklist):
            return None
        self.set_current(self.worklist[at])
        return self.current

    def _set_rule(self, rule: LookRule) -> None:
        if rule != self.rule:
            self.rule, cell = rule, self.cell
            self._count()
            self.shown_changed.emit()
            if cell is not None:
                self.choose_cell(*cell)

    def _show_all(self) -> None:
        self.current = None
        found = self.results.cases if self.results else ()
        mine = tuple(c for c in found if (c.method, c.target) == (self.method, self.target))
        first = not self.protocols or self.protocols[0].name == self.protocol
        self.cases = mine if first or self._judging is None else self._judging.judged(mine)
        self._count()
        self.shown_changed.emit()
        self.show_all()

    def _count(self) -> None:
        """What is shown of the cases by the present rule; once, as it is asked for at each paint."""
        kinds = ((case, kind_of(case, self.rule)) for case in self.cases)
        self.points = tuple(Point(c, c.score, c.iou or 0.0, kind) for c, kind in kinds if kind is not None)
        self.counts = Counter((case.outcome, case.look(self.rule)) for case in self.cases)

    def _set_worklist(self, cases: tuple[ReasonCase, ...], title: str, cell: Cell | None) -> None:
        self.worklist, self.title, self.cell = cases, title, cell
        self.worklist_changed.emit()
        if self.current not in cases:
            self.set_current(cases[0] if cases else None)
