"""Write the demo study: DICOM DX objects, boxes and credits, from images of NIH ChestX-ray14.

    python packaging/demo_study/make.py --source ../shared/data/nih --out resources/demo/study

--source: a folder with dev/*.png (1024 x 1024, 8 bit) and dev_boxes.csv. The same source gives the
same bytes. Only boxes of NIH's own list are written; those of other readers are not ours to give.
"""

from __future__ import annotations

import argparse
import csv
import tomllib
from pathlib import Path

import numpy as np
from dx_object import DemoImage, dx_object
from PIL import Image

HERE = Path(__file__).parent
COLUMNS = ("image", "label", "x", "y", "width", "height", "source")


def demo_images() -> tuple[DemoImage, ...]:
    """The images listed in images.toml."""
    rows = tomllib.loads((HERE / "images.toml").read_text(encoding="utf-8"))["image"]
    return tuple(
        DemoImage(**{key: value for key, value in row.items() if key != "original"}, **row["original"])
        for row in rows
    )


def write_study(source: Path, out: Path) -> None:
    """Write a .dcm file an image, boxes.csv and CREDITS.md into out."""
    out.mkdir(parents=True, exist_ok=True)
    images = demo_images()
    for image in images:
        with Image.open(source / "dev" / image.source) as png:
            pixels = np.asarray(png.convert("L"))
        dx_object(image, pixels).save_as(out / image.file, enforce_file_format=True)
    _write_boxes(source / "dev_boxes.csv", images, out / "boxes.csv")
    (out / "CREDITS.md").write_bytes((HERE / "CREDITS.md").read_bytes())


def _write_boxes(listed: Path, images: tuple[DemoImage, ...], target: Path) -> None:
    files = {image.source: image.file for image in images}
    with listed.open(newline="", encoding="utf-8") as stream:
        boxes = [row for row in csv.DictReader(stream) if row["source"] == "NIH" and row["image"] in files]
    boxes.sort(key=lambda row: list(files).index(row["image"]))
    with target.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row | {"image": files[row["image"]]} for row in boxes)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    write_study(arguments.source, arguments.out)
