"""What a reader has drawn on an image."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cxr_desktop.domain.box import Box


@dataclass(frozen=True, slots=True)
class Reading:
    """A reader's boxes on one image; an edit makes a new value."""

    reader: str
    boxes: tuple[Box, ...] = ()

    def with_box(self, box: Box) -> Reading:
        return replace(self, boxes=(*self.boxes, box))

    def replacing(self, index: int, box: Box) -> Reading:
        return replace(self, boxes=(*self.boxes[:index], box, *self.boxes[index + 1 :]))

    def without(self, index: int) -> Reading:
        return replace(self, boxes=self.boxes[:index] + self.boxes[index + 1 :])
