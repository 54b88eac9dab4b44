import gzip
from pathlib import Path

import pytest

from cxr_desktop.cohort.index import locate, read_index
from cxr_desktop.domain.errors import IndexFileError


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "index.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("image,view,site\na.png,PA,x\nb.png,AP\n", "utf-8"),
        ("\ufeffImage;view;site\r\n\r\na.png;PA;x\r\nb.png;AP;\r\n;;\r\n", "utf-8"),
        ("view\tsite\timage\nPA\tx\ta.png\nAP\t\tb.png\n", "utf-8"),
    ],
    ids=["short line", "semicolons, BOM, blanks", "tabs, another order"],
)
def test_rows_with_their_groups(tmp_path: Path, text: str, encoding: str) -> None:
    first, second = read_index(written(tmp_path, text, encoding))
    assert (first.name, dict(first.columns)) == ("a.png", {"view": "PA", "site": "x"})
    assert (second.name, dict(second.columns)) == ("b.png", {"view": "AP", "site": ""})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "needs the column image"),
        ("file,view\na.png,PA\n", "needs the column image; it has \\['file', 'view'\\]"),
        ("image,view\n,PA\n", "a line names no image"),
    ],
)
def test_faults_are_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(IndexFileError, match=message):
        read_index(written(tmp_path, text))


def test_the_first_of_several_lines_counts(tmp_path: Path) -> None:
    first, second = read_index(written(tmp_path, "image,view\na.png,PA\nb.png,AP\na.png,AP\n"))
    assert (first.name, first.columns["view"], first.lines) == ("a.png", "PA", 2)
    assert second.lines == 1


def test_images_by_name_and_by_uid(tmp_path: Path) -> None:
    from pydicom import dcmread
    from pydicom.data import get_testdata_file

    source = Path(str(get_testdata_file("MR_small.dcm")))
    uid = str(dcmread(source).SOPInstanceUID)
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "some.dcm").write_bytes(source.read_bytes())
    (tmp_path / "images" / "a.png").touch()
    rows = read_index(written(tmp_path, f"image\na.png\n{uid}\nabsent.png\n"))
    assert locate(rows, tmp_path / "images") == {
        "a.png": tmp_path / "images" / "a.png",
        uid: tmp_path / "images" / "some.dcm",
    }


def test_images_in_folders_within_by_a_name_that_one_file_has(tmp_path: Path) -> None:
    for place in ("1/a.png", "2/b.dicom", "1/twice.png", "2/twice.png"):
        (tmp_path / "images" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "images" / place).touch()
    rows = read_index(written(tmp_path, "image\na.png\nb\ntwice.png\n"))
    assert locate(rows, tmp_path / "images") == {
        "a.png": tmp_path / "images" / "1" / "a.png",
        "b": tmp_path / "images" / "2" / "b.dicom",
    }


def test_a_name_that_several_files_have_is_told(tmp_path: Path) -> None:
    places = [tmp_path / "images" / folder / "a.png" for folder in ("1", "2")]
    for place in places:
        place.parent.mkdir(parents=True)
        place.touch()
    several: dict[str, tuple[Path, ...]] = {}
    assert locate(read_index(written(tmp_path, "image\na.png\n")), tmp_path / "images", several) == {}
    assert several == {"a.png": tuple(places)}


@pytest.mark.parametrize("name", ["train/p1/a.png", "set/train/p1/a.png", "p1\\a.png", "train\\p1\\a.png"])
def test_names_that_begin_above_the_folder_or_come_from_windows(tmp_path: Path, name: str) -> None:
    place = tmp_path / "set" / "train" / "p1" / "a.png"
    place.parent.mkdir(parents=True)
    place.touch()
    (tmp_path / "set" / "other.png").touch()
    rows = read_index(written(tmp_path, f"image\n{name}\nset/other.png\n"))
    assert locate(rows, tmp_path / "set" / "train") == {name: place}


@pytest.mark.parametrize("column", ["Image Index", "image_id", "patientId"])
def test_columns_of_public_lists_name_the_images(tmp_path: Path, column: str) -> None:
    (row,) = read_index(written(tmp_path, f"{column},view\na.png,PA\n"))
    assert (row.name, dict(row.columns)) == ("a.png", {"view": "PA"})
    (row,) = read_index(written(tmp_path, f"{column},image\n7,a.png\n"))
    assert (row.name, dict(row.columns)) == ("a.png", {column: "7"})


def test_a_list_of_boxes_serves_as_the_index_without_its_edges(tmp_path: Path) -> None:
    """One line a box is no mistake there, and where boxes lie is no group of images."""
    text = (
        "image_id,rad_id,class_name,x_min,y_min,x_max,y_max,sex\na,R1,Mass,1,2,3,4,F\na,R2,Mass,1,2,3,4,F\n"
    )
    (row,) = read_index(written(tmp_path, text))
    assert (row.name, dict(row.columns), row.lines) == (
        "a",
        {"rad_id": "R1", "class_name": "Mass", "sex": "F"},
        1,
    )


def test_an_index_may_be_packed(tmp_path: Path) -> None:
    path = tmp_path / "index.csv.gz"
    path.write_bytes(gzip.compress(b"ImageId, EncodedPixels\n1.2.3,-1\n"))
    (row,) = read_index(path)
    assert row.name == "1.2.3"
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(IndexFileError, match="packed by gzip"):
        read_index(path)
