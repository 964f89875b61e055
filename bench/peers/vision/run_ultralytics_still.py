"""ultralytics (AGPL-3.0): predict on the whole picture, settings as they come. See still_task."""

import sys

import torchvision_names  # noqa: F401 - must come first
from protocol import serve
from still_task import looked, openable, still_parser
from ultralytics import YOLO


def main() -> int:
    options = still_parser(__doc__).parse_args()
    model = YOLO(openable(options.model, options.answers.parent), task="detect")

    def look(picture, score):
        found = model.predict(picture, conf=score, imgsz=options.size, verbose=False, device="cpu")[0]
        return found.boxes.data.cpu().numpy().tolist()

    return serve(options, ["ultralytics"], lambda task: looked(task, look))


if __name__ == "__main__":
    sys.exit(main())
