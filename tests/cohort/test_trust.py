"""Trust of maps on networks whose answers are known beforehand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cxr_desktop.classifiers import load_model
from cxr_desktop.cohort.case import CaseRequest, analyze_radiograph, explain_radiograph
from cxr_desktop.cohort.trust import agreement, trust_in_map
from cxr_desktop.dicom import read_radiograph
from cxr_desktop.domain import Box, Threshold
from cxr_desktop.domain.errors import Cancelled
from cxr_desktop.resources import resource

BOX = Box(100, 100, 300, 300, "Lung Opacity", None, "reader")


@pytest.fixture(scope="module")
def case():
    model = load_model("demo", "cpu")
    radiograph = read_radiograph(resource("demo", "study") / "two.dcm")
    return radiograph, model, explain_radiograph(radiograph, model, "gradcam", "Lung Opacity")


def test_an_empty_map_is_called_empty_and_not_trusted(case) -> None:
    radiograph, model, found = case
    empty = replace(found, values=np.zeros_like(found.values))
    (told,) = trust_in_map(radiograph, model, empty, Threshold())
    assert told.randomisation is None
    assert told.sweep is None, "there is no box to overlap"
    assert told.problems == ("The map holds no evidence for Lung Opacity: there is nothing to measure.",)


@pytest.fixture(scope="module")
def measured(case):
    """What came, and the progress told."""
    radiograph, model, found = case
    told: list[float] = []
    return list(trust_in_map(radiograph, model, found, Threshold(), (BOX,), progress=told.append)), told


def test_every_part_is_measured_and_given_as_it_comes(measured) -> None:
    grown, told = measured
    assert [one.sweep is not None for one in grown] == [True] * 4
    assert [one.faithfulness is not None for one in grown] == [False, True, True, True]
    whole = grown[-1]
    assert whole.problems == ()
    assert whole.randomisation is not None
    assert abs(whole.randomisation.rank_correlation[-1]) < 0.5
    assert whole.stability is not None
    assert len(whole.stability.overlaps) == 1
    assert all(-1 <= change.rank_correlation <= 1 for change in whole.stability.changes)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_curves_begin_and_end_at_the_images_own_logits(case, measured) -> None:
    radiograph, model, _ = case
    curves = measured[0][-1].faithfulness
    assert curves is not None
    logit = model.predict(radiograph).logits["Lung Opacity"]
    assert curves.deletion[0] == pytest.approx(logit, abs=1e-3)
    assert curves.random_deletion[0] == pytest.approx(logit, abs=1e-3)
    assert curves.insertion[-1] == pytest.approx(logit, abs=1e-3)
    assert curves.deletion[-1] == pytest.approx(curves.insertion[0], abs=1e-3)


def test_it_can_be_cancelled(case) -> None:
    radiograph, model, found = case

    def stop(done: float) -> None:
        if done > 0.1:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        list(trust_in_map(radiograph, model, found, Threshold(), progress=stop))


def test_agreement_of_equal_and_of_opposite_maps(case) -> None:
    _, _, found = case
    same = replace(found, method="again")
    other = replace(found, method="other", values=np.ascontiguousarray(found.values[:, ::-1]))
    measured = agreement((found, same, other))
    assert measured.methods == ("gradcam", "again", "other")
    assert measured.rank_correlation[0][1] == pytest.approx(1.0)
    assert measured.overlap[0][1] == 1.0
    assert measured.rank_correlation[0][2] < 0.9
    assert measured.rank_correlation[0][2] == measured.rank_correlation[2][0]
    empty = replace(found, method="empty", values=np.zeros_like(found.values))
    assert agreement((found, empty, same)).methods == ("gradcam", "again")
    assert agreement((found, empty)).mean == 1.0


@pytest.mark.slow
def test_a_case_carries_it_when_asked(case) -> None:
    radiograph, model, _ = case
    request = CaseRequest(methods=("gradcam", "layercam"), references=(BOX,), trust=True)
    analysis = analyze_radiograph(radiograph, model, request)
    assert [one.method for one in analysis.trust.maps] == ["gradcam", "layercam"]
    assert analysis.trust.agreement is not None
    plain = analyze_radiograph(radiograph, model, replace(request, trust=False, methods=("gradcam",)))
    assert not plain.trust.measured
