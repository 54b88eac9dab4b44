"""Case packs in the window: made, opened, handed back, merged; everything slow on a worker or the journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from cxr_desktop.domain.errors import Cancelled
from cxr_desktop.domain.label_set import LabelSet
from cxr_desktop.library import ReadingStore
from cxr_desktop.ui.first_reading import FirstReading
from cxr_desktop.ui.job_bridge import JobBridge
from cxr_desktop.ui.opening import Opening
from cxr_desktop.ui.panels.study_list_model import StudyListModel
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.saved_readings import SavedReadings
from cxr_desktop.ui.store_question import guarded
from cxr_desktop.ui.translation import tr

if TYPE_CHECKING:
    from cxr_desktop.jobs import Context
    from cxr_desktop.library.packs.manifest import PackManifest
    from cxr_desktop.library.packs.opening import OpenedPack
    from cxr_desktop.library.packs.returning import Progressed
    from cxr_desktop.library.packs.shelf import KeptPack


@dataclass(frozen=True, slots=True)
class PackWish:
    """A pack as the dialog asks for it. readers: each reads all images."""

    out: Path
    readers: tuple[str, ...]
    label_set: LabelSet
    title: str = ""
    deidentified: bool = True
    blinded: bool = True
    shuffled: bool = True


@dataclass(frozen=True, slots=True)
class PackAtHand:
    """A pack file that was looked into. key: fingerprint of who signed it."""

    path: Path
    manifest: PackManifest
    key: str


class Packing(QObject):
    """told: what came of it, in sentences. inspected: PackAtHand. at_hand: packs opened here, with how far each is.

    case_ready: the file of the first case of a pack that was opened.
    """

    told = Signal(str)
    finished = Signal(str)
    inspected = Signal(object)
    at_hand = Signal(object)
    case_ready = Signal(object)
    _opened = Signal(object)
    _said = Signal(str)

    def __init__(
        self,
        data: Path,
        bridge: JobBridge,
        saved: SavedReadings,
        studies: StudyListModel,
        opening: Opening,
        reading: ReadingModel,
        first: FirstReading,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._data, self._bridge, self._saved, self._studies = data, bridge, saved, studies
        self._opening, self._reading, self._first = opening, reading, first
        self._beginning: Path | None = None
        opening.searched.connect(self._show_first)
        self._opened.connect(self._begin_reading, Qt.ConnectionType.QueuedConnection)
        self._said.connect(self._say, Qt.ConnectionType.QueuedConnection)

    @property
    def images(self) -> tuple[Path, ...]:
        """What would go into a pack: the images of the study list, as the search leaves them."""
        return tuple(header.path for header in self._studies.headers)

    def make(self, wish: PackWish) -> None:
        """Write a pack of the listed images."""
        images, issuer = self.images, self._reading.reader

        def work(context: Context, _request: object) -> tuple[KeptPack, str, tuple[str, ...]]:
            from cxr_desktop.library.packs.deidentifying import Cleaner
            from cxr_desktop.library.packs.making import PackRequest, make_pack
            from cxr_desktop.library.packs.manifest import Blinding
            from cxr_desktop.library.packs.signing import fingerprint, own_signer

            request = PackRequest(
                readers=dict.fromkeys(wish.readers, images),
                label_set=wish.label_set,
                issuer=issuer,
                created=datetime.now().astimezone().isoformat(timespec="seconds"),
                title=wish.title,
                blinding=Blinding(commit_then_reveal=wish.blinded),
                shuffled=1 if wish.shuffled else None,
            )
            signer, clean = own_signer(self._data), Cleaner() if wish.deidentified else None
            kept = make_pack(wish.out, request, signer, clean, context.report)
            return kept, fingerprint(signer.public), tuple(clean.notes) if clean else ()

        def keep(made: tuple[KeptPack, str, tuple[str, ...]]) -> None:
            kept, key, notes = made
            self._saved.ask(guarded(lambda store: _keep_made(store, kept, issuer, key), self._said.emit))
            written = tr("{manifest} images written to {out}.").format(
                manifest=len(kept.manifest["images"]), out=wish.out
            )
            self._say(
                "\n".join(
                    (written, tr("Signed with {key}: tell the readers this number.").format(key=key), *notes)
                )
            )

        self._bridge.submit(tr("Making a case pack"), work, keep, self._refused, channel="new pack")

    def inspect(self, path: Path) -> None:
        """Look into a pack before it is opened."""

        def work(_context: object, _request: object) -> PackAtHand:
            from cxr_desktop.library.packs.opening import inspect_pack

            return PackAtHand(path, *inspect_pack(path))

        self._bridge.submit(
            tr("Checking a case pack"), work, self.inspected.emit, self._refused, channel="pack"
        )

    def open(self, pack: PackAtHand, reader: str, *, vouched: bool = False) -> None:
        """Unpack a pack and begin with its first case, as the reader of the assignment.

        vouched: the person has compared the fingerprint with what the issuer told.
        """

        def work(_context: object, _request: object) -> OpenedPack:
            from cxr_desktop.library.packs.opening import open_pack

            return open_pack(pack.path, self._data, reader, pack.key if vouched else "")

        self._bridge.submit(tr("Opening a case pack"), work, self._register, self._refused, channel="pack")

    def list_opened(self) -> None:
        """Ask for the packs that were opened here; `at_hand` brings them."""

        def ask(store: ReadingStore) -> None:
            from cxr_desktop.library.packs.returning import how_far
            from cxr_desktop.library.packs.shelf import PackRole

            packs = store.packs.all(PackRole.OPENED)
            found: tuple[tuple[KeptPack, Progressed], ...] = tuple(
                (pack, how_far(store, pack)) for pack in packs
            )
            self.at_hand.emit(found)

        self._saved.ask(guarded(ask, self._said.emit))

    def hand_back(self, pack: KeptPack, out: Path, *, unfinished: bool) -> None:
        """Write the readings of an opened pack to a file."""

        def ask(store: ReadingStore) -> None:
            from cxr_desktop.library.packs.returning import hand_back
            from cxr_desktop.library.packs.signing import fingerprint, own_signer

            signer = own_signer(self._data)
            hand_back(store, pack, out, signer, unfinished=unfinished)
            key = fingerprint(signer.public)
            self._said.emit(
                tr("Written to {out}.\nSigned with {key}: tell it to who made the pack.").format(
                    out=out, key=key
                )
            )

        self._saved.ask(guarded(ask, self._said.emit))

    def merge(self, paths: Sequence[Path], accepted: str = "") -> None:
        """Take readings that were handed back into the library. accepted: a fingerprint that the reader told."""

        def ask(store: ReadingStore) -> None:
            self._said.emit("\n".join(_merged(store, path, self._data, accepted) for path in paths))

        self._saved.ask(guarded(ask, self._said.emit))

    def _register(self, opened: OpenedPack) -> None:
        local = opened.assignment.reader

        def ask(store: ReadingStore) -> None:
            from cxr_desktop.library.packs.registering import register

            register(store, opened, local)
            self._opened.emit(opened)

        self._saved.ask(guarded(ask, self._said.emit))

    def _begin_reading(self, opened: OpenedPack) -> None:
        self._first.set_reader(opened.assignment.reader, self._reading.role)
        if opened.manifest.blinding.commit_then_reveal:
            self._first.set_on(True)
        self._reading.set_labels(opened.manifest.label_set.names)
        self._beginning = opened.paths[0]
        self._opening.open_paths(opened.paths, show=False)
        self._say(
            tr("{count} cases for {reader}, of {issuer}.").format(
                count=len(opened.paths), reader=opened.assignment.reader, issuer=opened.manifest.issuer
            )
        )

    def _show_first(self) -> None:
        """The images of the pack are listed by now."""
        path, self._beginning = self._beginning, None
        if path is not None and self._studies.row_of(path) is not None:
            self.case_ready.emit(path)

    def _refused(self, error: BaseException) -> None:
        if not isinstance(error, Cancelled):
            self._say(str(error))

    def _say(self, sentence: str) -> None:
        said = sentence[:1].upper() + sentence[1:]
        self.told.emit(said.splitlines()[0])
        self.finished.emit(said)


def _merged(store: ReadingStore, path: Path, data: Path, accepted: str) -> str:
    from cxr_desktop.library.packs.failure import PackError
    from cxr_desktop.library.packs.returning import merge_readings

    try:
        done = merge_readings(store, path, data, accepted)
    except PackError as error:
        return str(error)
    new = (
        tr("{new} of {events} events are new").format(new=done.new, events=done.events)
        if done.new
        else tr("all of it was here already")
    )
    return tr("{name}: {reader}, {cases} cases; {new}.").format(
        name=path.name, reader=done.reader, cases=done.cases, new=new
    )


def _keep_made(store: ReadingStore, kept: KeptPack, maker: str, key: str) -> None:
    from cxr_desktop.library.packs.registering import keep_made

    keep_made(store, kept, maker, key)
