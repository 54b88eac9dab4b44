"""Studies, their images and refused files as a flat list: headings, images, refusals. No widget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from cxr_desktop.domain import Gray, InstanceHeader, Study, group_studies
from cxr_desktop.ui.engine import RefusedFile

ENTRY_ROLE = int(Qt.ItemDataRole.UserRole)
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
        return " ".join(part for part in parts if part) or "Image"

    @property
    def subtitle(self) -> str:
        header = self.header
        return header.series_description or header.path.name

    @property
    def detail(self) -> str:
        header = self.header
        several = f", {header.frames} frames" if header.frames > 1 else ""
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

    thumbnail_wanted: a row that is on screen has no picture yet.
    """

    thumbnail_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._headers: dict[Path, InstanceHeader] = {}
        self._refused: dict[Path, RefusedFile] = {}
        self._reasons: dict[Path, str] = {}
        self._thumbnails: dict[Path, Gray] = {}
        self._query = ""
        self._entries: list[Entry] = []
        self._study_rows: dict[str, int] = {}
        self._first_refusal = 0

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries)

    @property
    def headers(self) -> tuple[InstanceHeader, ...]:
        """Images in the order of the list."""
        return tuple(entry.header for entry in self._entries if isinstance(entry, ImageEntry))

    def add(self, items: Iterable[InstanceHeader | RefusedFile]) -> None:
        """What was found now; where all of it is new, rows are put in and the others left alone."""
        found = list(items)
        paths = {item.path for item in found}
        again = len(paths) < len(found) or not (
            paths.isdisjoint(self._headers) and paths.isdisjoint(self._refused)
        )
        for item in found:
            if isinstance(item, RefusedFile):
                self._refused[item.path] = item
            else:
                self._headers[item.path] = item
                self._reasons.pop(item.path, None)
        if again:
            self._rebuild()
            return
        studies = group_studies(
            item for item in found if isinstance(item, InstanceHeader) and self._wanted(item)
        )
        if not all(map(self._goes_below, studies)):
            self._rebuild()
            return
        for study in studies:
            self._lengthen(study)
        self._append([study for study in studies if study.uid not in self._study_rows])
        refused = [RefusalEntry(item) for item in found if isinstance(item, RefusedFile)]
        self._insert(len(self._entries), [entry for entry in refused if self._matches(_named(entry))])

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
        """Keep what carries every word of the query in patient, date, view, description or file name."""
        self._query = query
        self._rebuild()

    def set_thumbnail(self, path: Path, gray: Gray) -> None:
        self._thumbnails[path] = gray
        self._changed(path)

    def thumbnail(self, path: Path) -> Gray | None:
        """The picture of an image, asked for where it is not there yet."""
        if path not in self._thumbnails and path not in self._reasons:
            self.thumbnail_wanted.emit(path)
        return self._thumbnails.get(path)

    def refuse(self, path: Path, reason: str) -> None:
        """Mark an image as one that cannot be shown."""
        self._reasons[path] = reason
        self._rebuild()

    def entry_at(self, row: int) -> Entry:
        """Of a row that there is; unlike `data`, at hand without a detour through Qt."""
        return self._entries[row]

    def row_of(self, path: Path) -> int | None:
        return next(
            (r for r, e in enumerate(self._entries) if isinstance(e, ImageEntry) and e.header.path == path),
            None,
        )

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._entries)

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

    def _goes_below(self, study: Study) -> bool:
        """Whether a study is new, or these images follow those that are listed of it."""
        at = self._study_rows.get(study.uid)
        heading = self._entries[at] if at is not None else None
        if not isinstance(heading, StudyEntry):
            return True
        known = heading.study.instances
        (whole,) = group_studies((*known, *study.instances))
        return whole.instances[: len(known)] == known

    def _lengthen(self, study: Study) -> None:
        """Put more images into a study that is listed."""
        at = self._study_rows.get(study.uid)
        heading = self._entries[at] if at is not None else None
        if at is None or not isinstance(heading, StudyEntry):
            return
        known = heading.study.instances
        (whole,) = group_studies((*known, *study.instances))
        self._entries[at] = StudyEntry(whole)
        self.dataChanged.emit(self.index(at), self.index(at))
        self._insert(at + 1 + len(known), [ImageEntry(header) for header in study.instances], study=True)

    def _append(self, studies: Sequence[Study]) -> None:
        """Put new studies below the others, all at once."""
        rows: list[Entry] = []
        for study in studies:
            self._study_rows[study.uid] = self._first_refusal + len(rows)
            rows += (StudyEntry(study), *map(ImageEntry, study.instances))
        self._insert(self._first_refusal, rows, study=True)

    def _insert(self, at: int, entries: Sequence[Entry], *, study: bool = False) -> None:
        if not entries:
            return
        self.beginInsertRows(QModelIndex(), at, at + len(entries) - 1)
        moved = at < self._first_refusal
        self._entries[at:at] = entries
        if study:
            self._first_refusal += len(entries)
        if moved:
            self._index()
        self.endInsertRows()

    def _index(self) -> None:
        """Where studies begin, and where they end."""
        rows = enumerate(self._entries)
        self._study_rows = {entry.study.uid: row for row, entry in rows if isinstance(entry, StudyEntry)}
        self._first_refusal = sum(not isinstance(entry, RefusalEntry) for entry in self._entries)

    def _wanted(self, header: InstanceHeader) -> bool:
        return not self._query or self._matches(_searchable(header))

    def _matches(self, text: str) -> bool:
        return all(word in text for word in self._query.casefold().split())

    def _rebuild(self) -> None:
        shown = [header for header in self._headers.values() if self._wanted(header)]
        entries: list[Entry] = []
        for study in group_studies(shown):
            entries.append(StudyEntry(study))
            entries += [ImageEntry(h, self._reasons.get(h.path, "")) for h in study.instances]
        refused = [RefusalEntry(file) for file in self._refused.values()]
        entries += [entry for entry in refused if self._matches(_named(entry))]
        if entries != self._entries:
            self.beginResetModel()
            self._entries = entries
            self._index()
            self.endResetModel()

    def _changed(self, path: Path) -> None:
        row = self.row_of(path)
        if row is not None:
            self.dataChanged.emit(self.index(row), self.index(row))


def person(name: str) -> str:
    """A DICOM person name (PS3.5 6.2) as it is spoken of: family name, then given names."""
    family, _, given = name.split("=")[0].partition("^")
    given = " ".join(part for part in given.split("^")[:2] if part)
    return f"{family}, {given}" if given else family


def side(header: InstanceHeader) -> str:
    """Laterality where there is one: U stands for an unpaired part of the body."""
    return "" if header.laterality == "U" else header.laterality


def day(date: str) -> str:
    """A DICOM date as ISO 8601, anything else unchanged."""
    return f"{date[:4]}-{date[4:6]}-{date[6:]}" if len(date) == 8 and date.isdigit() else date


def _searchable(header: InstanceHeader) -> str:
    fields = (
        person(header.patient_name), header.patient_id, day(header.study_date), header.study_date,
        header.view_position, header.modality, header.study_description, header.series_description,
        header.path.name,
    )  # fmt: skip
    return " ".join(fields).casefold()


def _named(entry: RefusalEntry) -> str:
    return entry.file.path.name.casefold()


def _tooltip(entry: Entry) -> str:
    if isinstance(entry, RefusalEntry):
        return f"{entry.file.path}\n{entry.reason}"
    if isinstance(entry, ImageEntry):
        return "\n".join(part for part in (str(entry.header.path), entry.reason) if part)
    return entry.study.first.study_description or entry.title
