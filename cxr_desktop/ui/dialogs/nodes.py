"""The systems that objects are exchanged with."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cxr_desktop.transfer.node import Node, NodeKind, Tls
from cxr_desktop.ui.naming import named
from cxr_desktop.ui.panels.section import note
from cxr_desktop.ui.room import open_at
from cxr_desktop.ui.transferring import Transferring
from cxr_desktop.ui.translation import later, tr

KINDS = ((NodeKind.DIMSE, later("DICOM (C-STORE, C-FIND, C-GET)")), (NodeKind.DICOMWEB, "DICOMweb"))
SECURITY = later(
    "TLS always verifies the other side's certificate. Without a CA file, the system's authorities are trusted."
)


class NodesDialog(QDialog):
    """A list on the left, the chosen node's form on the right."""

    def __init__(self, transferring: Transferring, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("nodesDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Nodes"))
        open_at(self, 820, 500)
        self._transferring = transferring
        self._nodes: dict[str, Node] = {}
        self._list = named(QListWidget(), "nodeList")
        self._list.setFixedWidth(220)
        self._list.setSpacing(4)
        self._name, self._host = named(QLineEdit(), "nodeName"), named(QLineEdit(), "nodeHost")
        self._port = named(QLineEdit("104"), "nodePort")
        self._kind = named(QComboBox(), "nodeKind")
        for kind, text in KINDS:
            self._kind.addItem(tr(text), kind)
        self._title, self._path = named(QLineEdit(), "nodeAeTitle"), named(QLineEdit(), "nodePath")
        self._tls = named(QComboBox(), "nodeTls")
        self._tls.addItems([tr("No TLS"), tr("TLS")])
        self._ca, self._certificate = named(QLineEdit(), "nodeCa"), named(QLineEdit(), "nodeCertificate")
        self._key = named(QLineEdit(), "nodeKey")
        self._outcome = note(name="nodeOutcome")
        self._lay_out()
        self._connect()
        self._refresh()
        self._follow_kind()

    def done(self, result: int) -> None:
        self._transferring.cancel()
        super().done(result)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(14)
        form.setVerticalSpacing(8)
        for text, widget in (
            (tr("Name"), self._name), (tr("Speaks"), self._kind), (tr("Host"), self._host), (tr("Port"), self._port),
            (tr("AE title"), self._title), (tr("Path"), self._path), (tr("Security"), self._tls),
            (tr("CA file"), self._ca), (tr("Own certificate"), self._certificate), (tr("Its key"), self._key),
        ):  # fmt: skip
            form.addRow(QLabel(text), widget)
        self._port.setValidator(QIntValidator(1, 65535, self))
        self._path.setPlaceholderText("/dicom-web")
        self._ca.setPlaceholderText(tr("PEM file; empty: the system's"))
        self._certificate.setPlaceholderText(tr("PEM file, where the node asks for one"))
        self._key.setPlaceholderText(tr("PEM file, where not in the certificate's"))
        self._remove = named(QPushButton(tr("Remove"), autoDefault=False), "nodeRemove")
        self._echo = named(QPushButton(tr("Test"), autoDefault=False), "nodeEcho")
        self._save = named(QPushButton(tr("Save"), default=True), "nodeSave")
        self._save.setProperty("role", "primary")
        close = QPushButton(tr("Close"), autoDefault=False)
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        for button in (self._remove, self._echo):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for button in (close, self._save):
            buttons.addWidget(button)
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addLayout(form)
        right.addWidget(note(tr(SECURITY)))
        right.addWidget(self._outcome)
        right.addStretch(1)
        right.addLayout(buttons)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 16)
        layout.setSpacing(18)
        layout.addWidget(self._list)
        layout.addLayout(right, 1)

    def _connect(self) -> None:
        self._list.currentTextChanged.connect(self._show)
        self._kind.currentIndexChanged.connect(self._follow_kind)
        self._tls.currentIndexChanged.connect(self._follow_kind)
        self._save.clicked.connect(self._keep)
        self._remove.clicked.connect(lambda: self._transferring.remove_node(self._list.currentItem().text()))
        self._echo.clicked.connect(self._call)
        self._transferring.nodes_changed.connect(self._refresh)
        self._transferring.answered.connect(self._outcome.setText)
        self._transferring.failed.connect(self._outcome.setText)

    def _refresh(self) -> None:
        chosen = self._name.text()
        self._nodes = {node.name: node for node in self._transferring.book.nodes}
        self._list.clear()
        self._list.addItems(list(self._nodes))
        names = list(self._nodes)
        if names:
            self._list.setCurrentRow(names.index(chosen) if chosen in names else 0)
        self._remove.setEnabled(bool(names))

    def _show(self, name: str) -> None:
        node = self._nodes.get(name)
        if node is None:
            return
        self._name.setText(node.name)
        self._kind.setCurrentIndex(self._kind.findData(node.kind))
        self._host.setText(node.host)
        self._port.setText(str(node.port))
        self._title.setText(node.ae_title)
        self._path.setText(node.path)
        self._tls.setCurrentIndex(int(node.tls is not None))
        tls = node.tls or Tls()
        for field, path in (
            (self._ca, tls.ca_file),
            (self._certificate, tls.certificate),
            (self._key, tls.key),
        ):
            field.setText(str(path or ""))
        self._outcome.clear()

    def _follow_kind(self) -> None:
        web = self._chosen_kind() is NodeKind.DICOMWEB
        self._title.setEnabled(not web)
        self._path.setEnabled(web)
        for field in (self._ca, self._certificate, self._key):
            field.setEnabled(self._tls.currentIndex() == 1)

    def _chosen_kind(self) -> NodeKind:
        """Qt gives the kind back as plain text."""
        return NodeKind(self._kind.currentData())

    def _node(self) -> Node | None:
        """The form as a node; says what is wrong with it where it is none."""

        def path(field: QLineEdit) -> Path | None:
            return Path(field.text().strip()) if field.text().strip() else None

        web = self._chosen_kind() is NodeKind.DICOMWEB
        try:
            tls = (
                Tls(path(self._ca), path(self._certificate), path(self._key))
                if self._tls.currentIndex()
                else None
            )
            return Node(
                self._name.text().strip(), self._host.text().strip(), int(self._port.text() or 0), self._chosen_kind(),
                "" if web else self._title.text().strip(), self._path.text().strip() if web else "", tls,
            )  # fmt: skip
        except ValueError as error:
            self._outcome.setText(f"{str(error)[0].upper()}{str(error)[1:]}.")
            return None

    def _keep(self) -> None:
        node = self._node()
        if node is not None:
            self._transferring.keep_node(node)

    def _call(self) -> None:
        node = self._node()
        if node is not None:
            self._outcome.setText(tr("Calling {name} …").format(name=node.name))
            self._transferring.echo(node)
