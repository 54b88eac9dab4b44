"""Lists of public data sets, held against independent readings of them."""

from __future__ import annotations

import gzip
import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.measure import label as numbered
from skimage.measure import regionprops

from cxr_desktop.domain.errors import BoxFileError
from cxr_desktop.localization import Box, read_boxes
from cxr_desktop.localization.formats import FORMATS
from cxr_desktop.localization.formats.masks import LEAST_PIECE, boxes_of_mask, coco_mask, siim_mask


def edges(boxes: tuple[Box, ...]) -> list[tuple[float, float, float, float]]:
    return sorted((box.x, box.y, box.right, box.bottom) for box in boxes)


def pieces(mask: np.ndarray) -> list[tuple[float, float, float, float]]:
    """By another library, eight neighbours; the largest, and whatever is no slip of the pen."""
    found = regionprops(numbered(mask, connectivity=2))
    least = min(LEAST_PIECE * mask.size, max((piece.area for piece in found), default=0))
    kept = (piece.bbox for piece in found if piece.area >= least)
    return sorted((x0, y0, x1, y1) for y0, x0, y1, x1 in kept)


def public(name: str) -> Path:
    spec = find_spec("torchxrayvision")
    path = Path(spec.origin).parent / "data" / name if spec and spec.origin else Path("absent")
    if not path.is_file():
        pytest.skip(f"torchxrayvision does not carry {name}")
    return path


def unpacked(name: str, folder: Path) -> Path:
    target = folder / name.removesuffix(".gz")
    target.write_bytes(gzip.decompress(public(name).read_bytes()))
    return target


@given(st.integers(1, 12), st.integers(1, 12), st.randoms(use_true_random=False))
def test_run_lengths_as_pycocotools_writes_them(rows, columns, random):
    coded = pytest.importorskip("pycocotools.mask")
    mask = np.array([[random.random() < 0.5 for _ in range(columns)] for _ in range(rows)])
    text = coded.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()
    assert np.array_equal(coco_mask(rows, columns, text), mask)
    assert edges(boxes_of_mask(mask, "")) == pieces(mask)


def test_long_runs_of_coco_text():
    coded = pytest.importorskip("pycocotools.mask")
    mask = np.zeros((2320, 2828), np.uint8, order="F")
    mask[100:900, 50:70] = mask[2000:2300, 2000:2828] = 1
    text = coded.encode(mask)["counts"].decode()
    assert edges(boxes_of_mask(coco_mask(2320, 2828, text), "")) == [
        (50, 100, 70, 900),
        (2000, 2000, 2828, 2300),
    ]


def test_relative_runs_go_down_the_columns():
    mask = siim_mask("1 2 3 1", rows=4, columns=3)
    assert np.argwhere(mask.T).tolist() == [[0, 1], [0, 2], [1, 2]]


@pytest.mark.parametrize(
    ("text", "said"),
    [("1 2 3", "no pairs"), ("1 x", "'x'"), ("-3 2", "do not fill"), ("10 9", "do not fill")],
)
def test_damaged_runs_are_told(text, said):
    with pytest.raises(ValueError, match=said):
        siim_mask(text, 4, 4)


def test_a_small_mask_is_no_slip_of_the_pen():
    mask = np.zeros((1024, 1024), bool)
    mask[100:110, 200:220] = mask[500, 500] = True
    assert boxes_of_mask(mask, "Nodule") == (Box(200, 100, 20, 10, "Nodule"),)
    assert boxes_of_mask(np.zeros((8, 8), bool), "Nodule") == ()


