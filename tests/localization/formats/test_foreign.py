"""Files as other tools and the public sets write them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from cxr_desktop.domain import Box
from cxr_desktop.domain.errors import BoxFileError
from cxr_desktop.localization import read_boxes


def written(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_rsna_challenge_list(tmp_path):
    text = "patientId,x,y,width,height,Target\np1,10.0,20.0,30.0,40.0,1\np1,1,2,3,4,1\np2,,,,,0\n"
    table = read_boxes(written(tmp_path, "stage_2_train_labels.csv", text))
    first, second = Box(10, 20, 30, 40, "Lung Opacity"), Box(1, 2, 3, 4, "Lung Opacity")
    assert table.boxes_for(Path("p1.dcm")) == (first, second)
    assert table.boxes_for(Path("p2.dcm")) == ()
    assert table.blank == {"p2": {""}}


@pytest.mark.parametrize(
    "text",
    [
        "image_id,class_name,class_id,rad_id,x_min,y_min,x_max,y_max\n"
        "a,No finding,14,R1,,,,\na,ILD,5,R2,10,20,40,60.5\n",
        "image_id,rad_id,class_name,x_min,y_min,x_max,y_max\na,R1,No finding,,,,\na,R2,ILD,10,20,40,60.5\n",
    ],
)
def test_vindr_lists_have_corners_readers_and_blank_readings(tmp_path, text):
    table = read_boxes(written(tmp_path, "train.csv", text))
    assert dict(table) == {"a": (Box(10, 20, 30, 40.5, "ILD", source="R2"),)}
    assert table.blank == {"a": {"R1"}}


def test_vindr_corners_in_the_wrong_order_are_named(tmp_path):
    text = "image_id,class_name,rad_id,x_min,y_min,x_max,y_max\na,ILD,R2,10,20,5,60\n"
    with pytest.raises(BoxFileError, match=r"line 2, column x_max: 5 is not greater than 10"):
        read_boxes(written(tmp_path, "train.csv", text))


def test_coco_of_another_tool(tmp_path):
    document = {
        "images": [{"id": 7, "file_name": "scans/a.png", "width": 9, "height": 9}],
        "annotations": [{"id": 1, "image_id": 7, "category_id": 3, "bbox": [1, 2, 3, 4], "iscrowd": 0}],
        "categories": [{"id": 3, "name": "Mass", "supercategory": ""}],
    }
    assert dict(read_boxes(written(tmp_path, "x.json", document))) == {"a.png": (Box(1, 2, 3, 4, "Mass"),)}


def test_labelme_shapes_become_their_frames(tmp_path):
    document = {
        "version": "5.5.0",
        "shapes": [
            {"label": "Mass", "points": [[30, 40], [10, 20]], "shape_type": "rectangle"},
            {"label": "Mass", "points": [[0, 5], [10, 0], [5, 20]], "shape_type": "polygon"},
            {"label": "Mass", "points": [[50, 50], [53, 54]], "shape_type": "circle"},
            {"label": "Mass", "points": [[5, 5]], "shape_type": "point"},
        ],
        "imagePath": "..\\img\\a.png",
        "imageHeight": 100,
        "imageWidth": 100,
    }
    assert read_boxes(written(tmp_path, "a.json", document))["a.png"] == (
        Box(10, 20, 20, 20, "Mass"), Box(0, 0, 10, 20, "Mass"), Box(45, 45, 10, 10, "Mass"),
    )  # fmt: skip


def test_label_studio_export(tmp_path):
    def result(x, rotation=0):
        value = {
            "x": x,
            "y": 20,
            "width": 30,
            "height": 10,
            "rotation": rotation,
            "rectanglelabels": ["Mass"],
        }
        return {"type": "rectanglelabels", "value": value, "original_width": 200, "original_height": 100}

    task = {
        "data": {"image": "/data/upload/1/0a1b2c3d-a.png"},
        "annotations": [
            {"completed_by": {"email": "chen@x.org"}, "result": [result(10), {"type": "choices"}]},
            {"completed_by": 3, "was_cancelled": True, "result": [result(50)]},
        ],
        "predictions": [{"model_version": "m1", "result": [result(50, 90) | {"score": 0.5}]}],
    }
    boxes = read_boxes(written(tmp_path, "tasks.json", [task]))["a.png"]
    assert boxes[0] == Box(20, 20, 60, 10, "Mass", source="chen@x.org")
    assert (boxes[1].x, boxes[1].y, boxes[1].width, boxes[1].height) == pytest.approx((90, 20, 10, 60))
    assert (boxes[1].score, boxes[1].source, len(boxes)) == (0.5, "m1", 2)


def test_yolo_folder_with_images_beside_labels(tmp_path):
    for name in ("labels", "images"):
        (tmp_path / name).mkdir()
    Image.new("L", (200, 100)).save(tmp_path / "images" / "a.png")
    written(tmp_path, "classes.txt", "Mass\nNodule\n")
    written(tmp_path / "labels", "a.txt", "1 0.5 0.5 0.25 0.5 0.75\n\n")
    written(tmp_path / "labels", "b.txt", "")
    table = read_boxes(tmp_path / "labels")
    assert table.boxes_for(Path("a.png")) == (Box(75, 25, 50, 50, "Nodule", 0.75),)


def test_a_folder_of_voc_files(tmp_path):
    for name in "ab":
        written(
            tmp_path,
            f"{name}.xml",
            f"<annotation><filename>{name}.png</filename><object><name>Mass</name><bndbox><xmin>1</xmin>"
            "<ymin>2</ymin><xmax>10</xmax><ymax>20</ymax></bndbox></object></annotation>",
        )
    assert dict(read_boxes(tmp_path)) == {f"{n}.png": (Box(0, 1, 10, 19, "Mass"),) for n in "ab"}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.json", "{", "no JSON"),
        ("x.json", {"a": 1}, "neither COCO"),
        ("x.json", {"images": [], "annotations": [{"bbox": [1, 2, 3]}]}, "annotation 1"),
        ("x.json", {"images": [], "annotations": [{"bbox": [1, 2, 0, 3], "category_id": 1}]}, "'?1'? is missing"),
        ("x.json", {"shapes": [{"points": [[1, 1]]}], "imagePath": "a.png"}, r"shape 1: 'label' is missing"),
        ("x.json", [{"data": {"image": "a"}, "annotations": [{"result": [{"type": "rectanglelabels"}]}]}], "task 1"),
        ("x.xml", "<a>", "no XML"),
        ("x.xml", "<a/>", "no Pascal VOC"),
        ("x.xml", '<!DOCTYPE a [<!ENTITY b "c">]><annotation/>', "entities"),
        ("x.xml", "<annotation><object><name>M</name></object></annotation>", r"object 1: 'bndbox/xmin'"),
        ("x.txt", "0 .5 .5 .1 .1\n", r"classes\.txt"),
    ],
)  # fmt: skip
def test_faults_are_named(tmp_path, name, content, said):
    with pytest.raises(BoxFileError, match=said):
        read_boxes(written(tmp_path, name, content))


def test_yolo_without_the_image_says_what_to_do(tmp_path):
    written(tmp_path, "classes.txt", "Mass\n")
    with pytest.raises(BoxFileError, match=r"put it there, or convert"):
        read_boxes(written(tmp_path, "a.txt", "0 .5 .5 .1 .1\n"))


def test_an_empty_folder_is_named(tmp_path):
    with pytest.raises(BoxFileError, match="holds no file of boxes"):
        read_boxes(tmp_path)
