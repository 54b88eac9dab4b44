"""How far the map on screen can be trusted: sentences, curves, and the methods' agreement."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.reports.trust_plots import plots_of
from cxr_desktop.reports.trust_words import LIMITS, agreement_words, sentences
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.heatmap_model import HeatmapModel
from cxr_desktop.ui.panels.line_plot import AgreementView, LinePlotView
from cxr_desktop.ui.panels.section import note
from cxr_desktop.ui.room import open_at
from cxr_desktop.ui.translation import later, tr
from cxr_desktop.ui.trusting import Trusting

WAITING = later(
    "Nothing was measured of this map yet. Measuring makes it eleven times more: with random weights, "
    "with the image changed a little, and with its strongest pixels taken away."
)


class TrustDialog(QDialog):
    """Shows what is known, measures on request, and may be closed meanwhile: the work goes on."""

    def __init__(self, trusting: Trusting, heatmap: HeatmapModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trustDialog")
        self.setWindowTitle(tr("Trust in this map"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        open_at(self, 860, 860)
        self._trusting = trusting
        self._heatmap = heatmap
        self._shown: tuple[object, ...] = ()
        self._title = named(QLabel(), "trustTitle")
        self._title.setProperty("role", "strong")
        self._bar = named(QProgressBar(textVisible=False, maximum=1000), "trustProgress")
        self._measure = named(QPushButton(tr("Measure"), default=True), "trustMeasure")
        self._measure.setProperty("role", "primary")
        self._measure.clicked.connect(self._start_or_cancel)
        self._problem = note(role="warning", name="trustProblem")
        self._page = QScrollArea(widgetResizable=True)
        self._lay_out()
        trusting.changed.connect(self._refresh)
        self._refresh()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._title, 1)
        top.addWidget(self._bar)
        top.addWidget(self._measure)
        self._bar.setFixedWidth(180)
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.reject)
        bottom = QHBoxLayout()
        bottom.addWidget(note(LIMITS), 1)
        bottom.addWidget(close, 0, Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 16, 22, 16)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(self._problem)
        layout.addWidget(self._page, 1)
        layout.addLayout(bottom)

    def _start_or_cancel(self) -> None:
        if self._trusting.running:
            self._trusting.cancel()
        else:
            self._trusting.measure()

    def _refresh(self) -> None:
        model, running = self._trusting, self._trusting.running
        self._title.setText(
            tr("{method} for {target}").format(
                method=self._heatmap.title_of(self._heatmap.method), target=self._heatmap.target
            )
        )
        self._bar.setVisible(running)
        self._bar.setValue(round(1000 * model.progress))
        self._measure.setText(
            tr("Cancel") if running else tr("Measure again") if model.complete else tr("Measure")
        )
        self._measure.setEnabled(running or model.question is not None)
        self._problem.setText(model.problem)
        self._problem.setVisible(bool(model.problem))
        shown = (model.present, model.agreement)
        if shown != self._shown or self._page.widget() is None:
            self._shown = shown
            self._page.setWidget(self._filled())

    def _filled(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(14)
        trust, agreement = self._trusting.present, self._trusting.agreement
        if trust is None:
            layout.addWidget(note(tr(WAITING), name="trustWaiting"))
        else:
            layout.addLayout(_answers(sentences(trust)))
            plots = QGridLayout()
            plots.setHorizontalSpacing(28)
            plots.setVerticalSpacing(18)
            for place, plot in enumerate(plots_of(trust)):
                plots.addWidget(LinePlotView(plot), place // 2, place % 2)
            layout.addLayout(plots)
        if agreement is not None:
            layout.addWidget(note(agreement_words(agreement)))
        if agreement is not None and len(agreement.methods) > 1:
            titles = tuple(self._heatmap.title_of(method) for method in agreement.methods)
            layout.addWidget(AgreementView(agreement, titles))
        layout.addStretch(1)
        return page


def _answers(told: tuple[tuple[str, str], ...]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(7)
    grid.setColumnStretch(1, 1)
    for row, (asked, found) in enumerate(told):
        question = QLabel(asked)
        question.setProperty("role", "muted")
        answer = QLabel(found)
        answer.setWordWrap(True)
        answer.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(question, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(answer, row, 1)
    return grid
