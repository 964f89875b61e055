"""The picture that is kept of a count: people hidden, boxes drawn, encoded. The frame itself goes no further."""

from __future__ import annotations

import cv2
import numpy as np

from vision.counting import PictureCount
from vision.detector import Boxes, Image
from vision.drawing import View, draw_count
from vision.errors import VisionError
from vision.evidence.people import blur_people

QUALITY = 82
MOST_SIDE = 2560  # pixels: more than that shows no animal better
NOTHING = (360, 640)  # height, width of the picture that stands for bytes that are none


def keepsake(image: Image | None, counted: PictureCount, people: Boxes, view: View) -> tuple[bytes, int]:
    """The JPEG to keep, and how many people are hidden in it. `image` None: nothing could be read."""
    plain = np.full((*NOTHING, 3), 96, np.uint8) if image is None else image
    hidden, count = blur_people(plain, people, counted.boxes.animals)
    return _encoded(draw_count(hidden, counted, view)), count


def _encoded(picture: Image) -> bytes:
    side = max(picture.shape[:2])
    if side > MOST_SIDE:
        share = MOST_SIDE / side
        small = cv2.resize(picture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        picture = np.asarray(small, np.uint8)
    done, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise VisionError("the annotated picture could not be encoded as JPEG")
    return bytes(jpeg)
