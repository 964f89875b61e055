"""The line counter of ultralytics, fed with tracks from outside. Runs in the peers' Python."""

from collections import defaultdict

import torch
import torchvision_names  # noqa: F401 - must come first
from shapely.geometry import LineString
from ultralytics.solutions.object_counter import ObjectCounter


class FedCounter(ObjectCounter):
    """Counting and remembering as they come; neither a model nor pictures."""

    def __init__(self, line: tuple[float, float, float, float]) -> None:
        self.LineString, self.region = LineString, [line[:2], line[2:]]
        self.in_count = self.out_count = 0
        self.counted_ids = set()
        self.classwise_count = defaultdict(lambda: {"IN": 0, "OUT": 0})
        self.names = {0: "animal"}
        self.track_history = defaultdict(list)
        self.initialize_region()

    def take(self, tracks) -> None:
        """The tracks of one frame, as `process` goes through them."""
        for row in tracks:
            number = int(row[4])
            self.store_tracking_history(number, torch.as_tensor(row[:4]))
            history = self.track_history[number]
            before = history[-2] if len(history) > 1 else None
            self.count_objects(history[-1], number, before, 0)
