"""Loading libraries without pauses does not keep what is thrown away later."""

from __future__ import annotations

import gc
import sys

from cxr_desktop.ui.quiet_loading import collection_paused


def test_only_what_was_imported_is_left_out_of_later_collections(monkeypatch):
    gc.collect()
    before = gc.get_freeze_count()
    with collection_paused():
        pass
    assert gc.get_freeze_count() == before
    with collection_paused():
        monkeypatch.setitem(sys.modules, "imported just now", sys)
    assert gc.get_freeze_count() > before
    gc.unfreeze()
