"""Damaged reports and presentation states are refused in a sentence or read in part, never a crash."""

from __future__ import annotations

import random

import pytest

from cxr_desktop.dicom import DicomReadError
from cxr_desktop.dicom.presentation_state import read_presentation_state
from cxr_desktop.dicom.structured_report import read_structured_report

ROUNDS = 60
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.mark.parametrize(
    ("format_id", "read"), [("sr", read_structured_report), ("gsps", read_presentation_state)]
)
def test_changed_bytes_and_cut_files(exported, tmp_path, format_id, read):
    whole = exported.files[format_id][0].read_bytes()
    chance = random.Random(7)
    path = tmp_path / "damaged.dcm"
    refused: list[str] = []
    for turn in range(ROUNDS):
        data = bytearray(whole if turn % 3 else whole[: chance.randrange(len(whole))])
        for _ in range(chance.randrange(1, 40)):
            if data:
                data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
        try:
            read(path)
        except DicomReadError as error:
            refused.append(str(error))
    assert 0 < len(refused) < ROUNDS
    assert all("damaged.dcm" in sentence for sentence in refused)
