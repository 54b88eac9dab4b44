"""The facts of a case in words, the same for every readable format."""

from __future__ import annotations

from datetime import datetime
from math import isfinite

from cxr_desktop.domain import (
    Analysis,
    AttributionMap,
    Box,
    Localization,
    LocalizedMap,
    PixelSpacing,
    Radiograph,
    Threshold,
    ThresholdKind,
)
from cxr_desktop.reports.people import reference_name

UNKNOWN = "not stated"
LIMITS = (
    "A map shows which pixels the network's score depends on under one method; it does not show disease. "
    "Methods ask different questions and may disagree, and a convincing map can stand beside a wrong score. "
    "A network box is the part of a map above its threshold, not a measured lesion. "
    "IoU compares it with a reference box: 1 is the same rectangle, 0 no overlap."
)

_SEXES = {"M": "male", "F": "female", "O": "other"}
_AGE_UNITS = {"D": "days", "W": "weeks", "M": "months", "Y": "years"}
_VIEWS = {
    "PA": "posteroanterior (PA)",
    "AP": "anteroposterior (AP)",
    "LL": "left lateral",
    "RL": "right lateral",
}


def method_title(method: str) -> str:
    """The name a reader knows a method by, its id where the method is not installed here."""
    return _told_of(method, "title") or method


def method_name(method: str) -> str:
    """The title with the id that commands and files use."""
    title = method_title(method)
    return method if title == method else f"{title} ({method})"


def method_source(method: str) -> str:
    """Where a method was published, empty where it is not installed here."""
    return _told_of(method, "source")


def method_formula(method: str) -> str:
    """The method's short formula, empty where it is not installed here."""
    return _told_of(method, "formula")


def _told_of(method: str, field: str) -> str:
    from cxr_desktop.attribution import methods

    return str(getattr(methods().get(method), field, "") or "")


def person_name(name: str) -> str:
    """A DICOM person name (PS3.5 6.2.1) as 'Family, Given Middle', its alphabetic group where it has one."""
    group = next((part for part in name.split("=") if part.strip("^ ")), "")
    parts = [part.strip() for part in group.split("^")]
    family, others = parts[0], " ".join(part for part in parts[1:4] if part)
    return ", ".join(part for part in (family, others) if part)


def date(value: str) -> str:
    """A DICOM date as YYYY-MM-DD; anything else as it is."""
    digits = value.strip()
    if len(digits) == 8 and digits.isdigit():
        return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    return digits


def moment(created: str) -> str:
    """An ISO 8601 time as 'YYYY-MM-DD HH:MM UTC+02:00'; anything else as it is."""
    try:
        return datetime.fromisoformat(created).strftime("%Y-%m-%d %H:%M %Z").strip()
    except ValueError:
        return created


def sex_and_age(sex: str, age: str) -> str:
    """'female, 61 years' from the DICOM codes, as far as they are there."""
    years = age.strip()
    if len(years) == 4 and years[:3].isdigit() and years[3] in _AGE_UNITS:
        years = f"{int(years[:3])} {_AGE_UNITS[years[3]]}"
    return ", ".join(part for part in (_SEXES.get(sex.strip().upper(), sex.strip()), years) if part)


def number(value: float | None, digits: int = 2) -> str:
    """A number with fixed digits, a dash where there is none."""
    return "–" if value is None or not isfinite(value) else f"{value:.{digits}f}"


def small_share(value: float | None) -> str:
    """A share that may be very small or large, in per cent."""
    if value is None or not isfinite(value):
        return "–"
    if abs(value) < 1e-4:
        return "< 0.01 %"
    return f"{100 * value:.2f} %" if abs(value) < 10 else "> 1000 %"


def threshold_words(threshold: Threshold) -> str:
    """Where the map was cut, as a person says it."""
    if threshold.kind is ThresholdKind.PERCENTILE:
        return f"percentile {threshold.value:g}"
    if threshold.kind is ThresholdKind.RELATIVE:
        return f"{100 * threshold.value:g} % of maximum"
    if threshold.kind is ThresholdKind.ABSOLUTE:
        return f"relevance {threshold.value:g}"
    return "Otsu's threshold"


def verdict(analysis: Analysis, label: str) -> str:
    """Where a label's score lies among its operating points, in a sentence; empty where it has none."""
    score = analysis.prediction.scores[label]
    points = sorted(analysis.prediction.points(label), key=lambda point: point.threshold)
    if not points:
        return ""
    passed = [point for point in points if score >= point.threshold]
    nearest = passed[-1] if passed else points[0]
    side = "at or above" if passed else "below"
    which = "highest" if passed and len(passed) == len(points) and len(points) > 1 else ""
    which = "lowest" if not passed and len(points) > 1 else which
    measured = []
    if nearest.sensitivity is not None:
        measured.append(f"sensitivity {nearest.sensitivity:.2f}")
    if nearest.specificity is not None:
        measured.append(f"specificity {nearest.specificity:.2f}")
    rest = f"; {', '.join(measured)}" if measured else ""
    where = f" on {nearest.measured_on}" if measured and nearest.measured_on else ""
    kind = f"the {which} operating point" if which else "the operating point"
    return f"{label} {score:.3f} lies {side} {kind} ‘{nearest.name}’ ({nearest.threshold:.3f}{rest}{where})."


