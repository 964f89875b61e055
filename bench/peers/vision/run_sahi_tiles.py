"""SAHI (MIT): sliced prediction as it comes, slices of 640 pixels, shown windows of a known herd.

Task: `width`, `height`, `animals` (boxes), `seed`. Answer: `count`, `ms` of slicing and merging. See tile_look.
"""

import sys
import time

import numpy as np
import torchvision_names  # noqa: F401 - must come first
from protocol import Answer, Task, parser, serve
from sahi.models.base import DetectionModel
from sahi.predict import get_sliced_prediction
from sahi.prediction import ObjectPrediction
from tile_look import chart, look, whereabouts


class KnownHerd(DetectionModel):
    """Finds what `tile_look` says; the network is not looked at."""

    task: Task

    def load_model(self) -> None:
        self.model = object()
        self.category_mapping = {"0": "animal"}

    def perform_inference(self, image: np.ndarray) -> None:
        self._original_predictions = look(whereabouts(image), self.task["animals"], self.task["seed"])

    def _create_object_prediction_list_from_original_predictions(
        self,
        shift_amount_list=None,
        full_shape_list=None,
    ) -> None:
        shift = shift_amount_list[0] if isinstance(shift_amount_list[0], list) else shift_amount_list
        full = full_shape_list[0] if full_shape_list and isinstance(full_shape_list[0], list) else full_shape_list
        self._object_prediction_list_per_image = [
            [
                ObjectPrediction(
                    bbox=row[:4].tolist(), score=float(row[4]), category_id=0, category_name="animal",
                    shift_amount=shift, full_shape=full,
                )
                for row in self._original_predictions
            ]
        ]  # fmt: skip


def answer(task: Task) -> Answer:
    model = KnownHerd(confidence_threshold=0.25, device="cpu")
    model.task = task
    began = time.perf_counter()
    found = get_sliced_prediction(
        chart(task["width"], task["height"]), model, slice_height=640, slice_width=640, verbose=0
    )
    return {
        "count": len(found.object_prediction_list), "ms": round((time.perf_counter() - began) * 1000, 2)
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(serve(parser(__doc__).parse_args(), ["sahi"], answer))
