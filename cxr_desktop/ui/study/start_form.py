"""What an evaluation is started with, and how far it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.ui.engine import EvaluationRequest, MethodChoice
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.section import note
from cxr_desktop.ui.study.evaluating import Evaluating, State
from cxr_desktop.ui.translation import later, tr

ACROSS = 4
FIELDS = (
    (
        "index",
        later("Index"),
        later("CSV with the column image; others are groups, such as view, sex, site"),
        False,
    ),
    ("images", later("Images"), later("Folder of the radiographs"), True),
    ("boxes", later("Boxes"), later("Readers' boxes: CSV, COCO, VOC, YOLO, LabelMe or Label Studio"), False),
    (
        "out",
        later("Results"),
        later("Folder for tables and reports; one begun earlier is gone on with"),
        True,
    ),
)


class StartForm(QWidget):
    """Four paths and the methods; below them progress with pause and cancel."""

    def __init__(
        self,
        evaluating: Evaluating,
        model: Callable[[], str],
        methods: tuple[MethodChoice, ...],
        preferred: tuple[str, ...],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("studyStart")
        self._evaluating, self._network = evaluating, model
        self._fields = {
            name: named(QLineEdit(placeholderText=tr(hint)), f"study:{name}") for name, _, hint, _ in FIELDS
        }
        self._methods = {choice.name: QCheckBox(choice.title) for choice in methods}
        for name, box in self._methods.items():
            box.setObjectName(f"studyMethod:{name}")
            box.setChecked(name in preferred)
            box.toggled.connect(self._refresh)
        self._start = named(QPushButton(tr("Start"), autoDefault=False), "studyBegin")
        self._start.setProperty("role", "primary")
        self._pause = named(QPushButton(tr("Pause"), autoDefault=False), "studyPause")
        self._cancel = named(QPushButton(tr("Cancel"), autoDefault=False), "studyCancel")
        self._bar = named(QProgressBar(textVisible=False, maximum=1000), "studyProgress")
        self._state, self._problem = note(name="studyState"), note(role="refusal", name="studyProblem")
        self._lay_out()
        self._start.clicked.connect(self._begin)
        self._pause.clicked.connect(self._pause_or_go_on)
        self._cancel.clicked.connect(evaluating.cancel)
        evaluating.changed.connect(self._refresh)
        self._refresh()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        for row, (name, title, _, folder) in enumerate(FIELDS):
            label = QLabel(tr(title))
            label.setProperty("role", "muted")
            label.setBuddy(self._fields[name])
            self._fields[name].setAccessibleName(tr(title))
            self._fields[name].textChanged.connect(self._refresh)
            choose = QPushButton(tr("Choose…"), autoDefault=False)
            choose.clicked.connect(lambda _=False, name=name, folder=folder: self._choose(name, folder))
            for column, widget in enumerate((label, self._fields[name], choose)):
                grid.addWidget(widget, row, column)
        boxes = QGridLayout()
        for place, box in enumerate(self._methods.values()):
            boxes.addWidget(box, place // ACROSS, place % ACROSS)
        buttons = QHBoxLayout()
        buttons.addWidget(self._state, 1)
        for button in (self._cancel, self._pause, self._start):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addLayout(grid)
        layout.addLayout(boxes)
        layout.addWidget(self._problem)
        layout.addWidget(self._bar)
        layout.addLayout(buttons)
        layout.addStretch(1)

    def _choose(self, name: str, folder: bool) -> None:
        title = tr("Choose: {name}").format(name=name)
        chosen = (
            QFileDialog.getExistingDirectory(self, title)
            if folder
            else QFileDialog.getOpenFileName(self, title)[0]
        )
        if chosen:
            self._fields[name].setText(chosen)

    def _begin(self) -> None:
        paths = {name: Path(field.text().strip()).expanduser() for name, field in self._fields.items()}
        methods = tuple(name for name, box in self._methods.items() if box.isChecked())
        self._evaluating.start(
            EvaluationRequest(
                paths["index"], paths["images"], paths["boxes"], paths["out"], methods, self._network()
            )
        )

    def _pause_or_go_on(self) -> None:
        if self._evaluating.state is State.PAUSED:
            self._evaluating.go_on()
        else:
            self._evaluating.pause()

    def _refresh(self) -> None:
        run = self._evaluating
        under_way = run.state in (State.RUNNING, State.PAUSED)
        whole = all(field.text().strip() for field in self._fields.values())
        self._start.setEnabled(whole and not under_way and any(b.isChecked() for b in self._methods.values()))
        for button in (self._pause, self._cancel):
            button.setVisible(under_way)
        self._pause.setText(tr("Go on") if run.state is State.PAUSED else tr("Pause"))
        self._bar.setVisible(run.state is not State.IDLE)
        self._bar.setValue(round(1000 * run.progress))
        self._state.setText(_told(run))
        self._problem.setText(run.problem)
        self._problem.setVisible(bool(run.problem))


def _told(run: Evaluating) -> str:
    match run.state:
        case State.RUNNING:
            left = run.seconds_left
            return f"{run.progress:.0%}" + (
                tr(", about {duration} left").format(duration=_duration(left)) if left is not None else ""
            )
        case State.PAUSED:
            return tr("Paused at {progress:.0%}; what was measured is kept.").format(progress=run.progress)
        case State.DONE:
            return tr("Done.")
    return tr("What was measured is kept image by image: it can be paused, and gone on with another day.")


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return (
        f"{round(seconds)} s"
        if seconds < 90
        else f"{minutes} min"
        if minutes < 90
        else f"{minutes / 60:.1f} h"
    )
