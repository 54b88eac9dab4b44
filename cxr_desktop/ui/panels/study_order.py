"""Images by study as they come in, without sorting anew what is there. No Qt."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator

from cxr_desktop.domain import InstanceHeader, Study


class StudyOrder:
    """As `group_studies` puts them: studies in order of first sight, images by series and instance."""

    def __init__(self, headers: Iterable[InstanceHeader] = ()) -> None:
        self._studies: dict[str, list[InstanceHeader]] = {}
        self._images = 0
        for header in headers:
            self.put(header)

    def __len__(self) -> int:
        """Studies and images together."""
        return len(self._studies) + self._images

    def put(self, header: InstanceHeader) -> None:
        """An image that is not among them yet, behind its equals."""
        self._images += 1
        images = self._studies.setdefault(header.study_uid or str(header.path), [])
        if not images or _place(images[-1]) <= _place(header):
            images.append(header)
        else:
            insort(images, header, key=_place)

    def studies(self) -> Iterator[Study]:
        """One after the other, so that whoever wants the first few pays for no more."""
        return (Study(uid, tuple(images)) for uid, images in self._studies.items())

    def headers(self) -> Iterator[InstanceHeader]:
        return (header for images in self._studies.values() for header in images)


def _place(header: InstanceHeader) -> tuple[int, int]:
    return header.series_number, header.instance_number
