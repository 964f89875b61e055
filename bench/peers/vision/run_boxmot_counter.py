"""boxmot (AGPL-3.0): OC-SORT, settings as they come, with ultralytics' ObjectCounter. See gate_task."""

import sys

import numpy as np
import torchvision_names  # noqa: F401 - must come first
from boxmot import OcSort
from gate_task import counted
from object_counter import FedCounter
from protocol import Answer, Task, parser, serve


def main() -> int:
    options = parser(__doc__).parse_args()

    def answer(task: Task) -> Answer:
        tracker = OcSort()
        counter = FedCounter(tuple(task["line"]))
        blank = np.zeros((task["height"], task["width"], 3), np.uint8)  # it asks for the picture's size alone

        def step(frame: np.ndarray) -> None:
            counter.take(np.asarray(tracker.update(frame, blank)).reshape(-1, 8))

        return counted(task, step, lambda: (counter.in_count, counter.out_count))

    return serve(options, ["boxmot", "ultralytics"], answer)


if __name__ == "__main__":
    sys.exit(main())
