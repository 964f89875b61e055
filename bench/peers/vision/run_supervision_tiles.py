"""supervision (MIT): InferenceSlicer as it comes, shown windows of a known herd.

Task: `width`, `height`, `animals` (boxes), `seed`. Answer: `count`, `ms` of slicing and merging. See tile_look.
"""

import sys
import time

import numpy as np
import supervision as sv
from protocol import Answer, Task, parser, serve
from tile_look import chart, look, whereabouts


def answer(task: Task) -> Answer:
    picture = chart(task["width"], task["height"])

    def see(window: np.ndarray) -> sv.Detections:
        rows = look(whereabouts(window), task["animals"], task["seed"])
        return sv.Detections(rows[:, :4], confidence=rows[:, 4], class_id=np.zeros(len(rows), int))

    began = time.perf_counter()
    found = sv.InferenceSlicer(callback=see)(picture)
    return {"count": len(found), "ms": round((time.perf_counter() - began) * 1000, 2)}


if __name__ == "__main__":
    sys.exit(serve(parser(__doc__).parse_args(), ["supervision"], answer))
