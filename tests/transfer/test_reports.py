"""Every DICOM report object reaches a real server and comes back equal, by every way there is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest

from cxr_desktop.dicom import read_radiograph
from cxr_desktop.domain import (
    Analysis,
    AttributionMap,
    Box,
    LocalizedMap,
    ModelIdentity,
    Prediction,
    Reading,
    Threshold,
)
from cxr_desktop.reports import export
from cxr_desktop.resources import resource
from cxr_desktop.transfer.association import Caller
from cxr_desktop.transfer.delivery import deliver
from cxr_desktop.transfer.finding import find_studies
from cxr_desktop.transfer.inbox import Inbox
from cxr_desktop.transfer.node_book import NodeBook
from cxr_desktop.transfer.outgoing import read_outgoing
from cxr_desktop.transfer.query import Query
from cxr_desktop.transfer.queue import SendQueue
from cxr_desktop.transfer.retrieving import get_study, move_study
from cxr_desktop.transfer.storing import Verdict
from cxr_desktop.transfer.web_fetching import fetch_study_from_web, find_studies_on_web

FORMATS = ("sr", "gsps", "seg", "sc", "encapsulated-pdf", "kos", "pmap")
DEMO = resource("demo", "study") / "one-current.dcm"
RG1 = Path(__file__).resolve().parents[3] / "shared" / "data" / "dicom" / "RG1_J2KI.dcm"
LABEL = "Lung Opacity"
MODEL = ModelIdentity("demo", "1.2.0", "ab12" * 16, "Lung opacity, demonstration")


def analysed(path: Path) -> Analysis:
    radiograph = read_radiograph(path)
    down, right = np.ogrid[-1 : 1 : radiograph.rows * 1j, -1 : 1 : radiograph.columns * 1j]
    found = AttributionMap(np.exp(-8 * (down**2 + right**2)).astype(np.float32), "rap", LABEL, MODEL, {})
    box = Box(100.25, 120.5, 200.0, 180.0, LABEL, 0.8, "rap")
    return Analysis(
        radiograph=radiograph,
        prediction=Prediction(MODEL, {LABEL: 0.73}),
        maps=(found,),
        localized=(LocalizedMap("rap", LABEL, Threshold(), 0.5, (box,)),),
        readings=(Reading("Dr. Jörg Müller", (replace(box, source=""),)).committed(blinded=True),),
        created="2026-03-01T10:30:05+01:00",
        software="CXR Desktop 0.1.0",
    )


@pytest.fixture(scope="module", params=[DEMO, RG1], ids=lambda path: path.stem)
def objects(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """The image, and its report in each format."""
    if not request.param.is_file():
        pytest.skip(f"{request.param.name} lies beside the repository only where the shared data are")
    folder = tmp_path_factory.mktemp("reports")
    files = export(analysed(request.param), list(FORMATS), folder)
    return (request.param, *(path for path in files if path.suffix == ".dcm"))


@pytest.mark.parametrize("way", ["pacs", "web"])
def test_all_objects_go_there_and_come_back_equal(
    orthanc, caller: Caller, objects: tuple[Path, ...], tmp_path: Path, way: str
) -> None:
    node = orthanc.node if way == "pacs" else orthanc.web_node
    with closing(SendQueue(tmp_path / "data")) as queue:
        for path in objects:
            queue.add(way, read_outgoing(path))
        told = list(deliver(queue, NodeBook(orthanc.local, (node,)), caller))
    assert [(one.verdict, one.reason) for one in told] == [(Verdict.TAKEN, "")] * len(objects)
    ours = {str(dataset.SOPInstanceUID): dataset for dataset in map(pydicom.dcmread, objects)}
    assert len(ours) == len(objects) >= 1 + len(FORMATS) - 1
    assert orthanc.instances() == sorted(ours)
    for uid, dataset in ours.items():
        assert pydicom.dcmread(BytesIO(orthanc.file(uid))) == dataset
    study = str(pydicom.dcmread(objects[0]).StudyInstanceUID)
    (found,) = (find_studies if way == "pacs" else find_studies_on_web)(node, Query(study_uid=study), caller)
    assert (found.study_uid, found.instances) == (study, len(objects))
    ways: tuple[Callable[..., None], ...] = (
        (get_study, move_study) if way == "pacs" else (fetch_study_from_web,)
    )
    for fetch in ways:
        inbox = Inbox(tmp_path / fetch.__name__)
        fetch(node, study, inbox, caller, lambda came, expected: None)
        assert sorted(inbox.received) == sorted(ours)
        for uid, received in inbox.received.items():
            assert pydicom.dcmread(received.path) == ours[uid]
