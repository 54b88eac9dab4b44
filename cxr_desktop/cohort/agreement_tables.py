"""The tables of an agreement: CSV, and the consensus in COCO. The same bytes for the same boxes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from cxr_desktop.cohort.agreement import LIMITS, Agreement
from cxr_desktop.cohort.tables import write_csv
from cxr_desktop.domain import DISCLAIMER
from cxr_desktop.domain.whole_file import write_text
from cxr_desktop.localization.agreement import Estimate, FusedBox

_KAPPA = ("cohen_kappa", "cohen_kappa_low", "cohen_kappa_high")
_FOUND = ("precision", "precision_low", "precision_high", "recall", "recall_low", "recall_high")
PAIRS = (
    *("label", "reader_a", "reader_b", "images", "both", "only_a", "only_b", "neither", "boxes_a", "boxes_b"),
    *(*_KAPPA, "matched", "mean_matched_iou", "mean_matched_iou_low", "mean_matched_iou_high", "iou_limit"),
    *(*_FOUND, "f1", "f1_low", "f1_high"),
    *(name for at in LIMITS for name in (f"f1@{at:g}", f"f1@{at:g}_low", f"f1@{at:g}_high")),
)
GROUPS = (
    *("label", "readers", "images", "images_of_two_or_more"),
    *("fleiss_kappa", "fleiss_kappa_low", "fleiss_kappa_high"),
    *("krippendorff_alpha", "krippendorff_alpha_low", "krippendorff_alpha_high"),
    *("krippendorff_alpha_count", "krippendorff_alpha_count_low", "krippendorff_alpha_count_high"),
)
FROCS = ("label", "found", "reference", "iou_limit", "false_per_image", "sensitivity", "low", "high")
CONSENSUS = ("image", "label", "x", "y", "width", "height", "source", "score", "readers", "of", "majority")

Sizes = Mapping[str, tuple[int, int]]


def write_tables(agreement: Agreement, out: Path, sizes: Sizes) -> tuple[Path, ...]:
    """agreement.csv, readers.csv, consensus.csv, consensus.coco.json and, of scored boxes, froc.csv.

    sizes: image -> (columns, rows), where known. Raises ExportError.
    """
    files = [
        write_csv(out / "agreement.csv", PAIRS, _pair_rows(agreement)),
        write_csv(out / "readers.csv", GROUPS, _group_rows(agreement)),
        write_csv(out / "consensus.csv", CONSENSUS, _consensus_rows(agreement)),
        write_text(
            out / "consensus.coco.json",
            json.dumps(consensus_coco(agreement, sizes), indent=2, ensure_ascii=False) + "\n",
        ),
    ]
    if agreement.frocs:
        files.append(write_csv(out / "froc.csv", FROCS, _froc_rows(agreement)))
    return tuple(files)


def consensus_coco(agreement: Agreement, sizes: Sizes) -> dict[str, object]:
    """The consensus as a COCO detection document; `width` and `height` of images whose size is not known are 0."""
    names = agreement.study.labels
    images: list[dict[str, object]] = []
    annotations: list[dict[str, object]] = []
    for number, (image, fused) in enumerate(agreement.consensus.items(), start=1):
        columns, rows = sizes.get(image, (0, 0))
        images.append({"id": number, "file_name": image, "width": columns, "height": rows})
        for one in fused:
            box = one.box
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": names.index(box.label) + 1,
                    "bbox": [box.x, box.y, box.width, box.height],
                    "area": box.area,
                    "segmentation": [],
                    "iscrowd": 0,
                    "score": box.score,
                    "source": box.source,
                    "readers": _named(agreement, image, one),
                }
            )
    return {
        "info": {"description": f"Consensus by weighted box fusion. {DISCLAIMER}"},
        "licenses": [],
        "images": images,
        "annotations": annotations,
        "categories": [{"id": place, "name": name} for place, name in enumerate(names, start=1)],
    }


def _pair_rows(agreement: Agreement) -> Iterator[tuple[object, ...]]:
    for row in agreement.pairs:
        found = row.found
        yield (
            *(row.label, row.a, row.b, row.images, row.both, row.only_a, row.only_b, row.neither),
            *(row.boxes_a, row.boxes_b, *_cells(row.kappa), found.matched, *_cells(row.iou), found.limit),
            *(*_cells(found.precision), *_cells(found.recall), *_cells(found.f1)),
            *(value for at in LIMITS for value in _cells(row.f1[at])),
        )


def _group_rows(agreement: Agreement) -> Iterator[tuple[object, ...]]:
    for row in agreement.groups:
        yield (
            *(row.label, len(agreement.study.readers), row.images, row.pairable),
            *(*_cells(row.fleiss), *_cells(row.alpha), *_cells(row.alpha_count)),
        )


def _froc_rows(agreement: Agreement) -> Iterator[tuple[object, ...]]:
    for row in agreement.frocs:
        for rate, sensitivity in zip(row.curve.rates, row.curve.sensitivity, strict=True):
            yield (row.label, row.found, row.reference, row.curve.limit, rate, *_cells(sensitivity))


def _consensus_rows(agreement: Agreement) -> Iterator[tuple[object, ...]]:
    for image, fused in agreement.consensus.items():
        asked = len(agreement.study.boxes[image])
        for one in fused:
            box = one.box
            yield (
                *(image, box.label, box.x, box.y, box.width, box.height, box.source, box.score),
                *("|".join(_named(agreement, image, one)), asked, 2 * len(one.readers) > asked),
            )


def _named(agreement: Agreement, image: str, fused: FusedBox) -> list[str]:
    readers = list(agreement.study.boxes[image])
    return [readers[place] for place in sorted(fused.readers)]


def _cells(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.value, estimate.low, estimate.high
