"""norfair (BSD-3-Clause): its IoU tracker with supervision's LineZone on the middle of the box. See gate_task."""

import sys

import norfair
import numpy as np
import supervision as sv
from gate_task import counted
from line_zone import CENTRE, Zone
from protocol import Answer, Task, parser, serve

FARTHEST = 0.7  # one less the overlap that joins a box to a track; norfair has no default


def main() -> int:
    options = parser(__doc__).parse_args()

    def answer(task: Task) -> Answer:
        tracker = norfair.Tracker(distance_function="iou", distance_threshold=FARTHEST)
        zone = Zone(task["line"], CENTRE, 1)

        def step(frame: np.ndarray) -> None:
            sure = frame[frame[:, 4] >= 0.25]
            seen = [norfair.Detection(row[:4].reshape(2, 2), scores=np.repeat(row[4], 2)) for row in sure]
            tracks = tracker.update(seen)
            boxes = np.array([track.estimate.reshape(4) for track in tracks]).reshape(-1, 4)
            numbers = np.array([track.id for track in tracks], int)
            zone.take(sv.Detections(boxes, tracker_id=numbers, class_id=np.zeros(len(numbers), int)))

        return counted(task, step, zone.result)

    return serve(options, ["norfair", "supervision"], answer)


if __name__ == "__main__":
    sys.exit(main())
