"""supervision's LineZone as the other runners use it. Runs in the peers' Python."""

import numpy as np
import supervision as sv

CORNERS = "corners"
CENTRE = "centre"


class Zone:
    """A LineZone whose "in" is downward or to the right, whichever end of the line comes first."""

    def __init__(self, line: list[float], anchor: str, threshold: int) -> None:
        x1, y1, x2, y2 = line
        flat = abs(x2 - x1) >= abs(y2 - y1)
        # Below a line that goes right lies on the same hand as right of a line that goes up.
        goes_so = x2 > x1 if flat else y2 < y1
        ends = [sv.Point(x1, y1), sv.Point(x2, y2)]
        named = {} if anchor == CORNERS else {"triggering_anchors": [sv.Position.CENTER]}
        start, end = ends if goes_so == DOWN_IS_IN else ends[::-1]
        self._zone = sv.LineZone(start, end, minimum_crossing_threshold=threshold, **named)

    def take(self, tracks: sv.Detections) -> None:
        """The tracks of one frame."""
        self._zone.trigger(tracks)

    def result(self) -> tuple[int, int]:
        return self._zone.in_count, self._zone.out_count


def _down_is_in() -> bool:
    """Ask LineZone itself: a box goes down past a line from left to right."""
    zone = sv.LineZone(sv.Point(0, 10), sv.Point(20, 10))
    for y in (1, 2, 3, 16, 17, 18):
        box = np.array([[8.0, y, 12.0, y + 2]])
        zone.trigger(sv.Detections(xyxy=box, tracker_id=np.array([1]), class_id=np.array([0])))
    return zone.in_count == 1


DOWN_IS_IN = _down_is_in()
