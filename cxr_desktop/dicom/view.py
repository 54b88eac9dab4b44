"""From where the patient was looked at: View Position, or the code that stands for it."""

from __future__ import annotations

from pydicom.dataset import Dataset

from cxr_desktop.dicom.elements import items, text

VIEW_KEYWORDS = ("ViewPosition", "ViewCodeSequence")
_CODES = {
    "AP": ("399348003", "R-10206"),
    "PA": ("272479007", "R-10214", "R-40888"),
    "LL": ("399173006", "R-10236"),
    "RL": ("399198007", "R-10232"),
    "LATERAL": ("399067008", "R-102CD"),
    "LAO": ("399135007", "R-10220"),
    "RAO": ("399356000", "R-10218", "R-40985"),
    "LPO": ("399006002", "R-10212"),
    "RPO": ("399038007", "R-10210"),
}
"""SNOMED CT and the older SRT codes of PS3.16 CID 4010, of those views that a chest is taken in."""
_VIEWS = {code: view for view, codes in _CODES.items() for code in codes}


def view_position(dataset: Dataset) -> str:
    """As View Position says it (PS3.3 C.8.1.2); '' where neither it nor a known code is there.

    A DX image need not carry it: its View Code Sequence is the one that must be there (PS3.3 C.8.11.5).
    """
    told = text(dataset, "ViewPosition")
    codes = () if told else items(dataset, "ViewCodeSequence")
    return told or next((_VIEWS[code] for item in codes if (code := text(item, "CodeValue")) in _VIEWS), "")
