"""Which other images of a patient to lay beside one. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from cxr_desktop.domain import InstanceHeader
from cxr_desktop.ui.plain_letters import plain
from cxr_desktop.ui.translation import tr

_FRONTAL = frozenset({"PA", "AP"})


def priors_of(current: InstanceHeader, headers: Iterable[InstanceHeader]) -> tuple[InstanceHeader, ...]:
    """Other images of the same patient: of a like view first, then the nearest earlier study.

    Patients are told by ID, and by its issuer where files say it, never by name alone; without an ID only the
    same study counts.
    """
    others = [other for other in headers if other.path != current.path and _same_patient(current, other)]
    return tuple(sorted(others, key=lambda other: _rank(current, other)))


def relation(current: InstanceHeader, other: InstanceHeader) -> str:
    """How the other image stands in time to the current one."""
    here, there = _day(current), _day(other)
    if here is None or there is None:
        return tr("Other image, date not known")
    days = (here - there).days
    if days == 0:
        return tr("Same day")
    count = f"{abs(days)} day{'s' if abs(days) != 1 else ''}"
    return (
        tr("Prior, {count} earlier").format(count=count)
        if days > 0
        else tr("Follow-up, {count} later").format(count=count)
    )


def doubt(current: InstanceHeader, other: InstanceHeader) -> str:
    """A question where both are known by one ID and by names that are not of one; empty where there is none."""
    if _differ(current.patient_name, other.patient_name):
        return tr("Another name: the same patient?")
    return ""


def standing(current: InstanceHeader, other: InstanceHeader) -> tuple[str, str]:
    """`relation` and `doubt`."""
    return relation(current, other), doubt(current, other)


def _differ(name: str, other: str) -> bool:
    """Whether two names that are known are of two; a further given name in one of them does not make it another."""
    here, there = (set(plain(one.partition("=")[0]).replace("^", " ").split()) for one in (name, other))
    return bool(here and there) and not (here <= there or there <= here)


def _same_patient(current: InstanceHeader, other: InstanceHeader) -> bool:
    if current.patient_id:
        issuers = {current.patient_issuer.casefold(), other.patient_issuer.casefold()} - {""}
        return other.patient_id == current.patient_id and len(issuers) < 2
    return bool(current.study_uid) and other.study_uid == current.study_uid


def _rank(current: InstanceHeader, other: InstanceHeader) -> tuple[bool, bool, int, int]:
    here, there = _day(current), _day(other)
    days = (here - there).days if here and there else 0
    known = here is not None and there is not None
    return not _like(current, other), not known or days < 0, abs(days), other.instance_number


def _like(current: InstanceHeader, other: InstanceHeader) -> bool:
    views = {current.view_position.upper(), other.view_position.upper()}
    return len(views) == 1 or views <= _FRONTAL


def _day(header: InstanceHeader) -> date | None:
    try:
        return date.fromisoformat(header.study_date)
    except ValueError:
        return None
