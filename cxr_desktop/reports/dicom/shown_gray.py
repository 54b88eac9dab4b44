"""Gray values of a presentation state: the image's Modality LUT and the window that we show (PS3.3 C.11.1, C.11.8)."""

from __future__ import annotations

from math import ceil, floor

import numpy as np
from pydicom.dataset import Dataset
from pydicom.valuerep import DSfloat

from cxr_desktop.dicom.elements import items, number, text
from cxr_desktop.domain import Radiograph, Voi, VoiFunction, VoiTable, Window
from cxr_desktop.reports.dicom.writing import line

_WORDS = 65536


def add_gray(state: Dataset, radiograph: Radiograph, image: Dataset) -> None:
    """Write both into the state. image: the attributes of its Modality LUT."""
    _add_modality(state, image)
    voi = radiograph.default_voi()
    if isinstance(voi, Window) and voi.function is VoiFunction.SIGMOID:
        voi = _tabled(voi, *radiograph.value_range())
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
    if window.function is VoiFunction.SIGMOID:  # of values that no table holds
        item.VOILUTFunction = "SIGMOID"
    if window.explanation:
        item.WindowCenterWidthExplanation = line(window.explanation)
    return item


def _tabled(window: Window, low: float, high: float) -> Voi:
    """A sigmoid window as a table over the image's values: not every viewer knows the function here."""
    first, last = floor(low), ceil(high)
    if not -_WORDS // 2 <= first <= last < _WORDS or last - first >= _WORDS:
        return window
    shown = window.apply(np.arange(first, last + 1, dtype=np.float64))
    entries = np.rint(shown.astype(np.float64) * (_WORDS - 1)).astype(np.uint16)
    return VoiTable(entries, first, 16, window.explanation)


def _table(table: VoiTable) -> Dataset:
    """Entries of 8 or 16 bits, others spread over 16: some viewers know no more."""
    bits, entries = table.bits, table.entries
    if bits not in (8, 16):
        whole = np.minimum(entries.astype(np.float64) / (2**bits - 1), 1.0)
        bits, entries = 16, np.rint(whole * (_WORDS - 1)).astype(np.uint16)
    item = Dataset()
    signed = table.first_value < 0
    count = len(entries) % _WORDS
    count -= _WORDS if signed and count >= _WORDS // 2 else 0  # the same bits in a signed word
    item.add_new("LUTDescriptor", "SS" if signed else "US", [count, table.first_value, bits])
    item.add_new("LUTData", "OW", np.ascontiguousarray(entries, dtype="<u2").tobytes())
    if table.explanation:
        item.LUTExplanation = line(table.explanation)
    outer = Dataset()
    outer.VOILUTSequence = [item]
    return outer


def _decimal(value: float) -> DSfloat:
    return DSfloat(value, auto_format=True)
