"""The quick walk through a plain header finds what pydicom finds, and leaves all else to it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from cxr_desktop.dicom import header
from cxr_desktop.dicom.dataset import parse_header
from cxr_desktop.dicom.elements import text
from cxr_desktop.dicom.failure import DAMAGE, Unreadable
from cxr_desktop.dicom.header import HEADER_KEYWORDS, header_of, instance_header
from cxr_desktop.dicom.plain_header import LONGEST, plain_header
from cxr_desktop.dicom.quiet import quieten

DEMO = sorted(Path(__file__).parents[2].glob("resources/demo/study/*.dcm"))
FILES = sorted((Path(pydicom.__file__).parent / "data").rglob("*.dcm"))


def told(data: bytes, *, plain: bool):
    """What is said of a file with and without the quick walk: its header, or that there is none."""
    quieten()
    try:
        if plain:
            return instance_header(found, Path("x")) if (found := _plain(data)) is not None else None
        return instance_header(parse_header(BytesIO(data), HEADER_KEYWORDS), Path("x"))
    except (Unreadable, *DAMAGE) as error:
        return type(error)


def _plain(data: bytes) -> Dataset | None:
    return plain_header(data[:LONGEST], HEADER_KEYWORDS)


def test_the_bundled_study_is_read_by_the_quick_walk(monkeypatch):
    monkeypatch.setattr(header, "parse_header", None)
    assert all(header_of(path, path.read_bytes()[:LONGEST]).rows > 0 for path in DEMO)
    assert DEMO


@pytest.mark.parametrize("path", [*DEMO, *FILES], ids=lambda path: path.name)
def test_it_finds_what_pydicom_finds(path):
    data = path.read_bytes()
    quick = told(data, plain=True)
    assert quick is None or quick == told(data, plain=False)


def test_damage_is_read_as_pydicom_reads_it_or_left_to_it():
    """Bytes changed, taken out and put in before the pixels: the quick walk never tells another header."""
    rng = np.random.default_rng(7)
    small = [path.read_bytes()[: LONGEST - 1] for path in [*DEMO[:2], *FILES[:40]]]
    walked = 0
    for _ in range(2000):
        data = bytearray(small[rng.integers(len(small))])
        if len(data) < 200:
            continue
        at = int(rng.integers(128, min(len(data), 2500)))
        kind = rng.integers(3)
        if kind == 0:
            data[at] = int(rng.integers(256))
        elif kind == 1:
            del data[at : at + int(rng.integers(1, 9))]
        else:
            data[at:at] = rng.bytes(int(rng.integers(1, 9)))
        quick = told(bytes(data), plain=True)
        if quick is not None:
            walked += 1
            assert quick == told(bytes(data), plain=False)
    assert walked > 200


@given(
    st.sampled_from((("PatientName", "PN"), ("PatientID", "LO"), ("AccessionNumber", "SH"))),
    st.lists(st.sampled_from([b"a", b"B", b"^", b" ", b"\\", b"=", b"\0", b"\t", b"\x1b", b"\xe4"])),
)
def test_words_read_quickly_are_those_that_pydicom_converts(element, letters):
    quieten()
    keyword, vr = element
    value = b"".join(letters)
    quick, converted = (
        Dataset({Tag(keyword): RawDataElement(Tag(keyword), vr, len(value), value, 0, False, True)})
        for _ in range(2)
    )
    try:
        _ = converted[keyword]  # no longer raw, and so read by way of pydicom's value
    except DAMAGE:
        return
    assert text(quick, keyword) == text(converted, keyword)
