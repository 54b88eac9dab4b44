"""Small tables of numbers with named rows and columns, as high as what they hold."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from cxr_desktop.ui.naming import named

ROW, MOST_ROWS = 26, 6


def small_table(name: str, told: str) -> QTableWidget:
    table = named(QTableWidget(), name)
    table.setTabKeyNavigation(False)
    table.setAccessibleName(told)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.verticalHeader().setDefaultSectionSize(ROW)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    table.horizontalHeader().setMinimumSectionSize(58)
    return table


def shape_table(table: QTableWidget, rows: list[str], columns: list[str]) -> None:
    table.setRowCount(len(rows))
    table.setColumnCount(len(columns))
    table.setVerticalHeaderLabels(rows)
    table.setHorizontalHeaderLabels(columns)


def set_cell(table: QTableWidget, row: int, column: int, text: str, colour: QColor) -> QTableWidgetItem:
    item = table.item(row, column)
    if item is None:
        item = QTableWidgetItem()
        item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
        table.setItem(row, column, item)
    item.setText(text)
    item.setForeground(colour)
    return item


def fit_table(table: QTableWidget) -> None:
    shown = min(table.rowCount(), MOST_ROWS)
    table.setFixedHeight(ROW * shown + table.horizontalHeader().sizeHint().height() + 4)
