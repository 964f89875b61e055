"""Lets torchvision import where its compiled operators do not fit torch (CPU builds). Runs in the peers' Python.

`python torchvision_names.py`'s import must come before any import of a peer that imports torchvision.
"""

import torch

_KEPT = []


def _plain_nms(boxes, scores, iou_threshold):
    from ultralytics.utils.nms import TorchNMS  # noqa: PLC0415 - only once the names exist

    return TorchNMS.nms(boxes, scores, iou_threshold)


def register() -> None:
    """Define the two names that are missing, with a plain non-maximum suppression behind them."""
    if hasattr(torch.ops.torchvision, "nms"):
        return
    try:
        import torchvision  # noqa: F401, PLC0415
    except RuntimeError:
        library = torch.library.Library("torchvision", "FRAGMENT")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
            library.impl(name, _plain_nms, "CPU")
        _KEPT.append(library)  # the registration dies with the object
        from torchvision.ops import boxes  # noqa: PLC0415

        boxes._assert_has_ops = lambda: None


register()
