"""supervision (MIT): InferenceSlicer as it comes, around ultralytics' predict. See still_task."""

import sys

import numpy as np
import supervision as sv
import torchvision_names  # noqa: F401 - must come first
from protocol import serve
from still_task import looked, openable, still_parser
from ultralytics import YOLO


def main() -> int:
    options = still_parser(__doc__).parse_args()
    model = YOLO(openable(options.model, options.answers.parent), task="detect")

    def look(picture, score):
        def see(piece):
            found = model.predict(piece, conf=score, imgsz=options.size, verbose=False, device="cpu")[0]
            return sv.Detections.from_ultralytics(found)

        found = sv.InferenceSlicer(callback=see)(picture)
        if not len(found):
            return []
        return np.column_stack([found.xyxy, found.confidence, found.class_id]).tolist()

    return serve(options, ["supervision", "ultralytics"], lambda task: looked(task, look))


if __name__ == "__main__":
    sys.exit(main())
