"""Files into studies, thumbnails and the image on the canvas; everything slow on workers."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from cxr_desktop.domain import Box, Gray, InstanceHeader
from cxr_desktop.domain.errors import Cancelled
from cxr_desktop.domain.presentation import PresentationState
from cxr_desktop.jobs import Context
from cxr_desktop.ui.engine import Engine, RefusedFile
from cxr_desktop.ui.job_bridge import JobBridge, Request
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.translation import tr
from cxr_desktop.ui.viewer.gray_pyramid import GrayPyramid, Presentation
from cxr_desktop.ui.viewer.loaded_image import LoadedImage

BOX_ENDINGS = (".csv", ".tsv", ".json", ".xml", ".names")
PACK_ENDING, READ_ENDING = ".cxrpack", ".cxrread"
BATCH_SECONDS, REPORT_SECONDS = 0.25, 0.1
THUMBNAIL_SIDE = 96
FIRST, LAST = 20, -20
FOLLOWED_MS = 10
"""By then panels and buttons have followed a picture; until then nobody takes cores and memory from that."""


@dataclass(frozen=True, slots=True)
class Found:
    """Some of what a search came upon, in its order. show: the first image among them is to be put on the canvas."""

    items: tuple[InstanceHeader | RefusedFile, ...]
    show: bool = False


class Opening(QObject):
    """Signals: found (Found) while a search runs, thumbnail (path, gray), failed (path, reason),
    state_found (PresentationState).

    pack_wanted: a case pack was among the files. readings_wanted: files of readings that were handed back.
    """

    found = Signal(object)
    searched = Signal()
    thumbnail = Signal(object, object)
    failed = Signal(object, str)
    state_found = Signal(object)
    told = Signal(str)
    pack_wanted = Signal(object)
    readings_wanted = Signal(object)

    def __init__(
        self, engine: Engine, bridge: JobBridge, session: Session, unpack: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._engine = engine
        self._bridge = bridge
        self._session = session
        self._unpack = unpack
        self._references: dict[str, tuple[Box, ...]] = {}
        self._asked: set[Path] = set()
        self.wanted: Path | None = None
        session.image_changed.connect(self._show_references)

    def open_paths(self, paths: Sequence[Path], *, show: bool = True) -> None:
        """Look for images in files and folders; boxes of annotation files among them become references.

        show: put the first image found on the canvas, whatever is there.
        """
        paths = self._without_packs(paths)
        tables = [path for path in paths if path.suffix.lower() in BOX_ENDINGS]
        for table in tables:
            self.open_boxes(table)
        wanted = [path for path in paths if path not in tables]
        if wanted:
            title = wanted[0].name if len(wanted) == 1 else f"{len(wanted)} items"
            self._bridge.submit(
                tr("Looking into {title}").format(title=title),
                lambda context, request: self._search(wanted, context, request, show),
                lambda count: self._searched(count, title),
                self._tell,
                partial=self._arrive,
                priority=5,
            )

    def _without_packs(self, paths: Sequence[Path]) -> list[Path]:
        """Case packs and readings handed back go another way: they are signed, and not for the study list."""
        rest: list[Path] = []
        returned: list[Path] = []
        for path in paths:
            if path.suffix.lower() == PACK_ENDING:
                self.pack_wanted.emit(path)
            else:
                (returned if path.suffix.lower() == READ_ENDING else rest).append(path)
        if returned:
            self.readings_wanted.emit(returned)
        return rest

    def open_demo(self) -> None:
        """The bundled study, with its boxes."""
        self._bridge.submit(
            "",
            lambda _context, _request: _with_tables(self._engine.demo()),
            self.open_paths,
            self._tell,
            priority=5,
        )

    def open_boxes(self, table: Path) -> None:
        """Reference boxes of an annotation file, for the images that it names."""
        self._bridge.submit(
            tr("Reading boxes of {name}").format(name=table.name),
            lambda _context, _request: self._engine.boxes(table),
            self._add_references,
            self._tell,
            priority=5,
        )

    def open_image(self, header: InstanceHeader) -> None:
        """Read an image and put it on the canvas; the newest wish wins."""
        self.wanted = header.path
        self._bridge.submit(
            tr("Opening {name}").format(name=header.path.name),
            lambda _context, _request: LoadedImage.glimpse(self._engine.read(header.path)),
            self._show_picture,
            self._failing(header.path),
            channel="image",
            awaited=True,
        )

    def _show_picture(self, image: LoadedImage) -> None:
        """The picture first; what else the window needs is worked out once the window has followed."""
        self._session.pass_by(image)
        QTimer.singleShot(FOLLOWED_MS, self, lambda: self._complete(image))

    def _complete(self, image: LoadedImage) -> None:
        path = image.radiograph.header.path
        if self._session.passing is image and self.wanted == path and not self._bridge.closed:
            self._bridge.submit(
                "",
                lambda _context, _request: LoadedImage.prepare(image.radiograph),
                self._show,
                self._failing(path),
                channel="image",
                priority=FIRST,
            )

    def open_beside(
        self,
        header: InstanceHeader,
        number: int,
        done: Callable[[LoadedImage], None],
        failed: Callable[[str], None],
    ) -> None:
        """Read an image for a place beside the main one; the newest wish for the place wins."""
        self._bridge.submit(
            tr("Opening {name}").format(name=header.path.name),
            lambda _context, _request: LoadedImage.prepare(self._engine.read(header.path)),
            done,
            lambda error: failed(str(error)),
            channel=f"beside {number}",
            priority=FIRST - 1,
        )

    def cancel_beside(self, number: int) -> None:
        self._bridge.cancel(f"beside {number}")

    def ask_thumbnail(self, path: Path) -> None:
        """Have a small picture made, unless it is in the making."""
        if path not in self._asked:
            self._asked.add(path)
            self._bridge.submit(
                "",
                lambda context, _request: self._small(path, context),
                lambda gray: self._thumbnail_made(path, gray),
                lambda error: self._thumbnail_failed(path, error),
                priority=LAST,
            )

    def _search(self, paths: Sequence[Path], context: Context, request: Request, show: bool) -> int:
        """How much is found; it goes to the window in batches, a few a second, so that it keeps answering."""
        batch: list[InstanceHeader | RefusedFile] = []
        told = reported = time.monotonic()
        count = 0

        def hand_over() -> None:
            nonlocal batch, show, told
            request.part(Found(tuple(batch), show))
            show = show and not any(isinstance(one, InstanceHeader) for one in batch)
            batch, told = [], time.monotonic()

        def report(done: float) -> None:
            nonlocal reported
            context.check()
            if time.monotonic() - reported >= REPORT_SECONDS:
                reported = time.monotonic()
                context.report(done)

        for item in self._engine.find(paths, report, self._unpack):
            if isinstance(item, PresentationState):
                request.part(item)
            else:
                batch.append(item)
            count += 1
            if count == 1 or time.monotonic() - told >= BATCH_SECONDS:
                hand_over()
        hand_over()
        return count

    def _searched(self, count: int, title: str) -> None:
        self.searched.emit()
        if not count:
            self.told.emit(tr("{title}: there is no image in it. Choose another folder.").format(title=title))

    def _arrive(self, part: Found | PresentationState) -> None:
        (self.state_found if isinstance(part, PresentationState) else self.found).emit(part)

    def _small(self, path: Path, context: Context) -> Gray:
        context.check()
        radiograph = self._engine.read(path)
        pyramid = GrayPyramid.build(radiograph)
        level = len(pyramid.levels) - 1
        presentation = Presentation(radiograph.default_voi())
        rows, columns = pyramid.levels[level].shape
        table = pyramid.lookup(radiograph.grayscale, presentation)
        gray = pyramid.gray(level, (0, 0, columns, rows), table, radiograph.grayscale, presentation)
        high = rows * radiograph.pixel_aspect  # a picture's pixels are square
        step = max(1.0, max(high, columns) / (2 * THUMBNAIL_SIDE))
        down, across = (
            np.linspace(0, count - 1, max(round(extent / step), 1)).astype(np.intp)
            for count, extent in ((rows, high), (columns, columns))
        )
        return np.ascontiguousarray(gray[np.ix_(down, across)])

    def _show(self, image: LoadedImage) -> None:
        self._session.set_image(image)

    def _add_references(self, boxes: Mapping[str, tuple[Box, ...]]) -> None:
        self._references.update(boxes)
        self._show_references()
        self.told.emit(
            tr("Reference boxes of {count} image{ending}").format(
                count=len(boxes), ending="s" if len(boxes) != 1 else ""
            )
        )

    def _show_references(self) -> None:
        """Of the first frame alone, as a list of boxes names files and no frames."""
        image = self._session.image
        if image is not None and image.radiograph.frame == 0:
            header = image.radiograph.header
            keys = (header.sop_instance_uid, header.path.name, header.path.stem)
            self._session.set_references(
                next((self._references[k] for k in keys if k in self._references), ())
            )

    def _failing(self, path: Path) -> Callable[[BaseException], None]:
        return lambda error: None if isinstance(error, Cancelled) else self.failed.emit(path, str(error))

    def _thumbnail_made(self, path: Path, gray: Gray) -> None:
        self._asked.discard(path)
        self.thumbnail.emit(path, gray)

    def _thumbnail_failed(self, path: Path, error: BaseException) -> None:
        self._asked.discard(path)
        if not isinstance(error, Cancelled):
            self.failed.emit(path, str(error))

    def _tell(self, error: BaseException) -> None:
        self.searched.emit()
        self.told.emit(str(error))


def _with_tables(folder: Path) -> list[Path]:
    """A folder's tables of boxes, and the folder."""
    return [*sorted(folder.glob("*.csv")), folder]
