"""Studies, their images and refused files as a flat list: headings, images, refusals. No widget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from cxr_desktop.domain import Gray, InstanceHeader, Study
from cxr_desktop.ui.engine import RefusedFile
from cxr_desktop.ui.panels.study_order import StudyOrder
from cxr_desktop.ui.plain_letters import plain
from cxr_desktop.ui.translation import tr

ENTRY_ROLE = int(Qt.ItemDataRole.UserRole)
PAGE, PICTURES = 200, 500
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class StudyEntry:
    """The heading of a study."""

    study: Study

    @property
    def title(self) -> str:
        return person(self.study.title)

    @property
    def subtitle(self) -> str:
        header = self.study.first
        parts = (header.patient_id, day(header.study_date))
        return " · ".join(part for part in parts if part and part != self.title)


@dataclass(frozen=True, slots=True)
class ImageEntry:
    """An image; reason: why it could not be shown, empty where it can."""

    header: InstanceHeader
    reason: str = ""

    @property
    def title(self) -> str:
        header = self.header
        parts = (header.modality, header.view_position, side(header))
        return " ".join(part for part in parts if part) or tr("Image")

    @property
    def subtitle(self) -> str:
        header = self.header
        return header.series_description or header.path.name

    @property
    def detail(self) -> str:
        header = self.header
        several = tr(", {frames} frames").format(frames=header.frames) if header.frames > 1 else ""
        return f"{header.columns} × {header.rows}{several}" if header.columns else ""


@dataclass(frozen=True, slots=True)
class RefusalEntry:
    """A file that is no image to show."""

    file: RefusedFile

    @property
    def title(self) -> str:
        return self.file.path.name

    @property
    def reason(self) -> str:
        return self.file.reason[:1].upper() + self.file.reason[1:]


Entry = StudyEntry | ImageEntry | RefusalEntry


class StudyListModel(QAbstractListModel):
    """Entries that match the search, in the order in which they were found.

    Views learn of the first PAGE rows, and of more when they ask: what a folder of ten thousand images
    adds below costs them nothing. thumbnail_wanted: a row that is on screen has no picture yet.
    """

    thumbnail_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._headers: dict[Path, InstanceHeader] = {}
        self._refused: dict[Path, RefusedFile] = {}
        self._reasons: dict[Path, str] = {}
        self._thumbnails: dict[Path, Gray] = {}
        self._query = ""
        self._order = StudyOrder()
        self._entries: list[Entry] = []

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The rows that views know of."""
        return tuple(self._entries)

    @property
    def headers(self) -> tuple[InstanceHeader, ...]:
        """All images that match the search, in the order of the list."""
        return tuple(self._order.headers())

    @property
    def showable(self) -> tuple[InstanceHeader, ...]:
        """All images that are not known to be missing or damaged, whatever is searched for."""
        return tuple(one for path, one in self._headers.items() if path not in self._reasons)

    def add(self, items: Iterable[InstanceHeader | RefusedFile]) -> None:
        """What was found now; rows are put in where they belong and the others left alone."""
        moved = False
        for item in items:
            if isinstance(item, RefusedFile):
                self._refused[item.path] = item
                continue
            known = self._headers.get(item.path)
            self._headers[item.path] = item
            self._reasons.pop(item.path, None)
            moved |= known is not None and known != item
            if known is None and self._wanted(item):
                self._order.put(item)
        if moved:
            self._rebuild()
        else:
            self._follow(len(self._entries))

    def add_earlier(self, headers: Iterable[InstanceHeader], missing: Mapping[Path, str]) -> None:
        """Images of the library below those opened since; missing: why some cannot be shown."""
        for header in headers:
            if header.path not in self._headers:
                self._headers[header.path] = header
                if header.path in missing:
                    self._reasons[header.path] = missing[header.path]
        self._rebuild()

    def study_of(self, header: InstanceHeader) -> tuple[InstanceHeader, ...]:
        """All known images of the study that an image belongs to, whatever is searched for."""
        if not header.study_uid:
            return (header,)
        return tuple(one for one in self._headers.values() if one.study_uid == header.study_uid)

    def remove_study(self, study: str) -> None:
        """Take a study's images out of the list. study: its UID, or the path of a file that has none."""
        gone = [path for path, one in self._headers.items() if study in (one.study_uid, str(path))]
        for path in gone:
            del self._headers[path]
            self._reasons.pop(path, None)
            self._thumbnails.pop(path, None)
        self._rebuild()

    def search(self, query: str) -> None:
        """Keep what carries every word of the query in patient, numbers, date, view, description or file name."""
        self._query = query
        self._rebuild()

    def set_thumbnail(self, path: Path, gray: Gray) -> None:
        """Show a picture; the oldest of very many goes for it, and is asked for again when it is seen."""
        self._thumbnails[path] = gray
        if len(self._thumbnails) > PICTURES:
            del self._thumbnails[next(iter(self._thumbnails))]
        self._changed(path)

    def thumbnail(self, path: Path) -> Gray | None:
        """The picture of an image, asked for where it is not there yet."""
        if path not in self._thumbnails and path not in self._reasons:
            self.thumbnail_wanted.emit(path)
        return self._thumbnails.get(path)

    def refuse(self, path: Path, reason: str) -> None:
        """Mark an image as one that cannot be shown. reason: as the reader says it, with or without the path."""
        short = reason.removeprefix(f"{path}: ")
        self._reasons[path] = short[:1].upper() + short[1:]
        self._follow(len(self._entries))

    def entry_at(self, row: int) -> Entry:
        """Of a row that there is; unlike `data`, at hand without a detour through Qt."""
        return self._entries[row]

    def row_of(self, path: Path) -> int | None:
        """The row of an image, which views know of from then on; None where it is not listed."""
        row = _row_of(self._entries, path)
        if row is None and path in self._headers:
            row = _row_of(self._rows(), path)
            if row is not None:
                self._follow(row + PAGE)
        return row

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._entries)

    def canFetchMore(self, parent: Index) -> bool:
        refused = sum(self._matches(plain(path.name)) for path in self._refused)
        return not parent.isValid() and len(self._entries) < len(self._order) + refused

    def fetchMore(self, parent: Index) -> None:
        self._follow(len(self._entries) + PAGE)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if not 0 <= index.row() < len(self._entries):
            return None
        entry = self._entries[index.row()]
        if role == ENTRY_ROLE:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tooltip(entry)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        entry = self._entries[index.row()] if index.isValid() else None
        if isinstance(entry, ImageEntry):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.ItemIsEnabled

    def _rows(self) -> Iterator[Entry]:
        """All rows, known to views or not."""
        for study in self._order.studies():
            yield StudyEntry(study)
            for header in study.instances:
                yield ImageEntry(header, self._reasons.get(header.path, ""))
        for file in self._refused.values():
            if self._matches(plain(file.path.name)):
                yield RefusalEntry(file)

    def _follow(self, count: int) -> None:
        """Tell views of the rows as they are now, up to count of them.

        New ones are put in among the others. Where one went, all is told anew: a view that loses the row
        it is on would choose its neighbour, and open that.
        """
        rows = list(islice(self._rows(), max(count, PAGE)))
        kept = _kept(self._entries, rows)
        if kept is None:
            self.beginResetModel()
            self._entries = rows
            self.endResetModel()
            return
        for row, place in enumerate(kept):
            if self._entries[row] != rows[place]:
                self._entries[row] = rows[place]
                self.dataChanged.emit(self.index(row), self.index(row))
        done = 0
        for place in (*kept, len(rows)):
            if place > done:
                self.beginInsertRows(QModelIndex(), done, place - 1)
                self._entries[done:done] = rows[done:place]
                self.endInsertRows()
            done = place + 1

    def _wanted(self, header: InstanceHeader) -> bool:
        return not self._query or self._matches(_searchable(header))

    def _matches(self, text: str) -> bool:
        return all(word in text for word in plain(self._query).split())

    def _rebuild(self) -> None:
        self._order = StudyOrder(header for header in self._headers.values() if self._wanted(header))
        self._follow(PAGE)

    def _changed(self, path: Path) -> None:
        row = _row_of(self._entries, path)
        if row is not None:
            self.dataChanged.emit(self.index(row), self.index(row))


