"""Reads the tags of a file on a worker; the newest wish wins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cxr_desktop.ui.engine import Engine
from cxr_desktop.ui.job_bridge import JobBridge
from cxr_desktop.ui.translation import tr

if TYPE_CHECKING:
    from cxr_desktop.dicom.tags import TagNode

CHANNEL = "tags"


class TagReading:
    """done: the tags. failed: why there are none."""

    def __init__(self, engine: Engine, bridge: JobBridge) -> None:
        self._engine, self._bridge = engine, bridge

    def read(
        self, path: Path, done: Callable[[tuple[TagNode, ...]], None], failed: Callable[[str], None]
    ) -> None:
        self._bridge.submit(
            tr("Reading tags of {name}").format(name=path.name),
            lambda context, _request: self._engine.tags(path, context.check),
            done,
            lambda error: failed(str(error)),
            channel=CHANNEL,
            priority=15,
        )

    def cancel(self) -> None:
        self._bridge.cancel(CHANNEL)
