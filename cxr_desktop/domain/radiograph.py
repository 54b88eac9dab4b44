"""One image of a study, with what the viewer and the engine need of its header."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.digest import LateDigest
from cxr_desktop.domain.grayscale import Gray, Grayscale, Voi, Window
from cxr_desktop.domain.overlay import Overlay


@dataclass(frozen=True, slots=True)
class PixelSpacing:
    """Distance between pixel centres in millimetres, and what it was measured on.

    origin: 'pixel spacing' (calibrated, at the patient), 'imager pixel spacing' (at the detector:
    lengths are magnified) or another plain phrase that the viewer prints beside every length.
    """

    row: float
    column: float
    origin: str


@dataclass(frozen=True, slots=True)
class InstanceHeader:
    """What identifies and describes an image; empty strings where the file says nothing.

    patient_issuer: who gave the patient's ID; another issuer's patient may have the same.
    """

    path: Path
    sop_instance_uid: str = ""
    sop_class_uid: str = ""
    study_uid: str = ""
    series_uid: str = ""
    patient_id: str = ""
    patient_name: str = ""
    patient_sex: str = ""
    patient_age: str = ""
    study_date: str = ""
    study_description: str = ""
    accession_number: str = ""
    series_description: str = ""
    series_number: int = 0
    instance_number: int = 0
    modality: str = ""
    view_position: str = ""
    laterality: str = ""
    body_part: str = ""
    photometric_interpretation: str = "MONOCHROME2"
    rows: int = 0
    columns: int = 0
    frames: int = 1
    transfer_syntax: str = ""
    manufacturer: str = ""
    patient_issuer: str = ""


@dataclass(frozen=True, eq=False)
class Radiograph:
    """A single monochrome frame, ready to show and to classify.

    pixels: (rows, columns) after the Modality LUT, read-only, float32 or the stored integer type.
    valid: (rows, columns) bool, False on pixel padding; None where the file declares none.
    sha256: of the file's bytes; may be given as a call, which is then asked (and waited for) where it is read.
    pixel_aspect: height of a stored pixel over its width; known where no spacing is, too.
    orientation: letters (A, P, R, L, H, F) towards which rows and columns run, '' where not told.
    stored: (rows, columns) before the Modality LUT; None where that changed nothing.
    colour: True where the file held colour, reduced here to luminance.
    notes: plain sentences on anything in the file that had to be interpreted.
    frame: which of the file's frames this is, counted from 0. frame_rate: frames a second at which the
    file wants to be played, 0 where it does not say. overlays: bit planes of this frame.
    """

    pixels: NDArray[np.generic]
    header: InstanceHeader
    grayscale: Grayscale = field(default_factory=Grayscale)
    spacing: PixelSpacing | None = None
    sha256: LateDigest = LateDigest()  # noqa: RUF009 -- the descriptor is the field
    valid: NDArray[np.bool_] | None = None
    colour: bool = False
    bits_stored: int = 8
    notes: tuple[str, ...] = ()
    pixel_aspect: float = 1.0
    orientation: tuple[str, str] = ("", "")
    stored: NDArray[np.generic] | None = None
    frame: int = 0
    frame_rate: float = 0.0
    overlays: tuple[Overlay, ...] = ()

    @property
    def rows(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def columns(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def identifier(self) -> str:
        """SOP Instance UID, or the file's name where there is none."""
        return self.header.sop_instance_uid or self.header.path.name

    @property
    def key(self) -> str:
        """What belongs to this frame is kept under: the file's digest, with the number of any but the first frame.

        Boxes, measurements and maps of one frame are never taken for another's.
        """
        return f"{self.sha256}#frame{self.frame + 1}" if self.frame else self.sha256

    def value_range(self) -> tuple[float, float]:
        """Smallest and largest modality value, padding left out."""
        values = self.pixels if self.valid is None else self.pixels[self.valid]
        if values.size == 0:
            return 0.0, 1.0
        return float(values.min()), float(values.max())

    def default_voi(self) -> Voi:
        """The header's first VOI transformation, or the full range where it has none."""
        if self.grayscale.vois:
            return self.grayscale.vois[0]
        low, high = self.value_range()
        return Window.spanning(low, high, "full range")

    def display(self, window: Voi | tuple[float, float] | None = None) -> Gray:
        """(rows, columns) uint8 as a monitor shows it.

        window: a Window or VoiTable, a plain (centre, width), or None for the default. Pixel
        padding is black whatever the polarity (PS3.3 C.7.5.1.1.2).
        """
        if window is None:
            voi: Voi = self.default_voi()
        elif isinstance(window, tuple):
            voi = Window(float(window[0]), float(window[1]))
        else:
            voi = window
        gray = self.grayscale.display(self.pixels, voi)
        if self.valid is not None:
            gray *= self.valid
        return gray
