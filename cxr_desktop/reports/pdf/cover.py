"""The first page: who, which network, the key image, the scores, and what they cannot tell."""

from __future__ import annotations

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Spacer

from cxr_desktop.domain import Analysis, InputConcern, Severity
from cxr_desktop.reports.figure import legend_of
from cxr_desktop.reports.fonts import is_transliterated
from cxr_desktop.reports.marks import drawn, human_marks, network_marks
from cxr_desktop.reports.pdf.pictures import Legend, Picture
from cxr_desktop.reports.pdf.score_bars import ScoreBar
from cxr_desktop.reports.pdf.strip import method_strip
from cxr_desktop.reports.pdf.theme import (
    ALARM,
    ALARM_GROUND,
    BODY,
    CARD_TITLE,
    CAUTION,
    CAUTION_GROUND,
    COLUMN_WIDTH,
    CONTENT_WIDTH,
    LABEL,
    SMALL,
    Heading,
    fact_table,
    panel,
    panel_pair,
    side_by_side,
    text,
)
from cxr_desktop.reports.rendering import clean, fitted, overlaid
from cxr_desktop.reports.wording import LIMITS, method_title, model_facts, study_facts, target_of, verdict

KEY_SIDE = 1040
KEY_HEIGHT = 94 * mm
SCORES_SHOWN = 6
LIMITS_ROOM = 24 * mm


def cover(analysis: Analysis) -> list[Flowable]:
    """The flowables of the first page."""
    return [
        *_identity(analysis),
        *_concerns(analysis),
        *_key_images(analysis),
        *_scores(analysis),
        Spacer(0, 4 * mm),
        *method_strip(analysis, reserve=LIMITS_ROOM),
        panel([text("What a map can and cannot show", CARD_TITLE), text(LIMITS, SMALL)], CONTENT_WIDTH),
    ]


def _identity(analysis: Analysis) -> list[Flowable]:
    facts = [(label, _told_if_transliterated(value)) for label, value in study_facts(analysis)]
    study = [text("Study", CARD_TITLE), fact_table(facts, COLUMN_WIDTH - 20)]
    model = [text("Network", CARD_TITLE), fact_table(model_facts(analysis), COLUMN_WIDTH - 20)]
    return [panel_pair(study, model), Spacer(0, 4 * mm)]


def _told_if_transliterated(value: str) -> str:
    return f"{value} (transliterated)" if is_transliterated(value) else value


def _concerns(analysis: Analysis) -> list[Flowable]:
    concerns = analysis.prediction.concerns
    made: list[Flowable] = []
    for severity, title, ground, bar in (
        (Severity.REFUSE, "This input is refused: do not believe its scores", ALARM_GROUND, ALARM),
        (Severity.WARN, "Reasons for caution", CAUTION_GROUND, CAUTION),
    ):
        found: list[InputConcern] = [concern for concern in concerns if concern.severity is severity]
        if found:
            sentences = [text(concern.sentence, BODY) for concern in found]
            made += [panel([text(title, CARD_TITLE), *sentences], CONTENT_WIDTH, ground, bar)]
            made += [Spacer(0, 4 * mm)]
    return made


def _key_images(analysis: Analysis) -> list[Flowable]:
    radiograph = analysis.radiograph
    stored = (radiograph.rows, radiograph.columns)
    base = clean(radiograph.display(), fitted(*stored, KEY_SIDE))
    marks = human_marks(analysis)
    annotated, caption = base, "Boxes of readers and references" if marks else "No map was computed"
    if analysis.maps:
        first, localized = analysis.maps[0], analysis.localized[0]
        annotated = overlaid(base, first, localized)
        marks = (*marks, *network_marks(localized))
        caption = f"{method_title(first.method)} for {first.target}, the first method asked for"
    annotated = drawn(annotated, stored, marks)
    left = [
        Picture(base, COLUMN_WIDTH, KEY_HEIGHT),
        Spacer(0, 1.5 * mm),
        text("Radiograph as displayed", LABEL),
    ]
    right = [Picture(annotated, COLUMN_WIDTH, KEY_HEIGHT), Spacer(0, 1.5 * mm), text(caption, LABEL)]
    return [side_by_side(left, [*right, Spacer(0, 1 * mm), Legend(legend_of(analysis))]), Spacer(0, 3 * mm)]


def _scores(analysis: Analysis) -> list[Flowable]:
    scores = analysis.prediction.scores
    if not scores:
        return [Heading("Scores"), text("The network gave no scores for this image.", BODY)]
    shown = shown_labels(analysis)
    bars: list[Flowable] = []
    points = analysis.prediction.points
    for label in shown:
        bar = ScoreBar(label, scores[label], points(label), believed=not analysis.prediction.refused)
        bars += [Spacer(0, 2 * mm), bar]
    judged = verdict(analysis, shown[0])
    if judged and not analysis.prediction.refused:
        bars += [Spacer(0, 1 * mm), text(judged, SMALL)]
    rest = len(scores) - len(shown)
    bars.append(Spacer(0, 0.8 * mm))
    if rest:
        bars.append(text(f"{rest} further scores are in the appendix.", LABEL))
    if not analysis.prediction.operating_points:
        bars.append(text("No operating point was measured for these weights: read scores with care.", LABEL))
    return [KeepTogether([Heading("Scores: probability"), *bars[:4]]), *bars[4:]]


def shown_labels(analysis: Analysis) -> tuple[str, ...]:
    """The labels on the first page: the target, then the most probable ones."""
    scores = analysis.prediction.scores
    target = target_of(analysis)
    ranked = sorted(scores, key=lambda label: (label != target, -scores[label]))
    return tuple(ranked[:SCORES_SHOWN])
