"""Nothing that was removed may be found anywhere in the bytes of a copy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest
from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.datadict import dictionary_VR, keyword_for_tag
from pydicom.dataset import Dataset

from cxr_desktop.dicom.deidentification import Dates, Options, Pseudonyms, deidentify
from cxr_desktop.dicom.deidentification.retained import PATIENT_CHARACTERISTICS

Save = Callable[..., Path]


TOKEN = "QZXJWKQVYX"
TEXTUAL = ("LO", "SH", "LT", "ST", "UT", "UC", "UR", "PN", "CS", "AE")
LISTED = [tag for tag in dicomfields_2026c.ALL_TAGS if len(tag) == 2 and tag[0] > 0x0008]
NAMED = [
    tag
    for tag in LISTED
    if (keyword := keyword_for_tag(tag))
    and dictionary_VR(tag) in TEXTUAL
    and keyword not in PATIENT_CHARACTERISTICS
]


def add_private(dataset: Dataset) -> None:
    block = dataset.private_block(0x0011, f"{TOKEN} CO", create=True)
    for offset, (vr, value) in enumerate(
        (("LO", TOKEN), ("UN", TOKEN.encode()), ("OB", TOKEN.encode()), ("PN", f"{TOKEN}^A"))
    ):
        block.add_new(offset, vr, value)


def add_overlay(dataset: Dataset) -> None:
    dataset.add_new(0x60000022, "LO", TOKEN)
    dataset.add_new(0x60001500, "LO", TOKEN)
    dataset.add_new(0x60004000, "LT", TOKEN)
    dataset.add_new(0x60003000, "OW", TOKEN.encode() * 4)
    dataset.add_new(0x50000005, "US", 1)
    dataset.add_new(0x50003000, "OW", TOKEN.encode())


def add_meta(dataset: Dataset) -> None:
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.SourceApplicationEntityTitle = TOKEN
    dataset.file_meta.PrivateInformationCreatorUID = "1.2.3"
    dataset.file_meta.PrivateInformation = TOKEN.encode()
    dataset.preamble = TOKEN.encode().ljust(128, b"\0")


def add_unlisted(dataset: Dataset) -> None:
    """Where no table looks: text elsewhere that repeats the patient's name, and attributes unknown to the standard."""
    dataset.PatientName = f"{TOKEN}^Ann"
    dataset.Manufacturer = f"seen for {TOKEN.lower()}"
    dataset.BodyPartExamined = TOKEN
    dataset.LUTExplanation = TOKEN
    dataset.add_new(0x00189999, "UN", TOKEN.encode())
    dataset.add_new(0x00282000, "OB", b"profile of " + TOKEN.encode() + b"x")


def nested(dataset: Dataset, depth: int) -> Dataset:
    """The innermost item of sequences that the profile itself leaves in place."""
    for _ in range(depth):
        item = Dataset()
        dataset.AnatomicRegionSequence = [item]
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "51185008", "SCT", "Chest"
        dataset = item
    return dataset


@given(
    tags=st.lists(st.sampled_from(NAMED), min_size=1, max_size=12, unique=True),
    depth=st.integers(0, 4),
    extras=st.sets(st.sampled_from([add_private, add_overlay, add_meta, add_unlisted])),
    dates=st.sampled_from(Dates),
    keep=st.booleans(),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_removed_value_is_nowhere_in_the_bytes(
    radiograph,
    save: Save,
    tmp_path: Path,
    tags: list[tuple[int, int]],
    depth: int,
    extras: set[Callable[[Dataset], None]],
    dates: Dates,
    keep: bool,
) -> None:
    dataset = radiograph()
    where = nested(dataset, depth)
    for tag in tags:
        where.add_new(tag, dictionary_VR(tag), TOKEN)
    for extra in extras:
        if extra in (add_private, add_overlay):
            extra(where if extra is add_private else dataset)
        else:
            extra(dataset)
    copy = deidentify(save(dataset), tmp_path / "out", Options(dates=dates, patient=keep))
    content = copy.path.read_bytes().upper()
    assert TOKEN.encode() not in content
    assert b"SECRET" not in content
    assert b"4711-22" not in content


@pytest.mark.parametrize(
    ("character_set", "name", "encoding"),
    [
        ("ISO_IR 100", "Müller^Jörg", "latin-1"),
        ("ISO_IR 192", "王^小東", "utf-8"),
        ("ISO_IR 144", "Люкceмбypг^Роза", "iso8859_5"),
        ("ISO_IR 126", "Διονυσιος^Νικος", "iso8859_7"),
        ("GB18030", "王^小东", "gb18030"),
        ("\\ISO 2022 IR 87", "Yamada^Tarou=山田^太郎", "iso2022_jp"),
    ],
)
def test_names_in_other_scripts_go_too(
    radiograph, save: Save, tmp_path: Path, character_set: str, name: str, encoding: str
) -> None:
    dataset = radiograph()
    dataset.SpecificCharacterSet = character_set.split("\\")
    dataset.PatientName = name
    dataset.ImageComments = f"Kommentar: {name.partition('=')[0]}"
    dataset.Manufacturer = name.partition("=")[2].partition("^")[0] or name.partition("^")[0]
    content = deidentify(save(dataset), tmp_path / "out").path.read_bytes()
    for part in name.replace("=", "^").split("^"):
        assert part.encode(encoding) not in content
        assert part.encode("utf-8") not in content


@pytest.mark.parametrize("name", ["Mary^Ann", "Image^Original", "Che^Ray"])
def test_a_short_name_is_not_seen_in_other_words(radiograph, save: Save, tmp_path: Path, name: str) -> None:
    dataset = radiograph()
    dataset.PatientName = name
    dataset.ImageType = ["DERIVED", "PRIMARY", "SCANNED"]
    dataset.BodyPartExamined, dataset.Manufacturer = "CHEST", "X-Rays for Mary & Sons"
    copy = pydicom.dcmread(deidentify(save(dataset), tmp_path / "out").path)
    assert list(copy.ImageType) == ["DERIVED", "PRIMARY", "SCANNED"]
    assert copy.BodyPartExamined == "CHEST"
    assert (copy.Manufacturer == "") == name.startswith("Mary")


def test_a_value_is_no_part_of_the_report(radiograph, save: Save, tmp_path: Path) -> None:
    from cxr_desktop.dicom.deidentification import report_document, report_text

    dataset = radiograph()
    dataset.StudyDescription = TOKEN
    add_private(dataset)
    copy = deidentify(save(dataset, f"{TOKEN}.dcm"), tmp_path / "out")
    said = report_text([copy]) + str(report_document([copy])) + copy.path.name
    assert "Study Description" in said
    assert "Private attribute" in said
    for value in (TOKEN, "Secret", "4711", "19310412", str(dataset.StudyInstanceUID)):
        assert value not in said


def test_the_original_is_as_it_was(radiograph, save: Save, tmp_path: Path, pseudonyms: Pseudonyms) -> None:
    source = save(radiograph())
    before = source.read_bytes()
    copy = deidentify(source, source.parent, pseudonyms=pseudonyms)
    assert source.read_bytes() == before
    assert copy.path != source
    assert [one.name for one in source.parent.iterdir() if one.name.startswith(".")] == []
