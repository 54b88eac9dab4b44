"""Frame times of napari on the scene of `viewer_frames.py`, which runs this in an environment of napari's own.

    python napari_frames.py SCENE.npz FRAMES WIDTH HEIGHT

Imports nothing of this program. Prints JSON: napari's version, the OpenGL renderer, and for each drag
milliseconds by the clock and of processor time from the change to the picture in memory.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

import napari
import numpy as np
from vispy.gloo import gl


def scene(file: str) -> napari.Viewer:
    """Radiograph, heat map, contour and boxes as layers of one viewer."""
    made = np.load(file)
    viewer = napari.Viewer(show=False)
    viewer.add_image(made["pixels"], name="radiograph", contrast_limits=(0, 65535))
    step = made["pixels"].shape[0] / made["heat"].shape[0]
    viewer.add_image(
        made["heat"], name="heat", colormap="inferno", opacity=0.5, scale=(step, step), blending="translucent"
    )
    ends = made["segments"].reshape(-1, 2, 2)[..., ::-1]  # x, y to row, column
    viewer.add_vectors(np.stack((ends[:, 0], ends[:, 1] - ends[:, 0]), 1), name="contour", edge_width=6)
    corners = [np.array([(y, x), (y + height, x + width)], float) for x, y, width, height in made["boxes"]]
    viewer.add_shapes(corners, shape_type="rectangle", name="boxes", face_color="transparent", edge_width=8)
    return viewer


def drags(viewer: napari.Viewer) -> dict[str, Callable[[int], None]]:
    """The changes that `viewer_frames.py` makes, step by step."""
    image, heat, camera = viewer.layers["radiograph"], viewer.layers["heat"], viewer.camera
    whole = camera.zoom

    def window(number: int) -> None:
        centre, width = 30000 + 40 * number, 30000 - 50 * number
        image.contrast_limits = (max(centre - width / 2, 0), min(centre + width / 2, 65535))

    def zoom(number: int) -> None:
        camera.zoom = whole * 1.02 ** min(number, 120 - number)

    def pan(number: int) -> None:
        row, column = camera.center[-2:]
        camera.center = (row + (2 if number % 2 else -2) / whole, column + 3 / whole)

    def opacity(number: int) -> None:
        heat.opacity = (number % 100) / 100

    return {"window": window, "zoom": zoom, "pan": pan, "opacity": opacity}


def timed(
    viewer: napari.Viewer, change: Callable[[int], None], frames: int, size: tuple[int, int]
) -> list[list[float]]:
    times = []
    for number in range(frames + 10):
        start, used = time.perf_counter(), time.process_time()
        change(number)
        viewer.screenshot(canvas_only=True, flash=False, size=size)
        times.append([1000 * (time.perf_counter() - start), 1000 * (time.process_time() - used)])
    return times[10:]


def main(file: str, frames: int, width: int, height: int) -> None:
    viewer = scene(file)
    times = {name: timed(viewer, change, frames, (height, width)) for name, change in drags(viewer).items()}
    told = {"version": napari.__version__, "renderer": str(gl.glGetParameter(gl.GL_RENDERER)), "times": times}
    viewer.close()
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
