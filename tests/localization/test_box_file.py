import gzip
from pathlib import Path

import pytest

from cxr_desktop.domain.errors import BoxFileError
from cxr_desktop.localization import Box, read_boxes

HEAD = "image,label,x,y,width,height"


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "boxes.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_boxes_by_name_and_by_uid(tmp_path: Path) -> None:
    table = read_boxes(written(tmp_path, f"{HEAD},source\na.png,Mass,1,2,3,4.5,NIH\n1.2.3,Nodule,5,6,7,8,\n"))
    assert table.boxes_for(Path("/x/a.png")) == (Box(1, 2, 3, 4.5, "Mass", source="NIH"),)
    assert table.boxes_for(Path("b.dcm"), "1.2.3") == (Box(5, 6, 7, 8, "Nodule"),)
    assert table.boxes_for(Path("b.dcm")) == ()
    assert {image: len(boxes) for image, boxes in table.items()} == {"a.png": 1, "1.2.3": 1}


def test_an_image_named_both_ways_has_each_box_once(tmp_path: Path) -> None:
    table = read_boxes(written(tmp_path, f"{HEAD}\na.png,Mass,1,2,3,4\n1.2.3,Mass,1,2,3,4\n"))
    assert len(table.boxes_for(Path("a.png"), "1.2.3")) == 1


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (f"\n{HEAD}\n\n  \na.png,Mass,1,2,3,4\n,,,,,\n", "utf-8-sig"),
        ("Image;Label;X;Y;Width;Height\r\na.png;Mass;1,0;2,0;3;4\r\n", "utf-8"),
        ("height\tlabel\timage\twidth\tx\ty\n4\tMass\tscans/a.png\t3\t1\t2\n", "utf-8"),
        (f'{HEAD},reader\n"a.png","Mass",1,2,3,4,\n', "utf-8"),
        (f"{HEAD}\nC:\\scans\\a.png , Mass , 1 , 2 , 3 , 4\n", "utf-8"),
        ("Image Index,Finding Label,Bbox [x,y,w,h],,,\na.png,Mass,1,2,3,4,,,\n", "utf-8"),
        ("filename,class,xmin,ymin,xmax,ymax\na.png,Mass,1,2,4,6\n", "utf-8"),
        ("image,label,x1,y1,x2,y2\na.png,Mass,1,2,4,6\n", "utf-8"),
        ("image,label,x_min,y_min,x_max,y_max\na.png,Mass,1,2,4,6\nb.png,No finding,,,,\n", "utf-8"),
        ("image,label,x,y,w,h\na.png,Mass,1,2,3,4\nb.png,No Finding,,,,\n", "utf-8"),
    ],
    ids=[
        *("bom and blanks", "semicolons", "tabs, any order", "quotes", "folders", "nih"),
        *("corners, class", "x1 to y2", "x_min to y_max", "short extents"),
    ],
)
def test_flavours_of_csv(tmp_path: Path, text: str, encoding: str) -> None:
    assert dict(read_boxes(written(tmp_path, text, encoding))) == {"a.png": (Box(1, 2, 3, 4, "Mass"),)}


def test_reader_is_another_name_for_source(tmp_path: Path) -> None:
    table = read_boxes(written(tmp_path, f"{HEAD},reader,score\na.png,Mass,1,2,3,4,Dr A,0.5\n"))
    assert table["a.png"] == (Box(1, 2, 3, 4, "Mass", score=0.5, source="Dr A"),)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a.png,Mass,1,2,wide,4", r"line 3, column width: 'wide' is no number"),
        ("a.png,Mass,1,2,0,4", r"line 3, column width: 0 is not greater than 0"),
        ("a.png,Mass,1,2,3,-4", r"line 3, column height: -4 is not greater than 0"),
        ("a.png,Mass,nan,2,3,4", r"line 3, column x: 'nan' is not a finite number"),
        ("a.png,,1,2,3,4", r"line 3, column label: is empty"),
        (",Mass,1,2,3,4", r"line 3, column image: is empty"),
        ("a.png,Mass,1,2", r"line 3, column width: is empty"),
    ],
)
def test_faults_are_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(BoxFileError, match=message):
        read_boxes(written(tmp_path, f"{HEAD}\nok.png,Mass,1,2,3,4\n{line}\n"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "image, label, x, y, width, height are missing"),
        ("image,label,x,y,width\n", "column height is missing"),
    ],
)
def test_missing_columns_are_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BoxFileError, match=message):
        read_boxes(written(tmp_path, text))


def test_a_head_alone_is_an_empty_table(tmp_path: Path) -> None:
    assert len(read_boxes(written(tmp_path, HEAD))) == 0