def box_pixels(box: Box) -> str:
    return f"x {box.x:.0f}, y {box.y:.0f}, {box.width:.0f} × {box.height:.0f} px"


def box_millimetres(box: Box, spacing: PixelSpacing | None) -> str:
    """Width and height in millimetres, empty where the image has no spacing."""
    if spacing is None:
        return ""
    return f"{box.width * spacing.column:.1f} × {box.height * spacing.row:.1f} mm"


def calibration(spacing: PixelSpacing | None) -> str:
    """What lengths in millimetres rest on."""
    if spacing is None:
        return "Not calibrated: lengths in pixels only."
    return f"{spacing.row:.4g} × {spacing.column:.4g} mm per pixel ({spacing.origin})."


def study_facts(analysis: Analysis) -> tuple[tuple[str, str], ...]:
    """Whom and what the image shows, in the order to print."""
    header = analysis.radiograph.header
    view = _VIEWS.get(header.view_position, header.view_position)
    return (
        ("Patient", person_name(header.patient_name) or UNKNOWN),
        ("Patient ID", header.patient_id or UNKNOWN),
        ("Sex, age", sex_and_age(header.patient_sex, header.patient_age) or UNKNOWN),
        ("Study date", date(header.study_date) or UNKNOWN),
        ("View", view or UNKNOWN),
        ("Image", f"{header.path.name}, {analysis.radiograph.columns} × {analysis.radiograph.rows} px"),
    )


def model_facts(analysis: Analysis) -> tuple[tuple[str, str], ...]:
    """Which network spoke, in the order to print."""
    prediction = analysis.prediction
    return (
        ("Model", prediction.model.title or prediction.model.name),
        ("Name", prediction.model.name),
        ("Version", prediction.model.version),
        ("Weights", prediction.model.weights_sha256[:16] or UNKNOWN),
        ("Device", prediction.device),
        ("Target", target_of(analysis) or UNKNOWN),
    )


def target_of(analysis: Analysis) -> str:
    """The label that the maps explain, else the most probable one."""
    if analysis.maps:
        return analysis.maps[0].target
    return analysis.prediction.top if analysis.prediction.scores else ""


def source_facts(analysis: Analysis) -> tuple[tuple[str, str], ...]:
    """What a later reader needs to find the very same image, network and program."""
    header = analysis.radiograph.header
    return (
        ("Image file", header.path.name),
        *frame_fact(analysis.radiograph),
        ("Image SHA-256", analysis.radiograph.sha256 or UNKNOWN),
        ("SOP Instance UID", header.sop_instance_uid or UNKNOWN),
        ("Study UID", header.study_uid or UNKNOWN),
        ("Calibration", calibration(analysis.radiograph.spacing)),
        ("Model", f"{analysis.prediction.model.name} {analysis.prediction.model.version}"),
        ("Weights SHA-256", analysis.prediction.model.weights_sha256 or UNKNOWN),
        ("Software", analysis.software or UNKNOWN),
        ("Created", moment(analysis.created) or UNKNOWN),
    )


def frame_fact(radiograph: Radiograph) -> tuple[tuple[str, str], ...]:
    """Which frame the report is of, where its file has several."""
    frames = radiograph.header.frames
    return (("Frame", f"{radiograph.frame + 1} of {frames}"),) if frames > 1 else ()


def boxes_counted(localized: LocalizedMap) -> str:
    """How many boxes a map gave, in words."""
    count = len(localized.boxes)
    return "no box" if not count else "1 box" if count == 1 else f"{count} boxes"


def map_facts(found: AttributionMap, localized: LocalizedMap) -> tuple[tuple[str, str], ...]:
    """How one map came about, in the order to print."""
    completeness = "not promised by this method"
    if found.gap is not None:
        completeness = small_share(found.gap)
    return (
        ("Target", found.target),
        ("Cut at", f"{threshold_words(localized.threshold)}, {boxes_counted(localized)}"),
        ("Completeness gap", completeness),
    )


def parameters_text(found: AttributionMap) -> str:
    """The method's options as 'name = value' in order of name."""
    pairs = (f"{name} = {_value(value)}" for name, value in sorted(found.parameters.items()))
    return ", ".join(pairs) or "none"


def comparison_text(analysis: Analysis, found: Localization) -> str:
    """A method against one reference box in a line."""
    hit = "peak inside" if found.hit else "peak outside"
    return f"{reference_name(analysis, found)}: IoU {number(found.iou)}, IoBB {number(found.iobb)}, {hit}"


def best_per_reference(analysis: Analysis) -> frozenset[int]:
    """Places in `localizations` with the highest IoU above 0 for their reference box."""
    best: dict[tuple[str, Box], float] = {}
    for found in analysis.localizations:
        key = (found.source, found.reference)
        best[key] = max(best.get(key, 0.0), found.iou)
    return frozenset(
        place
        for place, found in enumerate(analysis.localizations)
        if found.iou > 0 and found.iou == best[(found.source, found.reference)]
    )


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return str(value)
