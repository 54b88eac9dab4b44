"""The tag browser's reading against pydicom's own."""

from __future__ import annotations

import contextlib

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from cxr_desktop.dicom import DicomReadError
from cxr_desktop.dicom.tags import LONGEST_VALUE, MOST_ITEMS, read_tags
from cxr_desktop.domain.errors import Cancelled

PIXELS = np.arange(64, dtype=np.uint16).reshape(8, 8)


def code(value: str) -> Dataset:
    item = Dataset()
    item.CodeValue = value
    return item


def by_tag(nodes):
    return {node.tag: node for node in nodes}


@pytest.mark.parametrize(
    "name", ["CT_small.dcm", "MR_small.dcm", "reportsi.dcm", "image_dfl.dcm", "MR_small_bigendian.dcm"]
)
def test_every_element_is_there_with_its_name_and_vr(name):
    path = get_testdata_file(name, download=False)
    dataset = pydicom.dcmread(path)
    expected = [*dataset.file_meta, *dataset]
    found = read_tags(path)
    assert len(found) == len(expected)
    for node, element in zip(found, expected, strict=True):
        assert node.tag == f"({element.tag.group:04X},{element.tag.element:04X})"
        assert node.name == element.name
        assert node.vr in (element.VR, "OB or OW", "UN")
        if element.VR in ("PN", "LO", "CS", "UI", "DA"):
            values = element.value if element.VM > 1 else [element.value]
            assert node.value == "\\".join(str(part) for part in values if part is not None)


def test_sequences_are_trees_and_private_elements_are_read(write_dicom):
    item = code("outer")
    item.ConceptNameCodeSequence = Sequence([code("inner")])

    path = write_dicom(PIXELS, ViewCodeSequence=Sequence([item, code("second")]))
    dataset = pydicom.dcmread(path)
    dataset.private_block(0x0009, "MAKER", create=True).add_new(0x01, "LO", "own value")
    dataset.save_as(path)
    tags = by_tag(read_tags(path))
    view = tags["(0054,0220)"]
    assert (view.value, [child.tag for child in view.children]) == ("2 items", ["Item 1", "Item 2"])
    inner = by_tag(view.children[0].children)["(0040,A043)"]
    assert by_tag(inner.children[0].children)["(0008,0100)"].value == "inner"
    assert tags["(0009,0010)"].value == "MAKER"
    assert tags["(0009,1001)"].value == "own value"


def test_large_values_are_told_by_their_size(write_dicom):
    path = write_dicom(np.zeros((400, 300), np.uint16))
    assert by_tag(read_tags(path))["(7FE0,0010)"].value == "240000 bytes"


def test_long_texts_and_sequences_end_somewhere(write_dicom):
    items = [code(str(number)) for number in range(MOST_ITEMS + 7)]
    path = write_dicom(PIXELS, PatientComments="x" * 9000, ViewCodeSequence=Sequence(items))
    tags = by_tag(read_tags(path))
    assert tags["(0010,4000)"].value == "x" * (LONGEST_VALUE - 1) + "…"
    assert tags["(0054,0220)"].children[-1].name == "7 further items are not shown"


def test_a_picture_is_refused_with_a_reason(tmp_path):
    path = tmp_path / "chest.png"
    Image.fromarray(PIXELS.astype(np.uint8)).save(path)
    with pytest.raises(DicomReadError, match=r"chest\.png: this picture is no DICOM object"):
        read_tags(path)


def test_a_truncated_file_says_so_or_shows_what_is_there(write_dicom):
    path = write_dicom(PIXELS)
    data = path.read_bytes()
    for length in range(400, len(data), 17):
        path.write_bytes(data[:length])
        with contextlib.suppress(DicomReadError):
            assert by_tag(read_tags(path))["(0002,0010)"].value == "1.2.840.10008.1.2.1"


def test_reading_can_be_broken_off(write_dicom):
    def check() -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        read_tags(write_dicom(PIXELS), check)
