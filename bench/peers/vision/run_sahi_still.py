"""SAHI (MIT): sliced prediction as it comes, slices of 640 pixels, around ultralytics' network. See still_task."""

import sys

import torchvision_names  # noqa: F401 - must come first
from protocol import serve
from sahi import AutoDetectionModel
from sahi.predict import get_sliced_prediction
from still_task import looked, openable, still_parser


def main() -> int:
    options = still_parser(__doc__).parse_args()
    model = AutoDetectionModel.from_pretrained(
        "ultralytics", model_path=openable(options.model, options.answers.parent), device="cpu",
        image_size=options.size, task="detect",
    )  # fmt: skip

    def look(picture, score):
        model.confidence_threshold = score
        rgb = picture[:, :, ::-1].copy()
        found = get_sliced_prediction(rgb, model, slice_height=640, slice_width=640, verbose=0)
        return [[*o.bbox.to_xyxy(), o.score.value, o.category.id] for o in found.object_prediction_list]

    return serve(options, ["sahi", "ultralytics"], lambda task: looked(task, look))


if __name__ == "__main__":
    sys.exit(main())
