"""Questions to the library whose failure is the asker's to tell, not the store's."""

from __future__ import annotations

from collections.abc import Callable

from cxr_desktop.domain.errors import CxrError
from cxr_desktop.library import ReadingStore

Question = Callable[[ReadingStore], None]


def guarded(question: Question, failed: Callable[[str], object]) -> Question:
    """The question, with a sentence to `failed` where it cannot be answered; runs on the journal's thread."""

    def ask(store: ReadingStore) -> None:
        try:
            question(store)
        except (CxrError, OSError) as error:
            failed(str(error))

    return ask
