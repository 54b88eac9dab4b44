"""Examples of each of the four ways of being right or wrong, with map and boxes, for a report."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from cxr_desktop.cohort.case import explain_radiograph
from cxr_desktop.cohort.examination import REGION_MODEL, Check, Examiner, regions_of
from cxr_desktop.cohort.reasons import Reasons
from cxr_desktop.cohort.records import Comparison, ImageRecord
from cxr_desktop.domain import AttributionMap, Radiograph
from cxr_desktop.domain.colormap import table
from cxr_desktop.domain.document import Block, Paragraph, Picture, PictureGrid, Section
from cxr_desktop.domain.errors import CxrError, ExportError
from cxr_desktop.domain.reasons import Outcome, Quadrant, ReasonCase
from cxr_desktop.domain.region import Region
from cxr_desktop.localization import evidence
from cxr_desktop.localization.regions import REGIONS

SIDE, QUALITY = 300, 82
_STRONGEST = 0.62
_COLOURS = {
    Region.RIGHT_LUNG: (86, 180, 233),
    Region.LEFT_LUNG: (0, 158, 115),
    Region.HEART: (213, 94, 0),
    Region.OUTSIDE: (150, 90, 200),
    Region.BORDER: (240, 228, 66),
    Region.LETTERING: (255, 120, 180),
}
_READER, _NETWORK = (255, 255, 255), (86, 180, 233)


@dataclass(frozen=True, slots=True)
class Examples:
    """Pictures of a few cases. files, records: by image. each: how many of each kind.

    check: called before each picture; what it raises, such as Cancelled, ends the work.
    """

    examiner: Examiner
    files: Mapping[str, Path]
    records: Mapping[str, ImageRecord]
    each: int
    check: Check

    def section(self, reasons: Reasons) -> Iterator[Section]:
        """Nothing where no map was made or no example is asked for."""
        blocks = [block for point in reasons.points for block in self._grids(reasons, point.label)]
        blocks += self._parted(reasons)
        if blocks:
            cut = Paragraph(f"Threshold protocol: {reasons.protocol}.", muted=True)
            yield Section("Examples", (Paragraph(_HOW), cut, *blocks))

    def _grids(self, reasons: Reasons, label: str) -> Iterator[Block]:
        method = reasons.shown(label)
        cases = [case for case in reasons.of(method, label) if case.shares]
        for title, chosen in _kinds(cases, reasons, self.each):
            pictures = tuple(picture for case in chosen if (picture := self._picture(case)) is not None)
            if pictures:
                yield PictureGrid(f"{label}, {method}: {title}", pictures)

    def _parted(self, reasons: Reasons) -> Iterator[Block]:
        """The regions of a few images, evenly over the index, for the eye to judge the shares by."""
        mapped = list(dict.fromkeys(case.image for case in reasons.cases if case.shares))
        step = max(1, len(mapped) // max(self.each, 1))
        parameters = {"picture": SIDE, "regions": REGION_MODEL}
        pictures = []
        for image in mapped[::step][: self.each]:
            self.check()
            try:
                kept = self.examiner.keep(self.files[image], "regions", parameters, _tinted)
            except ExportError:
                raise
            except CxrError:
                continue
            caption = kept["reason"] or "lungs, heart, air, border and lettering"
            pictures.append(
                Picture(f"{image}: {caption}", b64decode(kept["jpeg"]), kept["width"], kept["height"])
            )
        if pictures:
            yield PictureGrid("How images are parted", tuple(pictures))

    def _picture(self, case: ReasonCase) -> Picture | None:
        """None where the file or its map has gone bad since it was examined."""
        self.check()
        record = self.records[case.image]
        comparisons = [
            comparison
            for found in record.methods
            if (found.method, found.target) == (case.method, case.target)
            for comparison in found.comparisons
        ]
        options = self.examiner.plan.options.get(case.method, {})

        def draw(radiograph: Radiograph) -> dict[str, object]:
            found = explain_radiograph(
                radiograph, self.examiner.classifier, case.method, case.target, options=options
            )
            return _encoded(overlay(radiograph, found, comparisons))

        parameters = {
            "picture": SIDE,
            "target": case.target,
            "options": {name: str(value) for name, value in options.items()},
            "boxes": [(c.reference, c.predicted) for c in comparisons],
        }
        try:
            kept = self.examiner.keep(self.files[case.image], case.method, parameters, draw)
        except ExportError:
            raise
        except CxrError:
            return None
        return Picture(_caption(case), b64decode(kept["jpeg"]), kept["width"], kept["height"])


_HOW = (
    "The map lies over the radiograph, brighter where more of the smoothed positive relevance lies; readers' boxes "
    "are white, the network's blue. Chosen by rule, not by hand: of each kind those with the highest probability, "
    "of the missed findings those with the lowest."
)


def overlay(
    radiograph: Radiograph, found: AttributionMap, comparisons: Sequence[Comparison] = ()
) -> Image.Image:
    """The radiograph with a map and boxes, its longer side SIDE pixels."""
    scale = SIDE / max(radiograph.rows, radiograph.columns)
    size = (max(1, round(radiograph.columns * scale)), max(1, round(radiograph.rows * scale)))
    gray = Image.fromarray(radiograph.display()).resize(size, Image.Resampling.BOX)
    plane = Image.fromarray(evidence(found.values)).resize(size, Image.Resampling.BOX)
    heat = np.asarray(plane, dtype=np.float32)
    level = np.clip(heat / max(float(heat.max()), 1e-12), 0, 1)
    colours = table("inferno")[np.rint(level * 255).astype(np.uint8)].astype(np.float32)
    weight = (_STRONGEST * np.sqrt(level))[..., None]
    base = np.repeat(np.asarray(gray, dtype=np.float32)[..., None], 3, axis=2)
    picture = Image.fromarray(np.rint(base * (1 - weight) + colours * weight).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for comparison in comparisons:
        for edges, colour in ((comparison.predicted, _NETWORK), (comparison.reference, _READER)):
            if edges is not None:
                x, y, width, height = (value * scale for value in edges)
                draw.rectangle((x, y, x + width - 1, y + height - 1), outline=colour, width=2)
    return picture


def _tinted(radiograph: Radiograph) -> dict[str, object]:
    """The radiograph with its regions in colours, and why no lungs were found."""
    regions = regions_of(radiograph)
    scale = SIDE / max(radiograph.rows, radiograph.columns)
    size = (max(1, round(radiograph.columns * scale)), max(1, round(radiograph.rows * scale)))
    gray = Image.fromarray(radiograph.display()).resize(size, Image.Resampling.BOX)
    codes = np.asarray(Image.fromarray(regions.codes).resize(size, Image.Resampling.NEAREST))
    picture = np.repeat(np.asarray(gray, dtype=np.float32)[..., None], 3, axis=2)
    for region, colour in _COLOURS.items():
        inside = codes == REGIONS.index(region)
        picture[inside] = 0.65 * picture[inside] + 0.35 * np.array(colour, dtype=np.float32)
    return {**_encoded(Image.fromarray(np.rint(picture).astype(np.uint8))), "reason": regions.reason}


def _encoded(picture: Image.Image) -> dict[str, object]:
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=QUALITY)
    return {
        "jpeg": b64encode(stream.getvalue()).decode(),
        "width": picture.width,
        "height": picture.height,
    }


def _kinds(
    cases: Sequence[ReasonCase], reasons: Reasons, each: int
) -> Iterator[tuple[str, list[ReasonCase]]]:
    def sure(case: ReasonCase) -> tuple[float, str]:
        return -case.score, case.image

    def unsure(case: ReasonCase) -> tuple[float, str]:
        return case.score, case.image

    orders: dict[Quadrant, Callable[[ReasonCase], tuple[float, str]]] = {
        Quadrant.RIGHT_THERE: sure,
        Quadrant.RIGHT_ELSEWHERE: sure,
        Quadrant.WRONG_THERE: unsure,
        Quadrant.WRONG_ELSEWHERE: unsure,
    }
    for quadrant, order in orders.items():
        mine = [case for case in cases if case.quadrant(reasons.rule) is quadrant]
        yield str(quadrant), sorted(mine, key=order)[:each]
    false = [case for case in cases if case.outcome is Outcome.FALSE_POSITIVE]
    yield "false positive, no box", sorted(false, key=sure)[:each]


def _caption(case: ReasonCase) -> str:
    overlap = "" if case.iou is None else f", IoU {case.iou:.2f}"
    return f"{case.image}: probability {case.score:.2f}{overlap}"
