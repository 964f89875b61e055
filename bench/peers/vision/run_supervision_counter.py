"""supervision (MIT): LineZone behind ByteTrack from `trackers` (Apache-2.0), settings as they come. See gate_task."""

import sys

import numpy as np
import supervision as sv
from gate_task import counted
from line_zone import CENTRE, CORNERS, Zone
from protocol import Answer, Task, parser, serve
from trackers import ByteTrackTracker


def main() -> int:
    made = parser(__doc__)
    made.add_argument("--anchor", choices=(CORNERS, CENTRE), default=CORNERS)
    made.add_argument("--threshold", type=int, default=1)
    options = made.parse_args()

    def answer(task: Task) -> Answer:
        tracker = ByteTrackTracker(frame_rate=float(task["fps"]))
        zone = Zone(task["line"], options.anchor, options.threshold)

        def step(frame: np.ndarray) -> None:
            seen = sv.Detections(frame[:, :4], confidence=frame[:, 4], class_id=frame[:, 5].astype(int))
            zone.take(tracker.update(seen))

        return counted(task, step, zone.result)

    return serve(options, ["supervision", "trackers"], answer)


if __name__ == "__main__":
    sys.exit(main())
