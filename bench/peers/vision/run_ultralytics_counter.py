"""ultralytics (AGPL-3.0): BoT-SORT or ByteTrack with ObjectCounter, settings as they come. See gate_task."""

import sys

import numpy as np
from gate_task import counted
from object_counter import FedCounter
from protocol import Answer, Task, parser, serve
from ultralytics.engine.results import Boxes
from ultralytics.trackers import BOTSORT, BYTETracker
from ultralytics.utils import YAML, IterableSimpleNamespace
from ultralytics.utils.checks import check_yaml

TRACKERS = {"botsort": BOTSORT, "bytetrack": BYTETracker}


def main() -> int:
    made = parser(__doc__)
    made.add_argument("--tracker", choices=TRACKERS, required=True)
    options = made.parse_args()
    settings = YAML.load(check_yaml(f"{options.tracker}.yaml"))

    def answer(task: Task) -> Answer:
        tracker = TRACKERS[options.tracker](IterableSimpleNamespace(**settings))
        counter = FedCounter(tuple(task["line"]))

        def step(frame: np.ndarray) -> None:
            # No picture is given: the camera stands still, so there is no motion of its own to make good.
            tracks = tracker.update(Boxes(frame, (task["height"], task["width"])))
            counter.take(tracks)
            counter.forget_tracks([track.track_id for track in tracker.removed_stracks_frame])

        return counted(task, step, lambda: (counter.in_count, counter.out_count))

    return serve(options, ["ultralytics"], answer)


if __name__ == "__main__":
    sys.exit(main())