def test_siim_masks_become_the_boxes_of_their_pieces(tmp_path):
    path = tmp_path / "train-rle.csv"
    path.write_text("EncodedPixels;ImageId\r\n-1;1.2.3\r\n2050 3 1021 3;1.2.4\r\n5 x;1.2.4\r\n")
    faults: list[str] = []
    table = read_boxes(path, problems=faults)
    assert dict(table) == {"1.2.4": (Box(2, 2, 2, 3, "Pneumothorax"),)}
    assert table.blank == {"1.2.3": frozenset({""})}
    assert [fault.partition(", ")[2] for fault in faults] == [
        "line 4: invalid literal for int() with base 10: 'x'; correct the entry"
    ]


def test_the_list_of_siim_as_scikit_image_parts_it(tmp_path):
    """Masks run together from gaps by hand, four hundred of the list."""
    whole = unpacked("siim-pneumothorax-train-rle.csv.gz", tmp_path).read_text().splitlines()
    path = tmp_path / "rle.csv"
    path.write_text("\n".join(whole[:400]))
    table = read_boxes(path)
    expected: dict[str, set[tuple[float, float, float, float]]] = {}
    for line in whole[1:400]:
        image, _, runs = line.partition(",")
        if runs.strip() == "-1":
            assert image in table.blank
            continue
        flat, at = np.zeros(1024 * 1024, bool), 0
        numbers = [int(word) for word in runs.split()]
        for gap, length in zip(numbers[::2], numbers[1::2], strict=True):
            flat[at + gap : at + gap + length] = True
            at += gap + length
        expected.setdefault(image, set()).update(pieces(flat.reshape(1024, 1024).T))
    assert {image: set(edges(boxes)) for image, boxes in table.items()} == expected
    assert len(expected) > 50


def test_the_lists_of_nih_rsna_and_vindr(tmp_path):
    nih = read_boxes(unpacked("BBox_List_2017.csv.gz", tmp_path))
    assert (len(nih), sum(len(boxes) for boxes in nih.values())) == (880, 984)
    (first,) = nih["00013118_008.png"]
    assert (first.label, first.x, first.height) == ("Atelectasis", 225.084745762712, 79.1864406779661)
    vindr = read_boxes(unpacked("vinbigdata-train.csv.gz", tmp_path))
    assert Box(691, 1375, 962, 456, "Cardiomegaly", source="R10") in vindr["9a5094b2563a1ef3ff50dc5c7ff71345"]
    assert vindr.boxes_for(Path("x/9a5094b2563a1ef3ff50dc5c7ff71345.dicom"))
    assert "R11" in vindr.blank["50a418190bc3fb1ef1633bf9678929b3"]


def test_chestx_det_by_corners(tmp_path):
    path = tmp_path / "train.json"
    drawn = [[[1, 2], [4, 2], [3, 6]], [[5, 5], [9, 9], [5, 9]]]
    box = {
        "file_name": "a.png",
        "syms": ["Mass", "Nodule"],
        "boxes": [[1, 2, 4, 6], [5, 5, 9, 9]],
        "polygons": drawn,
    }
    path.write_text(json.dumps([box, {"file_name": "c.png", "syms": [], "boxes": [], "polygons": []}]))
    table = read_boxes(path)
    assert dict(table) == {"a.png": (Box(1, 2, 3, 4, "Mass"), Box(5, 5, 4, 4, "Nodule"))}
    assert set(table.blank) == {"c.png"}


def test_one_wrong_box_of_chestx_det_leaves_the_others(tmp_path):
    path = tmp_path / "train.json"
    wrong = {"file_name": "a.png", "syms": ["Mass", "Nodule"], "boxes": [[1, 2, 1, 6], [5, 5, 9, 9]]}
    path.write_text(json.dumps([wrong, {"file_name": "b.png", "syms": ["Mass"], "boxes": []}]))
    faults: list[str] = []
    assert dict(read_boxes(path, problems=faults)) == {"a.png": (Box(5, 5, 4, 4, "Nodule"),)}
    assert [fault.partition(", ")[2][:7] for fault in faults] == ["image 1", "image 2"]


