"""Sending, finding and fetching on workers; no widgets. Nothing goes out before a press."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from cxr_desktop.domain.errors import CxrError, DicomReadError
from cxr_desktop.jobs import Context
from cxr_desktop.transfer.node import Node
from cxr_desktop.transfer.node_book import NodeBook, read_book, write_book
from cxr_desktop.ui.job_bridge import JobBridge, Request
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.translation import tr

if TYPE_CHECKING:
    from cxr_desktop.transfer.query import FoundStudy, Query

RECEIVED = "received"
SEND, FIND, FETCH, ECHO = "transfer send", "transfer find", "transfer fetch", "transfer echo"
LOOK = "transfer look"


@dataclass(frozen=True, slots=True)
class Progress:
    """share: 0..1."""

    share: float
    text: str


class Transferring(QObject):
    """Signals: nodes_changed; progressed (Progress); sent and answered (sentence); found (studies);

    fetched (files); failed (sentence). folder: the data folder. book and waiting, how many objects wait in the
    queue, are as they were when somebody looked last.
    """

    nodes_changed = Signal()
    progressed = Signal(object)
    sent = Signal(str)
    answered = Signal(str)
    found = Signal(object)
    fetched = Signal(object)
    failed = Signal(str)
    told = Signal(str)

    def __init__(
        self, bridge: JobBridge, session: Session, folder: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._session = session
        self._folder = folder
        self._exported: tuple[Path, ...] = ()
        self._writing = Lock()
        self.book, self.waiting = NodeBook(), 0

    def look(self, done: Callable[[], None]) -> None:
        """Read the nodes and the queue and call `done`; then `failed` tells what could not be read.

        A newer call takes the place of one that still reads.
        """
        self._look(LOOK, done)

    def keep_node(self, node: Node) -> None:
        """Add a node, or change the one of that name; `answered` tells that it is kept."""
        self._change(lambda book: book.with_node(node), tr("{name} is saved.").format(name=node.name))

    def remove_node(self, name: str) -> None:
        self._change(lambda book: book.without(name), tr("{name} is removed.").format(name=name))

    def note_exported(self, files: Sequence[Path]) -> None:
        """Remember what was exported last, to be offered for sending."""
        self._exported = tuple(files)

    def offered(self) -> tuple[Path, ...]:
        """What there is to send: the DICOM objects exported last, and the file of the image on screen."""
        reports = tuple(path for path in self._exported if path.suffix.lower() == ".dcm")
        image = self._session.image
        return reports if image is None else (*reports, image.radiograph.header.path)

    def send(self, paths: Sequence[Path], node: str) -> None:
        """Put files into the queue for a node, and send all that waits for it."""
        self._submit(
            SEND,
            tr("Sending to {node}").format(node=node),
            lambda c, r: self._send(paths, node, c, r),
            lambda sentence: self._look("", lambda: self._sent(sentence)),
            lambda error: self._look("", lambda: self.failed.emit(str(error))),
        )

    def echo(self, node: Node) -> None:
        """Whether a node answers."""
        from cxr_desktop.transfer.services import answer_time

        self._submit(
            ECHO,
            tr("Calling {name}").format(name=node.name),
            lambda context, _request: answer_time(node, read_book(self._folder), context.check),
            lambda seconds: self.answered.emit(
                tr("{name} answers in {ms:.0f} ms.").format(name=node.name, ms=1000 * seconds)
            ),
        )

    def find(self, node: str, query: Query) -> None:
        """Ask a node for studies."""
        from cxr_desktop.transfer.services import find

        def work(context: Context, _request: Request) -> tuple[FoundStudy, ...]:
            book = read_book(self._folder)
            return find(book.node(node), query, book, context.check)

        self._submit(FIND, tr("Asking {node}").format(node=node), work, self.found.emit)

    def fetch(self, node: str, studies: Sequence[str]) -> None:
        """Fetch studies by their UIDs into the data folder."""
        self._submit(
            FETCH,
            tr("Fetching from {node}").format(node=node),
            lambda context, request: self._fetch(node, studies, context, request),
            self._fetched,
        )

    def cancel(self) -> None:
        """Stop what runs; what was not sent waits, what came is kept."""
        for channel in (SEND, FIND, FETCH, ECHO):
            self._bridge.cancel(channel)

    def _submit(
        self,
        channel: str,
        title: str,
        work: Callable[[Context, Request], Any],
        done: Callable[[Any], None],
        failed: Callable[[BaseException], None] | None = None,
        *,
        awaited: bool = False,
    ) -> None:
        self._bridge.submit(
            title,
            work,
            done,
            failed or (lambda error: self.failed.emit(str(error))),
            channel=channel,
            partial=self.progressed.emit,
            priority=3,
            awaited=awaited,
        )

    def _look(self, channel: str, done: Callable[[], None]) -> None:
        def taken(found: _Kept) -> None:
            self.book, self.waiting = found.book, found.waiting
            done()
            for problem in found.problems:
                self.failed.emit(problem)

        self._submit(channel, "", lambda _context, _request: _kept(self._folder), taken, awaited=True)

    def _send(self, paths: Sequence[Path], name: str, context: Context, request: Request) -> str:
        from cxr_desktop.transfer.delivery import deliver
        from cxr_desktop.transfer.outgoing import read_outgoing
        from cxr_desktop.transfer.queue import SendQueue
        from cxr_desktop.transfer.services import caller_of
        from cxr_desktop.transfer.storing import Verdict

        book = read_book(self._folder)
        node, reasons, taken = book.node(name), [], 0
        with closing(SendQueue(self._folder)) as queue:
            known, unreadable = 0, list[str]()
            for path in paths:
                context.check()
                try:
                    _entry, new = queue.add(node.name, read_outgoing(path))
                except DicomReadError as error:
                    unreadable.append(str(error))
                else:
                    known += not new
            waiting = [entry for entry in queue.entries() if entry.node == node.name]
            for entry in waiting:
                queue.retry(entry)
            for told in deliver(queue, book, caller_of(book, context.check), waiting):
                taken += told.verdict is Verdict.TAKEN
                reasons += [told.reason] if told.reason else []
                share = told.number / told.total
                context.report(share, f"{told.number} of {told.total}")
                request.part(Progress(share, f"{told.number} of {told.total}"))
        return "\n".join([_sentence(node.name, taken, reasons, known), *unreadable]).strip()

    def _fetch(
        self, name: str, studies: Sequence[str], context: Context, request: Request
    ) -> tuple[Path, ...]:
        from cxr_desktop.transfer.inbox import Inbox
        from cxr_desktop.transfer.services import fetch

        book = read_book(self._folder)
        files: list[Path] = []
        for number, study in enumerate(studies):
            inbox = Inbox(self._folder / RECEIVED)

            def tell(came: int, expected: int, number: int = number) -> None:
                share = (number + came / max(expected, 1)) / len(studies)
                text = tr("Study {number} of {studies}: {came} of {expected} objects").format(
                    number=number + 1, studies=len(studies), came=came, expected=expected
                )
                context.report(share, text)
                request.part(Progress(share, text))

            fetch(book.node(name), study, inbox, book, tell, context.check)
            files += [received.path for received in inbox.received.values()]
        return tuple(files)

    def _sent(self, sentence: str) -> None:
        self.sent.emit(sentence)
        self.told.emit(sentence.partition("\n")[0])

    def _fetched(self, files: tuple[Path, ...]) -> None:
        self.fetched.emit(files)
        self.told.emit(tr("{objects} fetched").format(objects=_objects(len(files))))

    def _change(self, change: Callable[[NodeBook], NodeBook], sentence: str) -> None:
        def write(_context: Context, _request: Request) -> NodeBook:
            with self._writing:
                book = change(read_book(self._folder))
                write_book(self._folder, book)
                return book

        def done(book: NodeBook) -> None:
            self.book = book
            self.nodes_changed.emit()
            self.answered.emit(sentence)

        self._submit("", "", write, done, awaited=True)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the data folder holds. problems: a sentence for each part that cannot be read."""

    book: NodeBook
    waiting: int
    problems: tuple[str, ...]


def _kept(folder: Path) -> _Kept:
    book, waiting, problems = NodeBook(), 0, list[str]()
    try:
        book = read_book(folder)
    except CxrError as error:
        problems.append(str(error))
    try:
        waiting = _waiting(folder)
    except CxrError as error:
        problems.append(str(error))
    return _Kept(book, waiting, tuple(problems))


def _waiting(folder: Path) -> int:
    from cxr_desktop.transfer.queue import SendQueue, State

    with closing(SendQueue(folder)) as queue:
        return len(queue.entries(State.WAITING))


def _sentence(node: str, taken: int, reasons: Sequence[str], known: int) -> str:
    parts = [tr("{node} took {objects}.").format(node=node, objects=_objects(taken)) if taken else ""]
    if known and not taken and not reasons:
        parts.append(
            tr("{node} was sent {what} before; nothing was sent twice.").format(
                node=node, what="this" if known == 1 else "these"
            )
        )
    if reasons:
        parts.append(
            tr("{objects} not sent, kept in the queue:\n{reasons}").format(
                objects=_objects(len(reasons)), reasons=reasons[0]
            )
        )
    return "\n".join(filter(None, parts))


def _objects(count: int) -> str:
    return f"{count} object{'' if count == 1 else 's'}"
