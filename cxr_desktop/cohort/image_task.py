"""One image of an evaluation: what is to be examined, and what came of it. Runs here, in a process or on a cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cxr_desktop.cohort.box_input import read_box_input
from cxr_desktop.cohort.examination import Examiner, StudyImage
from cxr_desktop.cohort.plan import EvaluationPlan
from cxr_desktop.cohort.records import ImageRecord
from cxr_desktop.cohort.shards import Shards
from cxr_desktop.domain.errors import Cancelled, CxrError, ExportError
from cxr_desktop.domain.labels import LabelMap

if TYPE_CHECKING:
    from cxr_desktop.classifiers import Classifier

OpenModel = Callable[[str, str], "Classifier"]
"""Name or folder of a model, and a device, to a classifier; a function that other processes can import."""

Outcome = ImageRecord | str
"""What was measured of an image, or why it was not."""


@dataclass(frozen=True, slots=True)
class ImageTask:
    """An image of the index and its file. negatives: labels that the index says it does not show."""

    name: str
    path: Path
    negatives: tuple[str, ...] = ()


def load_package(name: str, device: str) -> Classifier:
    """As `load_model`; here, so that processes that examine images need not import what tables are made of."""
    from cxr_desktop.classifiers import load_model

    return load_model(name, device)


def examiner_for(plan: EvaluationPlan, classifier: Classifier) -> Examiner:
    """Raises BoxFileError for the plan's boxes or label map."""
    from cxr_desktop.attribution import Activations

    problems: list[str] = []
    return Examiner(
        plan=plan,
        classifier=classifier,
        boxes=read_box_input(plan.boxes, form=plan.boxes_format, problems=problems).spelled_alike(),
        box_problems=problems,
        labels=LabelMap.load(plan.label_map),
        shards=Shards(plan.out / "cache", plan.resume),
        activations=Activations(classifier.network, many=True),
    )


def outcome(examiner: Examiner, task: ImageTask, image: StudyImage | None = None) -> Outcome:
    """A failure of this image is a reason, not an end of the others'. image: where it was begun before.

    Raises ExportError where what was measured cannot be written.
    """
    try:
        return examiner.examine(task.name, image or StudyImage(task.path), task.negatives)
    except (Cancelled, ExportError):  # where nothing can be kept, no other image can be either
        raise
    except CxrError as error:
        return str(error).removeprefix(f"{task.path}: ")  # where the folder lies is no part of the results
