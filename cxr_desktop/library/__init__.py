"""The local store: what readers drew, the studies opened, and the trail of exports; survives any end of the program."""

from cxr_desktop.library.events import (
    AddBox,
    Amend,
    Commit,
    Event,
    JudgeBox,
    Override,
    Redo,
    RemoveBox,
    ReplaceBox,
    Reveal,
    Settle,
    StateFinding,
    Undo,
    WithdrawFinding,
)
from cxr_desktop.library.failure import StoreError
from cxr_desktop.library.history import History, ReadingLocked
from cxr_desktop.library.journal import Journal
from cxr_desktop.library.readings import ReadingStore, StoredEvent
from cxr_desktop.library.studies import KeptImage, StudyShelf, study_key
from cxr_desktop.library.trail import AuditTrail, TrailEntry, TrailError, broken_links, from_lines, to_lines
from cxr_desktop.library.unfinished_search import UnfinishedSearch

__all__ = [
    "AddBox",
    "Amend",
    "AuditTrail",
    "Commit",
    "Event",
    "History",
    "Journal",
    "JudgeBox",
    "KeptImage",
    "Override",
    "ReadingLocked",
    "ReadingStore",
    "Redo",
    "RemoveBox",
    "ReplaceBox",
    "Reveal",
    "Settle",
    "StateFinding",
    "StoreError",
    "StoredEvent",
    "StudyShelf",
    "TrailEntry",
    "TrailError",
    "Undo",
    "UnfinishedSearch",
    "WithdrawFinding",
    "broken_links",
    "from_lines",
    "study_key",
    "to_lines",
]