def test_chexlocalize_by_masks_and_by_outlines(tmp_path):
    coded = pytest.importorskip("pycocotools.mask")
    mask = np.zeros((40, 30), np.uint8, order="F")
    mask[3:8, 2:6] = mask[20:30, 10:25] = 1
    text = {"size": [40, 30], "counts": coded.encode(mask)["counts"].decode()}
    empty = {"size": [40, 30], "counts": coded.encode(np.zeros_like(mask, order="F"))["counts"].decode()}
    image = "patient64541_study1_view1_frontal"
    path = tmp_path / "gt.json"
    path.write_text(json.dumps({image: {"Lung Opacity": text, "Edema": empty}}))
    table = read_boxes(path)
    assert dict(table) == {image: (Box(2, 3, 4, 5, "Lung Opacity"), Box(10, 20, 15, 10, "Lung Opacity"))}
    file = Path("CheXpert-v1.0/valid/patient64541/study1/view1_frontal.jpg")
    assert table.boxes_for(file) == table[image]
    assert not table.boxes_for(Path("CheXpert-v1.0/valid/patient64542/study1/view1_frontal.jpg"))
    path.write_text(json.dumps({image: {"img_size": [40, 30], "Edema": [[[1, 2], [4, 2], [3, 6]]]}}))
    assert dict(read_boxes(path)) == {image: (Box(1, 2, 3, 4, "Edema"),)}


def test_coco_outlines_and_masks_without_a_box(tmp_path):
    coded = pytest.importorskip("pycocotools.mask")
    mask = np.zeros((20, 20), np.uint8, order="F")
    mask[3:8, 2:6] = mask[12:14, 10:20] = 1
    runs = coded.encode(mask)["counts"].decode()
    common = {"image_id": 1, "category_id": 7}
    annotations = [
        {**common, "segmentation": [[1, 2, 4, 2, 3, 6]]},
        {**common, "segmentation": {"size": [20, 20], "counts": runs}, "iscrowd": 1},
        {**common, "bbox": [9, 9, 2, 3], "segmentation": {"size": [20, 20], "counts": runs}},
        {**common, "bbox": [9, 9, 0, 3]},
    ]
    path = tmp_path / "annotations"
    path.write_text(
        json.dumps(
            {
                "images": [{"id": 1, "file_name": "scans/a.png"}],
                "categories": [{"id": 7, "name": "Mass"}],
                "annotations": annotations,
            }
        )
    )
    faults: list[str] = []
    found = read_boxes(path, problems=faults)["a.png"]
    assert edges(found) == [(1, 2, 4, 6), (2, 3, 6, 8), (9, 9, 11, 12), (10, 12, 20, 14)]
    assert ["annotation 4: the box 0 x 3 has no area" in fault for fault in faults] == [True]


def test_a_format_can_be_forced(tmp_path):
    path = tmp_path / "boxes.txt"
    path.write_text("patientId,x,y,width,height,Target\np1,1,2,3,4,1\np2,,,,,0\n")
    assert dict(read_boxes(path, form="rsna")) == {"p1": (Box(1, 2, 3, 4, "Lung Opacity"),)}
    with pytest.raises(BoxFileError, match=r"columns image, label .* missing|image, label"):
        read_boxes(path, form="csv")
    with pytest.raises(BoxFileError, match="is no format of boxes; choose one of csv, nih"):
        read_boxes(path, form="magic")
    assert {"siim", "chexlocalize", "chestx-det", "coco", "vindr"} <= set(FORMATS)


@pytest.mark.parametrize("form", ["coco", "labelme", "chestx-det", "label-studio", "chexlocalize"])
@pytest.mark.parametrize("document", [[1], {"a": 1}, 3, None, "x"])
def test_another_document_forced_is_told(tmp_path, form, document):
    path = tmp_path / "boxes.json"
    path.write_text(json.dumps(document))
    with pytest.raises(BoxFileError, match=r"boxes\.json"):
        read_boxes(path, form=form)
