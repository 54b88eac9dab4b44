"""Studies as the study list shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cxr_desktop.domain.radiograph import InstanceHeader


@dataclass(frozen=True, slots=True)
class Study:
    """Images of one examination, in series and instance order."""

    uid: str
    instances: tuple[InstanceHeader, ...]

    @property
    def first(self) -> InstanceHeader:
        return self.instances[0]

    @property
    def title(self) -> str:
        return self.first.patient_name or self.first.patient_id or self.first.path.name


def group_studies(headers: Iterable[InstanceHeader]) -> tuple[Study, ...]:
    """Headers grouped by study UID (a file without one is a study of its own), in order of first sight."""
    groups: dict[str, list[InstanceHeader]] = {}
    for header in headers:
        groups.setdefault(header.study_uid or str(header.path), []).append(header)
    return tuple(
        Study(uid, tuple(sorted(found, key=lambda h: (h.series_number, h.instance_number))))
        for uid, found in groups.items()
    )
