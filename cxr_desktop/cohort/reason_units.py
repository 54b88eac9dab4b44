"""Which units carry the wrong reason: the network's channels on images where it looked elsewhere against the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.cohort.examination import Check, Examiner
from cxr_desktop.cohort.groups import bootstrap_mean, cluster_of, interval_of
from cxr_desktop.cohort.plan import Interval
from cxr_desktop.cohort.reasons import Reasons
from cxr_desktop.cohort.units import network_units
from cxr_desktop.domain import Radiograph
from cxr_desktop.domain.document import Block, DataTable, Paragraph, Section
from cxr_desktop.domain.errors import CxrError, ExportError
from cxr_desktop.domain.reasons import Outcome, Quadrant, ReasonCase

METHOD = "rap"
SHOWN = 10
_SEED = 2107


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A channel. wrong, right: its mean share of the layer's relevance in either kind of images."""

    target: str
    layer: str
    channel: int
    wrong: float
    right: float
    difference: Interval
    wrong_images: int
    right_images: int


@dataclass(frozen=True, slots=True)
class WrongReasonUnits:
    """each: how many images of either kind to follow through the network. files: by image. check: before each."""

    examiner: Examiner
    files: Mapping[str, Path]
    each: int
    check: Check

    def rows(self, reasons: Reasons) -> tuple[UnitRow, ...]:
        """Per label the channels of the last feature map, those that carry more of the wrong reason first.

        Wrong: predicted as shown, but looked elsewhere, or not there at all. Right: predicted, looked there.
        Nothing for a label without images of both kinds, or a network that the method has no rules for.
        """
        found: list[UnitRow] = []
        for point in reasons.points:
            cases = reasons.of(reasons.shown(point.label), point.label)
            right = [case for case in cases if case.quadrant(reasons.rule) is Quadrant.RIGHT_THERE]
            wrong = [
                case
                for case in cases
                if case.quadrant(reasons.rule) is Quadrant.RIGHT_ELSEWHERE
                or case.outcome is Outcome.FALSE_POSITIVE
            ]
            found += self._compared(point.label, wrong, right)
        return tuple(found)

    def _compared(
        self, label: str, wrong: Sequence[ReasonCase], right: Sequence[ReasonCase]
    ) -> list[UnitRow]:
        a, b = (self._measured(label, cases) for cases in (wrong, right))
        if not a or not b or {layer for layer, _, _ in (*a, *b)} != {a[0][0]}:
            return []
        shares_a, shares_b = (np.array([share for _, share, _ in kind]) for kind in (a, b))
        gap = shares_a.mean(axis=0) - shares_b.mean(axis=0)
        order = np.argsort(-gap, kind="stable")
        rows = []
        for channel in order.tolist():
            apart = bootstrap_mean(shares_a[:, channel], [who for _, _, who in a], _SEED) - bootstrap_mean(
                shares_b[:, channel], [who for _, _, who in b], _SEED + 1
            )
            difference = interval_of(float(gap[channel]), apart)
            means = (float(shares_a[:, channel].mean()), float(shares_b[:, channel].mean()))
            rows.append(UnitRow(label, a[0][0], channel, *means, difference, len(a), len(b)))
            if len(rows) == SHOWN:
                break
        return rows

    def _measured(
        self, label: str, cases: Sequence[ReasonCase]
    ) -> list[tuple[str, NDArray[np.float64], str]]:
        """Layer, share of each channel, and patient, of the most probable images."""
        chosen = sorted(cases, key=lambda case: (-case.score, case.image))[: self.each]
        found = []
        for case in chosen:
            self.check()
            try:
                kept = self.examiner.keep(
                    self.files[case.image], METHOD, {"units": "deepest", "target": label}, self._follow(label)
                )
            except ExportError:
                raise
            except CxrError:
                continue
            found.append((kept["layer"], np.array(kept["shares"], dtype=np.float64), cluster_of(case)))
        return found

    def _follow(self, label: str) -> Callable[[Radiograph], dict[str, object]]:
        def follow(radiograph: Radiograph) -> dict[str, object]:
            units = network_units(radiograph, self.examiner.classifier, METHOD, label)
            layer = units.layer(units.deepest)
            return {"layer": layer.layer, "shares": (layer.relevance / (layer.magnitude or 1.0)).tolist()}

        return follow


def unit_section(rows: Sequence[UnitRow], protocol: str) -> Iterator[Section]:
    """Nothing for no rows. protocol: of the thresholds by which an image looked there or elsewhere."""
    if rows:
        yield Section("Units that carry the wrong reason", tuple(_blocks(rows, protocol)))


def _blocks(rows: Sequence[UnitRow], protocol: str) -> Iterator[Block]:
    first = rows[0]
    yield Paragraph(
        f"Channels of the last feature map by how much more of the relevance ({METHOD}) passes through them where the "
        "network predicted the finding but looked elsewhere, or where it is not there, than where it looked there. "
        f"Followed: {first.wrong_images} images of the first kind, {first.right_images} of the second, for "
        f"{first.target}, maps cut by the protocol {protocol!r}. Ten of many channels are shown, so that some would "
        "stand out by chance; 'Inside the network' in the window shows what such a unit answers to."
    )
    yield DataTable(
        ("Label", "Layer", "Unit", "Looked elsewhere", "Looked there", "Difference (95 % interval)"),
        tuple(
            (
                *(row.target, row.layer, str(row.channel), f"{row.wrong:.2%}", f"{row.right:.2%}"),
                f"{row.difference.value:+.2%} ({row.difference.low:+.2%} to {row.difference.high:+.2%})",
            )
            for row in rows
        ),
        2,
    )
