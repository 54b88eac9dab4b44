"""C-FIND: the studies that a DIMSE node knows, and what is in them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from cxr_desktop.transfer.association import Caller, associated, dropped
from cxr_desktop.transfer.failure import NodeRefused
from cxr_desktop.transfer.node import Node
from cxr_desktop.transfer.query import RETURNED, FoundStudy, Query, found_study

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pynetdicom.association import Association

PENDING = (0xFF00, 0xFF01)
MOST = 1000


def find_studies(node: Node, query: Query, caller: Caller, most: int = MOST) -> tuple[FoundStudy, ...]:
    """The studies that meet the query, at most so many, newest first.

    Raises NodeUnreachable, NodeRefused, PolicyError and Cancelled.
    """
    found = []
    with asking(node, caller) as association:
        keys = {**dict.fromkeys(RETURNED, ""), **query.criteria()}
        for answer in answers(association, node, caller, "STUDY", keys):
            found.append(found_study(answer))
            if len(found) == most:
                association.abort()
                break
    known = {study.study_uid: study for study in found if study.study_uid}
    return newest_first(known.values())


def newest_first(studies: Iterable[FoundStudy]) -> tuple[FoundStudy, ...]:
    """By date and time, the latest first."""
    return tuple(sorted(studies, key=lambda study: (study.date, study.time, study.study_uid), reverse=True))


def kinds_of_series(node: Node, study_uid: str, caller: Caller) -> dict[str, list[str]]:
    """SOP classes of every object of a study, by its series. Empty where the node knows no such study."""
    with asking(node, caller) as association:
        keys = {"StudyInstanceUID": study_uid, "SeriesInstanceUID": ""}
        series = [
            str(answer.get("SeriesInstanceUID", ""))
            for answer in answers(association, node, caller, "SERIES", keys)
        ]
        found: dict[str, list[str]] = {}
        for uid in filter(None, series):
            keys = {
                "StudyInstanceUID": study_uid,
                "SeriesInstanceUID": uid,
                "SOPInstanceUID": "",
                "SOPClassUID": "",
            }
            images = answers(association, node, caller, "IMAGE", keys)
            found[uid] = [str(answer.get("SOPClassUID", "")) for answer in images]
    return found


def asking(node: Node, caller: Caller) -> AbstractContextManager[Association]:
    """An association for queries."""
    from pynetdicom.presentation import build_context
    from pynetdicom.sop_class import (  # type: ignore[attr-defined]
        StudyRootQueryRetrieveInformationModelFind as Find,
    )

    return associated(node, caller, [build_context(Find)])


def answers(
    association: Association, node: Node, caller: Caller, level: str, keys: Mapping[str, str]
) -> Iterator[Dataset]:
    """What a node answers to a query of a level (STUDY, SERIES, IMAGE). keys: value by keyword."""
    from pynetdicom.sop_class import (  # type: ignore[attr-defined]
        StudyRootQueryRetrieveInformationModelFind as Find,
    )

    began = time.monotonic()
    try:
        for status, answer in association.send_c_find(identifier(level, keys), Find):
            if "Status" not in status:
                raise dropped(node, caller.patience, began)
            if status.Status in PENDING and answer is not None:
                yield answer
            elif status.Status not in (0, *PENDING):
                raise NodeRefused(
                    f"{node} cannot answer the query (status {status.Status:04X}); ask for something else, "
                    "or ask its administrator"
                )
            began = time.monotonic()
    except RuntimeError as error:  # the association ended before the question
        raise dropped(node, caller.patience, began) from error


def identifier(level: str, keys: Mapping[str, str]) -> Dataset:
    """The identifier of a query or retrieval; names may be of any script."""
    from pydicom.dataset import Dataset

    asked = Dataset()
    asked.SpecificCharacterSet = "ISO_IR 192"
    asked.QueryRetrieveLevel = level
    for keyword, value in keys.items():
        setattr(asked, keyword, value)
    return asked
