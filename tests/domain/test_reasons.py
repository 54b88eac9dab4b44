import pytest

from cxr_desktop.domain.reasons import KINDS, Look, LookRule, Outcome, Quadrant, ReasonCase, kind_of


def case(truth: bool | None, score: float, iou: float | None = None, hit: bool | None = None) -> ReasonCase:
    return ReasonCase("a.png", "rap", "Opacity", truth, score, 0.5, iou, hit)


@pytest.mark.parametrize(
    ("truth", "score", "outcome"),
    [
        (True, 0.5, Outcome.TRUE_POSITIVE),
        (True, 0.49, Outcome.FALSE_NEGATIVE),
        (False, 0.7, Outcome.FALSE_POSITIVE),
        (False, 0.1, Outcome.TRUE_NEGATIVE),
        (None, 0.9, Outcome.UNKNOWN),
    ],
)
def test_outcome_at_the_operating_point(truth: bool | None, score: float, outcome: Outcome) -> None:
    assert case(truth, score).outcome is outcome


@pytest.mark.parametrize(
    ("score", "iou", "quadrant"),
    [
        (0.9, 0.25, Quadrant.RIGHT_THERE),
        (0.9, 0.24, Quadrant.RIGHT_ELSEWHERE),
        (0.1, 0.3, Quadrant.WRONG_THERE),
        (0.1, 0.0, Quadrant.WRONG_ELSEWHERE),
    ],
)
def test_the_four(score: float, iou: float, quadrant: Quadrant) -> None:
    assert case(True, score, iou).quadrant(LookRule(0.25)) is quadrant


def test_without_a_box_there_is_no_place_to_look_at() -> None:
    assert case(True, 0.9).look(LookRule()) is Look.NO_PLACE
    assert case(True, 0.9).quadrant(LookRule()) is None
    assert case(False, 0.9).quadrant(LookRule()) is None


def test_the_pointing_game_as_the_rule() -> None:
    rule = LookRule(pointing=True)
    assert case(True, 0.9, 0.0, True).quadrant(rule) is Quadrant.RIGHT_THERE
    assert case(True, 0.9, 0.9, False).quadrant(rule) is Quadrant.RIGHT_ELSEWHERE
    assert "maximum" in str(rule)
    assert "0.25" in str(LookRule())


def test_kinds_of_a_scatter() -> None:
    rule = LookRule(0.25)
    told = [
        KINDS[kind_of(case(*facts), rule)]
        for facts in (
            (True, 0.9, 0.5),
            (True, 0.9, 0.1),
            (True, 0.1, 0.5),
            (True, 0.1, 0.1),
            (False, 0.9),
            (False, 0.1),
        )
    ]
    assert told == list(KINDS)
    assert kind_of(case(None, 0.9), rule) is None
    assert kind_of(case(True, 0.9), rule) is None
