"""The local store: what readers drew, as append-only events that survive any end of the program."""

from cxr_desktop.library.events import AddBox, Event, Override, Redo, RemoveBox, ReplaceBox, Undo
from cxr_desktop.library.history import History
from cxr_desktop.library.journal import Journal
from cxr_desktop.library.readings import ReadingStore, StoredEvent, StoreError

__all__ = [
    "AddBox",
    "Event",
    "History",
    "Journal",
    "Override",
    "ReadingStore",
    "Redo",
    "RemoveBox",
    "ReplaceBox",
    "StoreError",
    "StoredEvent",
    "Undo",
]
