"""The worklist as a table. No widget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from cxr_desktop.domain.reasons import ReasonCase
from cxr_desktop.domain.region import Region
from cxr_desktop.ui.study.results_model import ResultsModel
from cxr_desktop.ui.translation import later, tr

HEAD = (
    later("Image"),
    later("Outcome"),
    later("Map"),
    later("Probability"),
    later("IoU"),
    later("In lungs"),
    later("On markers"),
    later("Off the body"),
)
_LUNGS, _HEART = (Region.RIGHT_LUNG, Region.LEFT_LUNG), (Region.HEART,)
_LETTERS, _OFF = (Region.LETTERING,), (Region.OUTSIDE, Region.BORDER)
Index = QModelIndex | QPersistentModelIndex


class WorklistModel(QAbstractTableModel):
    """Rows are the model's worklist, in its order."""

    def __init__(self, model: ResultsModel) -> None:
        super().__init__()
        self._model = model
        model.worklist_changed.connect(self._reset)

    def case(self, row: int) -> ReasonCase | None:
        return self._model.worklist[row] if 0 <= row < len(self._model.worklist) else None

    def row_of(self, case: ReasonCase | None) -> int | None:
        return self._model.worklist.index(case) if case in self._model.worklist else None

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._model.worklist)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(HEAD)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = int(Qt.ItemDataRole.DisplayRole)
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _aligned(section)
        return tr(HEAD[section]) if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        case = self.case(index.row())
        if case is None:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _aligned(index.column())
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        return _cells(case, str(case.look(self._model.rule)))[index.column()]

    def _reset(self) -> None:
        self.beginResetModel()
        self.endResetModel()


def _aligned(column: int) -> int:
    """Words to the left, numbers to the right."""
    side = Qt.AlignmentFlag.AlignRight if column > HEAD.index("Map") else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


def shares_told(cases: Sequence[ReasonCase]) -> str:
    """Where the relevance of these images lies, as a sentence; '' where no map was made of any."""
    mapped = [case for case in cases if case.shares]
    if not mapped:
        return ""
    parted = [case for case in mapped if case.lungs]
    parts = (
        ("lungs", _LUNGS, parted),
        (tr("heart and mediastinum"), _HEART, parted),
        ("markers", _LETTERS, mapped),
        (tr("air and borders"), _OFF, mapped),
    )
    told = [
        f"{name} {sum(case.shares[region] for case in used for region in regions) / len(used):.0%}"
        for name, regions, used in parts
        if used
    ]
    count = tr("{mapped} image{plural} with a map").format(
        mapped=len(mapped), plural="" if len(mapped) == 1 else "s"
    )
    return tr("Relevance on average, of {count}: {join}.").format(count=count, join=", ".join(told))


def _cells(case: ReasonCase, look: str) -> tuple[str, ...]:
    def share(regions: tuple[Region, ...], known: bool = True) -> str:
        return f"{sum(case.shares[region] for region in regions):.0%}" if case.shares and known else "–"

    return (
        *(case.image, str(case.outcome), look, f"{case.score:.2f}"),
        "–" if case.iou is None else f"{case.iou:.2f}",
        *(share(_LUNGS, case.lungs), share(_LETTERS), share(_OFF)),
    )
