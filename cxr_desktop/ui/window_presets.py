"""The windows that the file offers, and the full range, in the View menu."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from cxr_desktop.domain import Voi, VoiTable, Window
from cxr_desktop.ui.translation import later, tr
from cxr_desktop.ui.viewer.figures import window_words
from cxr_desktop.ui.viewer.loaded_image import LoadedImage
from cxr_desktop.ui.viewer.viewer_model import ViewerModel

MODALITY_WINDOWS: dict[str, tuple[tuple[str, float, float], ...]] = {
    "CT": (
        (later("Lung"), -600, 1500),
        (later("Mediastinum"), 40, 400),
        (later("Bone"), 300, 1500),
    )
}
"""Title, centre and width by modality, where values mean the same in every image (Hounsfield units)."""


class WindowPresets(QObject):
    """A submenu filled anew for every image."""

    def __init__(self, menu: QMenu, viewer: ViewerModel) -> None:
        super().__init__(menu)
        self._viewer = viewer
        menu.addSeparator()
        self._menu = menu.addMenu(tr("Window presets"))
        self._menu.setObjectName("windowPresets")
        self._menu.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        self._menu.clear()
        image = self._viewer.image
        if image is None:
            self._menu.addAction(tr("No image is open")).setEnabled(False)
            return
        for title, voi in presets(image):
            self._menu.addAction(title).triggered.connect(
                lambda _on=False, voi=voi: self._viewer.set_voi(voi)
            )


def presets(image: LoadedImage) -> tuple[tuple[str, Voi], ...]:
    """Title and VOI transformation: the file's own first, then those of its values, then those of its modality."""
    offered = [(preset_title(voi), voi) for voi in image.radiograph.grayscale.vois]
    central = image.central
    if central is not None:
        offered.append((preset_title(central), central))
    for name, centre, width in MODALITY_WINDOWS.get(image.radiograph.header.modality, ()):
        organ = Window(centre, width, explanation=tr(name))
        offered.append((preset_title(organ), organ))
    full: Voi = Window.spanning(*image.value_range, tr("full range"))
    if all(title != preset_title(full) for title, _ in offered):
        offered.append((preset_title(full), full))
    return tuple(offered)


def preset_title(voi: Voi) -> str:
    """The file's explanation with the numbers."""
    if isinstance(voi, VoiTable):
        return voi.explanation or tr("VOI LUT of the file")
    numbers = window_words(voi, gap=" ")
    return f"{voi.explanation}  {numbers}" if voi.explanation else numbers
