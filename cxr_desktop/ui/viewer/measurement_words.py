"""What a measurement says. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from cxr_desktop.ui.translation import later, tr
from cxr_desktop.ui.viewer.calibration import Calibration, cardiothoracic
from cxr_desktop.ui.viewer.figures import figure, with_decimals
from cxr_desktop.ui.viewer.measurement import AREAS, Measurement, MeasurementKind
from cxr_desktop.ui.viewer.region_statistics import RegionStatistics

AP_WARNING = later("AP view: the heart appears larger than on PA; do not judge its size by this ratio.")
OTHER_WARNING = later("This ratio holds for PA views only.")


@dataclass(frozen=True, slots=True)
class Told:
    """results: lines in bright type. notes: where they come from. warning: '' where there is none."""

    results: tuple[str, ...]
    notes: tuple[str, ...] = ()
    warning: str = ""


def told(
    measurement: Measurement,
    calibration: Calibration,
    view_position: str,
    statistics: RegionStatistics | None,
    *,
    pending: bool = False,
) -> Told:
    """pending: statistics are still being worked out."""
    points = measurement.points
    if measurement.kind is MeasurementKind.LENGTH:
        return Told((length(calibration.length(*points), calibration.unit),), _origin(calibration))
    if measurement.kind is MeasurementKind.ANGLE:
        if not measurement.complete:
            return Told((tr("Drag to the end of the second arm"),))
        return Told((f"{calibration.angle(points[0], points[1], points[2]):.1f}°",))
    if measurement.kind in AREAS:
        return _area(measurement, calibration, statistics, pending)
    return _ratio(measurement, calibration, view_position)


def _origin(calibration: Calibration) -> tuple[str, ...]:
    """In two lines where it is long, so that labels stay narrow."""
    what, comma, how = calibration.origin.partition(", ")
    return (what + comma.rstrip(), how) if how else (what,)


def length(value: float, unit: str) -> str:
    return f"{value:.1f} {unit}"


def area(value: float, unit: str) -> str:
    """Square millimetres become square centimetres from one on."""
    if unit == "mm" and value >= 100:
        return tr("{value:.2f} cm²").format(value=value / 100)
    return f"{value:.0f} {unit}²"


def _area(
    measurement: Measurement, calibration: Calibration, statistics: RegionStatistics | None, pending: bool
) -> Told:
    size = area(calibration.area(measurement), calibration.unit)
    if pending:
        return Told((tr("mean …"), size), _origin(calibration))
    if statistics is None:
        return Told((tr("no pixel inside"), size), _origin(calibration))
    reach = max(abs(statistics.smallest), abs(statistics.largest))
    return Told(
        (
            tr("mean {mean}   SD {deviation}").format(
                mean=with_decimals(statistics.mean, reach),
                deviation=with_decimals(statistics.deviation, reach),
            ),
            tr("min {smallest}   max {largest}").format(
                smallest=figure(statistics.smallest, 6), largest=figure(statistics.largest, 6)
            ),
            tr("{size}   {count} pixels").format(size=size, count=statistics.count),
        ),
        _origin(calibration),
    )


def _ratio(measurement: Measurement, calibration: Calibration, view_position: str) -> Told:
    thorax = length(calibration.length(*measurement.points[:2]), calibration.unit)
    found = cardiothoracic(measurement, calibration)
    if found is None:
        return Told(
            (tr("Thorax {thorax}").format(thorax=thorax), tr("Drag from border to border of the heart")),
            _origin(calibration),
        )
    heart = length(found.heart, calibration.unit)
    return Told(
        (
            tr("CTR {ratio:.2f}").format(ratio=found.ratio),
            tr("heart {heart}   thorax {thorax}").format(heart=heart, thorax=thorax),
        ),
        _origin(calibration),
        view_warning(view_position),
    )


def view_warning(view_position: str) -> str:
    """Why a cardiothoracic ratio is doubtful on this view; '' on PA."""
    view = view_position.strip().upper()
    if view == "PA":
        return ""
    if view == "AP":
        return tr(AP_WARNING)
    said = tr("The file says {view}. ").format(view=view) if view else tr("The file states no view. ")
    return said + tr(OTHER_WARNING)
