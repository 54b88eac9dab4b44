"""Objects to a node: the reports exported last, the image on screen, or files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.ui.dialogs.nodes import NodesDialog
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.section import note
from cxr_desktop.ui.room import open_at
from cxr_desktop.ui.transferring import Progress, Transferring
from cxr_desktop.ui.translation import later, tr

KEPT = later(
    "What cannot be sent now stays in the queue, through any end of the program, and is never sent twice."
)


class SendDialog(QDialog):
    """Stays open while it sends; Cancel keeps the rest in the queue."""

    def __init__(self, transferring: Transferring, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sendDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Send"))
        open_at(self, 640, 420)
        self._transferring = transferring
        self._files = named(QListWidget(), "sendFiles")
        self._files.setSpacing(4)
        self._node = named(QComboBox(), "sendNode")
        self._bar = named(QProgressBar(textVisible=False, maximum=1000), "sendProgress")
        self._outcome = note(name="sendOutcome")
        self._start = named(QPushButton(tr("Send"), default=True), "sendStart")
        self._start.setProperty("role", "primary")
        self._busy = False
        self._lay_out()
        self._connect()
        for path in transferring.offered():
            self._offer(path)
        self._list_nodes()
        self._tell_waiting()

    def done(self, result: int) -> None:
        self._transferring.cancel()
        super().done(result)

    def _lay_out(self) -> None:
        more = named(QPushButton(tr("Add files…"), autoDefault=False), "sendAdd")
        more.clicked.connect(self._ask_files)
        nodes = named(QPushButton(tr("Nodes…"), autoDefault=False), "sendNodes")
        nodes.clicked.connect(lambda: NodesDialog(self._transferring, self).open())
        row = QHBoxLayout()
        row.addWidget(note(tr("To"), role="strong"))
        row.addWidget(self._node, 1)
        row.addWidget(nodes)
        close = QPushButton(tr("Close"), autoDefault=False)
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addWidget(more)
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self._start)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 16)
        layout.setSpacing(12)
        layout.addWidget(self._files, 1)
        layout.addLayout(row)
        layout.addWidget(note(tr(KEPT)))
        layout.addWidget(self._bar)
        layout.addWidget(self._outcome)
        layout.addLayout(buttons)
        self._bar.hide()

    def _connect(self) -> None:
        self._start.clicked.connect(self._send)
        self._files.itemChanged.connect(self._check)
        self._transferring.nodes_changed.connect(self._list_nodes)
        self._transferring.progressed.connect(self._show_progress)
        self._transferring.sent.connect(self._finish)
        self._transferring.failed.connect(self._finish)

    def _offer(self, path: Path) -> None:
        item = QListWidgetItem(path.name)
        item.setData(Qt.ItemDataRole.UserRole, path)
        item.setToolTip(str(path))
        item.setCheckState(Qt.CheckState.Checked)
        self._files.addItem(item)

    def _ask_files(self) -> None:
        names, _kind = QFileDialog.getOpenFileNames(self, tr("DICOM files to send"))
        for name in names:
            self._offer(Path(name))
        self._check()

    def _list_nodes(self) -> None:
        chosen = self._node.currentText()
        self._node.clear()
        self._node.addItems([node.name for node in self._transferring.book.nodes])
        self._node.setCurrentIndex(max(self._node.findText(chosen), 0))
        self._check()

    def _chosen(self) -> list[Path]:
        items = [self._files.item(row) for row in range(self._files.count())]
        return [i.data(Qt.ItemDataRole.UserRole) for i in items if i.checkState() is Qt.CheckState.Checked]

    def _check(self) -> None:
        self._start.setEnabled(
            not self._busy
            and bool(self._node.currentText() and (self._chosen() or self._transferring.waiting))
        )
        if not self._node.currentText():
            self._outcome.setText(tr("No node is known yet. Add one with the button beside the list."))

    def _tell_waiting(self) -> None:
        count = self._transferring.waiting
        if count and self._node.currentText():
            one = tr("1 object waits") if count == 1 else tr("{count} objects wait").format(count=count)
            self._outcome.setText(tr("{one} from earlier and will be tried with these.").format(one=one))

    def _send(self) -> None:
        self._busy = True
        self._check()
        self._bar.setValue(0)
        self._bar.show()
        self._outcome.setText(tr("Sending to {node} …").format(node=self._node.currentText()))
        self._transferring.send(self._chosen(), self._node.currentText())

    def _show_progress(self, progress: Progress) -> None:
        self._bar.setValue(round(1000 * progress.share))

    def _finish(self, sentence: str) -> None:
        self._busy = False
        self._bar.hide()
        self._outcome.setText(sentence)
        self._check()