def _row_of(entries: Iterable[Entry], path: Path) -> int | None:
    images = ((row, entry.header.path) for row, entry in enumerate(entries) if isinstance(entry, ImageEntry))
    return next((row for row, found in images if found == path), None)


def _kept(old: Sequence[Entry], new: Sequence[Entry]) -> list[int] | None:
    """Where the old rows stand among the new ones; None where not all do, in their order."""
    places: list[int] = []
    for place, entry in enumerate(new):
        if len(places) < len(old) and _same(old[len(places)], entry):
            places.append(place)
    return places if len(places) == len(old) else None


def _same(one: Entry, other: Entry) -> bool:
    """Whether two entries are of the same thing, though more may be known of it now."""
    match one, other:
        case StudyEntry(), StudyEntry():
            return one.study.uid == other.study.uid
        case ImageEntry(), ImageEntry():
            return one.header is other.header or one.header == other.header
        case RefusalEntry(), RefusalEntry():
            return one.file.path == other.file.path
    return False


def person(name: str) -> str:
    """A DICOM person name (PS3.5 6.2) as it is spoken of: family name, then given names.

    The ideographic group, where there is one, follows the alphabetic one, as it is written.
    """
    alphabetic, _, rest = name.partition("=")
    family, _, given = alphabetic.partition("^")
    given = " ".join(part for part in given.split("^")[:2] if part)
    spoken = f"{family}, {given}" if given else family
    ideographic = rest.partition("=")[0].replace("^", " ").strip()
    return "  ".join(part for part in (spoken, ideographic) if part)


def side(header: InstanceHeader) -> str:
    """Laterality where there is one: U stands for an unpaired part of the body."""
    return "" if header.laterality == "U" else header.laterality


def day(date: str) -> str:
    """A DICOM date as ISO 8601, anything else unchanged."""
    return f"{date[:4]}-{date[4:6]}-{date[6:]}" if len(date) == 8 and date.isdigit() else date


def _searchable(header: InstanceHeader) -> str:
    fields = (
        person(header.patient_name), header.patient_name, header.patient_id, header.accession_number,
        day(header.study_date), header.study_date,
        header.view_position, header.modality, header.study_description, header.series_description,
        header.path.name,
    )  # fmt: skip
    return plain(" ".join(fields))


def _tooltip(entry: Entry) -> str:
    if isinstance(entry, RefusalEntry):
        return f"{entry.file.path}\n{entry.reason}"
    if isinstance(entry, ImageEntry):
        return "\n".join(part for part in (str(entry.header.path), entry.reason) if part)
    return entry.study.first.study_description or entry.title
