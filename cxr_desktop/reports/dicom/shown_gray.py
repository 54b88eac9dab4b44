"""Gray values of a presentation state: the image's Modality LUT and the window that we show (PS3.3 C.11.1, C.11.8)."""

from __future__ import annotations

import numpy as np
from pydicom.dataset import Dataset
from pydicom.valuerep import DSfloat

from cxr_desktop.dicom.elements import items, number, text
from cxr_desktop.domain import Voi, VoiFunction, VoiTable, Window
from cxr_desktop.reports.dicom.writing import line


def add_gray(state: Dataset, voi: Voi, image: Dataset) -> None:
    """Write both into the state. image: the attributes of its Modality LUT."""
    _add_modality(state, image)
    state.SoftcopyVOILUTSequence = [_window(voi) if isinstance(voi, Window) else _table(voi)]


def _add_modality(state: Dataset, image: Dataset) -> None:
    tables = items(image, "ModalityLUTSequence")[:1]
    if tables:
        item = Dataset()
        for keyword in ("LUTDescriptor", "LUTExplanation", "LUTData"):
            if keyword in tables[0]:
                item[keyword] = tables[0][keyword]
        item.ModalityLUTType = text(tables[0], "ModalityLUTType") or "US"
        state.ModalityLUTSequence = [item]
        return
    slope, intercept = number(image, "RescaleSlope"), number(image, "RescaleIntercept")
    if slope is None and intercept is None:
        return
    state.RescaleIntercept = _decimal(intercept or 0.0)
    state.RescaleSlope = _decimal(slope or 1.0)
    state.RescaleType = line(text(image, "RescaleType")) or "US"


def _window(window: Window) -> Dataset:
    """LINEAR_EXACT becomes the LINEAR window of the same effect, which every viewer knows (C.11.2.1.3.2)."""
    item = Dataset()
    exact = 1.0 if window.function is VoiFunction.LINEAR_EXACT else 0.0
    item.WindowCenter = _decimal(window.centre + exact / 2)
    item.WindowWidth = _decimal(window.width + exact)
    if window.function is VoiFunction.SIGMOID:
        item.VOILUTFunction = "SIGMOID"
    if window.explanation:
        item.WindowCenterWidthExplanation = line(window.explanation)
    return item


def _table(table: VoiTable) -> Dataset:
    item = Dataset()
    vr = "SS" if table.first_value < 0 else "US"
    item.add_new("LUTDescriptor", vr, [len(table.entries) % 65536, table.first_value, table.bits])
    item.add_new("LUTData", "OW", np.ascontiguousarray(table.entries, dtype="<u2").tobytes())
    if table.explanation:
        item.LUTExplanation = line(table.explanation)
    outer = Dataset()
    outer.VOILUTSequence = [item]
    return outer


def _decimal(value: float) -> DSfloat:
    return DSfloat(value, auto_format=True)