def test_no_file_and_no_text(tmp_path: Path) -> None:
    with pytest.raises(BoxFileError, match=r"absent\.csv cannot be read"):
        read_boxes(tmp_path / "absent.csv")
    with pytest.raises(BoxFileError, match="no text in UTF-8"):
        read_boxes(written(tmp_path, f"{HEAD}\nä.png,Mass,1,2,3,4\n", "latin-1"))


def test_labels_that_differ_in_case_alone_can_be_made_one(tmp_path: Path) -> None:
    table = read_boxes(
        written(tmp_path, f"{HEAD}\na.png,Mass,1,2,3,4\nb.png,MASS,1,2,3,4\nb.png,Nodule,1,2,3,4\n")
    )
    alike = table.spelled_alike()
    assert [box.label for name in ("a.png", "b.png") for box in alike[name]] == ["Mass", "Mass", "Nodule"]


def test_lines_that_cannot_be_used_leave_the_others(tmp_path: Path) -> None:
    lines = (
        "a.png,Mass,1,2,3,4",
        "b.png,Mass,1,2,nan,4",
        "c.png,Mass,1",
        "d.png,Mass,1,2,3,4",
        "e.png,Mass,1,2,0,4",
    )
    problems: list[str] = []
    table = read_boxes(written(tmp_path, "\n".join((HEAD, *lines))), problems=problems)
    assert {image: len(boxes) for image, boxes in table.items()} == {"a.png": 1, "d.png": 1}
    assert [problem.partition(", ")[2].partition(";")[0] for problem in problems] == [
        "line 3, column width: 'nan' is not a finite number",
        "line 4, column y: is empty",
        "line 6, column width: 0 is not greater than 0",
    ]


def test_files_of_one_name_in_two_folders_stay_apart(tmp_path: Path) -> None:
    lines = "p1/view.png,Mass,1,2,3,4\np2/view.png,Mass,5,6,7,8\nscans/other.png,Mass,1,1,1,1\n"
    table = read_boxes(written(tmp_path, f"{HEAD}\n{lines}"))
    assert table.boxes_for(Path("/data/p2/view.png")) == (Box(5, 6, 7, 8, "Mass"),)
    assert table.boxes_for(Path("/data/p3/view.png")) == ()
    assert len(table.boxes_for(Path("elsewhere/other.png"))) == 1


def test_a_line_that_stands_there_twice_is_told_and_counts_once(tmp_path: Path) -> None:
    problems: list[str] = []
    lines = "a.png,Mass,1,2,3,4\na.png,Mass,1,2,3,4\na.png,Mass,1,2,3,5\n"
    table = read_boxes(written(tmp_path, f"{HEAD}\n{lines}"), problems=problems)
    assert len(table.boxes_for(Path("a.png"))) == 2
    assert len(problems) == 1
    assert "line 3: says the same as line 2" in problems[0]


def test_thousands_of_lines(tmp_path: Path) -> None:
    lines = "".join(f"{number}.png;Mass;{number},5;2;3;4\r\n" for number in range(20_000))
    table = read_boxes(written(tmp_path, "Image;Label;X;Y;Width;Height\r\n" + lines, "utf-8-sig"))
    assert len(table) == 20_000
    assert table["19999.png"] == (Box(19999.5, 2, 3, 4, "Mass"),)


def test_nothing_found_is_no_fault(tmp_path: Path) -> None:
    problems: list[str] = []
    path = written(tmp_path, f"{HEAD},reader\na.png,No finding,,,,,Dr A\n")
    assert dict(read_boxes(path, problems=problems).blank) == {"a.png": frozenset({"Dr A"})}
    assert problems == []


def test_a_packed_list_is_unpacked_and_one_that_breaks_off_is_named(tmp_path: Path) -> None:
    packed = gzip.compress(f"{HEAD}\na.png,Mass,1,2,3,4\n".encode())
    path = tmp_path / "boxes.csv.gz"
    path.write_bytes(packed)
    assert dict(read_boxes(path)) == {"a.png": (Box(1, 2, 3, 4, "Mass"),)}
    path.write_bytes(packed[:-9])
    with pytest.raises(BoxFileError, match=r"boxes\.csv\.gz cannot be read \(packed by gzip, but"):
        read_boxes(path)


@pytest.mark.parametrize(
    ("form", "image", "label"), [("csv", "image", "label"), ("vindr", "image_id", "class_name")]
)
def test_a_format_asked_for_reads_corners(tmp_path: Path, form: str, image: str, label: str) -> None:
    text = f"{image},{label},x_min,y_min,x_max,y_max\na,Mass,1,2,4,6\n"
    assert dict(read_boxes(written(tmp_path, text), form=form)) == {"a": (Box(1, 2, 3, 4, "Mass"),)}
