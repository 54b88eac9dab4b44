"""Boxes from the files of annotation tools, told apart by content.

What each cannot hold, beside what `image,label,x,y,width,height,source,score` in CSV holds:

- COCO: nothing of ours is lost; outlines and masks of other tools count where `bbox` is missing, key points never.
- CSV, Pascal VOC, YOLO and Label Studio: of an ellipse, an outline or a point the bounding box alone, no certainty,
  side or comment; of a point, which has no extent, CSV alone keeps the place.
- Pascal VOC: edges are whole pixels, kept on the image; who drew a box is our own addition.
- YOLO: no reader, no name of the image but that of the file; edges to six places of the image's
  side, kept on the image; the image must lie beside the labels, as the lines are shares of its size.
- LabelMe: reader, score and what we say of a finding are our own additions; polygons and circles of other
  tools become their frame.
- Label Studio: edges kept on the image; who annotated is a number unless `meta` names the reader;
  turned rectangles become their frame.
- NIH, RSNA, VinDr lists: no score; NIH and RSNA no reader, RSNA no label.
- ChestX-Det: no reader, no score; its outlines are passed over for their boxes.
- CheXlocalize, SIIM-ACR: an outline becomes its frame, a mask the frames of its connected pieces of at least
  1/2000 of the image, or the largest where all are smaller; neither has a reader or a score.
  SIIM-ACR's images are all 1024 x 1024.
"""

from cxr_desktop.localization.formats.detection import FORMATS, READABLE, read_boxes

__all__ = ["FORMATS", "READABLE", "read_boxes"]
