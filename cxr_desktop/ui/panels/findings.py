"""The findings panel: reasons against the image first, then scores."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QPushButton, QVBoxLayout, QWidget

from cxr_desktop.ui.inference import Inference
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.findings_model import Findings, findings_of
from cxr_desktop.ui.panels.score_bar import ScoreBar
from cxr_desktop.ui.panels.section import Section, note
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.translation import tr


class FindingsPanel(Section):
    """reveal_wanted: the reader insists on scores that the input check withholds."""

    reveal_wanted = Signal()

    def __init__(self, session: Session, inference: Inference, parent: QWidget | None = None) -> None:
        super().__init__(tr("Findings"), parent)
        self.setObjectName("findings")
        self._session = session
        self._inference = inference
        self._models = named(QComboBox(), "model")
        self._models.setAccessibleName(tr("Model"))
        self._models.setToolTip(tr("The network that classifies and is explained"))
        self._models.activated.connect(lambda row: inference.choose_model(self._models.itemData(row)))
        self._state = note(name="findingsState")
        self._body = QVBoxLayout()
        self._body.setSpacing(6)
        self._reveal = named(QPushButton(tr("Show scores anyway")), "showScores")
        self._reveal.setToolTip(tr("Your decision is recorded with the reading"))
        self._reveal.clicked.connect(self.reveal_wanted)
        for widget in (self._models, self._state):
            self.body.addWidget(widget)
        self.body.addLayout(self._body)
        self.body.addWidget(self._reveal)
        inference.models_changed.connect(self._offer_models)
        inference.model_changed.connect(self._refresh)
        inference.unscored_changed.connect(self._refresh)
        session.image_changed.connect(self._refresh)
        session.prediction_changed.connect(self._refresh)
        session.veil_changed.connect(self._refresh)
        self._refresh()

    def _offer_models(self) -> None:
        self._models.clear()
        for model in self._inference.models:
            self._models.addItem(f"{model.title} {model.version}", model.name)
            self._models.setItemData(self._models.count() - 1, model.intended_use, 3)
        self._models.setVisible(bool(self._inference.models))

    def _refresh(self) -> None:
        findings = findings_of(self._session.prediction, self._session.scores_revealed)
        self._state.setText(self._sentence())
        self._state.setVisible(bool(self._state.text()))
        self._reveal.setVisible(findings.withheld)
        self._models.setVisible(bool(self._inference.models))
        self._fill(findings)

    def _fill(self, findings: Findings) -> None:
        while (item := self._body.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for sentence in findings.refusals:
            self._body.addWidget(note(sentence, "refusal", "refusal"))
        for sentence in findings.warnings:
            self._body.addWidget(note(sentence, "warning", "concern"))
        for finding in findings.rows:
            bar = ScoreBar(finding)
            bar.setObjectName(f"score:{finding.label}")
            self._body.addWidget(bar)
        if findings.rows:
            rated = any(finding.points for finding in findings.rows)
            marks = tr("White marks: operating points. ") if rated else ""
            self._body.addWidget(
                note(tr("{marks}A score is the model's probability, not a diagnosis.").format(marks=marks))
            )

    def _sentence(self) -> str:
        if self._inference.problem:
            return self._inference.problem
        if self._session.image is None:
            return tr("Scores appear here once an image is open.")
        if self._session.veiled:
            return tr("Hidden until you commit your reading.")
        if not self._inference.ready:
            return tr("The model is being loaded …")
        return "" if self._session.prediction else self._inference.unscored or tr("Classifying …")
