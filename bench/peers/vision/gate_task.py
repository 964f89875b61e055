"""A gate task as every line counter takes it. Runs in the peers' Python: standard library and numpy alone.

Task: `detections` (a file, one frame a line: frame, t, boxes [[x1,y1,x2,y2,score,class], ...]), `line` (x1,y1,x2,y2),
`fps`, `width`, `height`. Answer: `in`, `out` (down or right is in), `ms_per_frame`: processor time of tracking
and counting together, so that a busy machine does not matter.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from protocol import Answer, Task, lines

Frame = Any  # (N,6) float32: x1, y1, x2, y2, score, class
Step = Callable[[Frame], None]


def counted(task: Task, step: Step, result: Callable[[], tuple[int, int]]) -> Answer:
    """Feed every frame to `step`, timing it alone, then ask for the result."""
    frames = [np.array(row["boxes"], np.float32).reshape(-1, 6) for row in lines(Path(task["detections"]))]
    for frame in frames:
        frame[:, 5] = 0  # counting needs no species, and some trackers never join two
    began = time.process_time()
    for frame in frames:
        step(frame)
    took = time.process_time() - began
    come, gone = result()
    return {"in": come, "out": gone, "ms_per_frame": round(took * 1000 / max(1, len(frames)), 4)}
