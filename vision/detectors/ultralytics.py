"""The only door to ultralytics, which is AGPL-3.0: training and export, never counting.

Counting runs on `vision.detectors.onnx` and needs neither ultralytics nor torch.
"""

# ruff: noqa: PLC0415 - nothing here may be imported before the door is opened

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vision.detectors.head import OTHER_NAMES
from vision.errors import VisionError

_WARM_UP_S = 45.0  # a fresh class head sends large gradients down at first


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """What one training needs. `minutes` is wall time: the learning rate falls from first to last with it.

    mosaic: share of pictures glued from four. plain_passes: so many last passes show pictures as cameras give them.
    """

    data_yaml: Path
    start_weights: Path
    out: Path
    minutes: float
    seed: int
    threads: int = 2
    image_size: int = 640
    batch: int = 16
    frozen_layers: int = 0
    learning_rate: float = 1e-3
    last_learning_rate: float = 2e-5
    mosaic: float = 0.6
    plain_passes: int = 1


def train(run: TrainingRun) -> Path:
    """Fine-tune and return the last checkpoint. Raises VisionError when the training stack is missing."""
    torch, ultralytics = _open_door()
    trainer = _channels_last_trainer(torch)
    _compute_in_half(torch)
    model = ultralytics.YOLO(str(run.start_weights))
    source = model.model  # training replaces it
    known = {OTHER_NAMES.get(name, name): index for index, name in model.names.items()}
    model.add_callback("on_train_start", lambda trainer: trainer.model.to(memory_format=torch.channels_last))
    model.add_callback("on_train_batch_start", lambda trainer: _anneal(trainer, run))
    model.add_callback("on_train_start", lambda _: torch.set_num_threads(run.threads))  # ultralytics takes 1
    model.add_callback("on_pretrain_routine_end", lambda trainer: _keep_known_classes(trainer, source, known))
    model.train(trainer=trainer, **_settings(run))
    return run.out / "weights" / "last.pt"


def export_onnx(weights: Path, image_size: int) -> Path:
    """Write `weights` as ONNX with free batch, height and width beside itself; returns the new file."""
    _, ultralytics = _open_door()
    model = ultralytics.YOLO(str(weights))
    path = Path(model.export(format="onnx", imgsz=image_size, dynamic=True, simplify=True, opset=17, device="cpu"))
    _forget_paths(path)
    return path


def average_checkpoints(weights: Sequence[Path], out: Path) -> None:
    """Write a checkpoint with the mean of the others' weights. VisionError when their networks differ."""
    torch, _ = _open_door()
    found = [torch.load(path, map_location="cpu", weights_only=False) for path in weights]
    networks = [(one.get("ema") or one["model"]).float() for one in found]
    tables = [network.state_dict() for network in networks]
    shapes = [{name: table[name].shape for name in table} for table in tables]
    if any(one != shapes[0] for one in shapes):
        raise VisionError("these checkpoints are of different networks: average those of one line of training")
    mean = {
        name: sum(table[name] for table in tables) / len(tables) if first.dtype.is_floating_point else first
        for name, first in tables[0].items()
    }
    networks[0].load_state_dict(mean)
    torch.save({**found[0], "model": networks[0].half(), "ema": None}, out)


def open_checkpoint(weights: Path, threads: int) -> tuple[dict[int, str], Callable[[Any], Any]]:
    """The checkpoint itself: its class names, and what turns (1,3,H,W) float32 into its (4 + classes, N) output."""
    torch, ultralytics = _open_door()
    torch.set_num_threads(threads)
    model = ultralytics.YOLO(str(weights))
    network = model.model.float().eval()

    def run(tensor: Any) -> Any:
        with torch.inference_mode():
            found = network(torch.from_numpy(tensor))
        return (found[0] if isinstance(found, list | tuple) else found)[0].numpy()

    return dict(model.names), run


def _forget_paths(path: Path) -> None:
    """Drop the metadata that name folders of the machine it was made on."""
    import onnx  # type: ignore[import-not-found, unused-ignore]

    network = onnx.load(path)
    kept = [entry for entry in network.metadata_props if entry.key not in {"description", "args"}]
    del network.metadata_props[:]
    network.metadata_props.extend(kept)
    onnx.save(network, path)


def _settings(run: TrainingRun) -> dict[str, Any]:
    return {
        "data": str(run.data_yaml),
        "time": run.minutes / 60,
        "epochs": 100,  # more than fit; `time` ends it
        "optimizer": "AdamW",
        "lr0": run.learning_rate,
        "warmup_epochs": 0,
        "nbs": run.batch,  # one step per batch: a CPU sees too few pictures to save steps
        "imgsz": run.image_size,
        "batch": run.batch,
        "seed": run.seed,
        "freeze": run.frozen_layers,  # early filters transfer; they are also the dearest to train
        "project": str(run.out.parent),
        "name": run.out.name,
        "exist_ok": True,
        "device": "cpu",
        "workers": 1,
        "cache": "ram",
        "amp": False,
        "deterministic": False,  # filling every fresh tensor costs more than bit-equal runs are worth on a CPU
        "val": False,  # measured once at the end, by counting error, in vision.evaluate
        "plots": False,
        "save_period": 1,
        "mosaic": run.mosaic,
        "close_mosaic": run.plain_passes,
        "flipud": 0.2,  # most cameras look down
        "scale": 0.5,
        "hsv_s": 0.8,  # infrared nights have no colour
        "max_det": 300,
    }


def _anneal(trainer: Any, run: TrainingRun) -> None:
    """Let the learning rate follow the wall clock: on shared cores nobody knows how many epochs will fit."""
    passed_s = time.time() - trainer.train_time_start  # noqa: TID251 - ultralytics' own clock
    left = max(0.0, 1 - passed_s / (run.minutes * 60))
    rate = run.last_learning_rate + (run.learning_rate - run.last_learning_rate) * left
    for group in trainer.optimizer.param_groups:
        group["lr"] = rate * min(1.0, (passed_s + 1) / _WARM_UP_S)


def _open_door() -> tuple[Any, Any]:
    os.environ.setdefault("YOLO_OFFLINE", "true")
    try:
        import torch

        _register_missing_nms(torch)
        import ultralytics
    except ImportError as error:
        raise VisionError(
            f"training needs torch and ultralytics ({error}): install the `train` extra. Counting does not need it"
        ) from error
    return torch, ultralytics


def _register_missing_nms(torch: Any) -> None:
    """Let torchvision import where its compiled operators do not fit torch (CPU builds).

    ultralytics imports torchvision but has its own non-maximum suppression; only the operators' names must exist.
    """
    if hasattr(torch.ops.torchvision, "nms"):
        return
    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        schema = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
        library = torch.library.Library("torchvision", "FRAGMENT")
        for name in ("nms", "qnms"):
            library.define(name + schema)
            library.impl(name, _plain_nms, "CPU")
        _KEPT.append(library)  # the registration dies with the object
        from torchvision.ops import boxes

        boxes._assert_has_ops = lambda: None


_KEPT: list[Any] = []


def _plain_nms(boxes: Any, scores: Any, iou_threshold: float) -> Any:
    from ultralytics.utils.nms import TorchNMS

    return TorchNMS.nms(boxes, scores, iou_threshold)


def _channels_last_trainer(torch: Any) -> type:
    """The stock trainer with channels-last tensors, 1.6 times faster on a CPU (measured)."""
    from ultralytics.models.yolo.detect import DetectionTrainer

    class ChannelsLastTrainer(DetectionTrainer):  # type: ignore[misc]
        def preprocess_batch(self, batch: dict[str, Any]) -> dict[str, Any]:
            prepared: dict[str, Any] = super().preprocess_batch(batch)
            prepared["img"] = prepared["img"].to(memory_format=torch.channels_last)
            return prepared

    return ChannelsLastTrainer


def _compute_in_half(torch: Any) -> None:
    """Let layers compute in bfloat16 and losses in float32: 2 times faster on CPUs that know it (measured).

    ultralytics' own switch puts the losses into half precision as well, where a box's edge moves by half a pixel.
    """
    from ultralytics.nn.tasks import DetectionModel

    exact = DetectionModel._predict_once

    def predict_once(model: Any, *arguments: Any, **named: Any) -> Any:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=model.training):
            found = exact(model, *arguments, **named)
        return _in_single(torch, found)

    DetectionModel._predict_once = predict_once


def _in_single(torch: Any, found: Any) -> Any:
    if isinstance(found, dict):
        return {name: _in_single(torch, part) for name, part in found.items()}
    if isinstance(found, list | tuple):
        return type(found)(_in_single(torch, part) for part in found)
    return found.float() if torch.is_tensor(found) else found


def _keep_known_classes(trainer: Any, source: Any, known: dict[str, int]) -> None:
    """Carry the start model's class rows over when the class list changed; ultralytics starts them afresh."""
    rows = [known.get(name, -1) for name in trainer.data["names"].values()]
    old, new = source.model[-1].cv3, trainer.model.model[-1].cv3
    for before, after in zip(old, new, strict=True):
        _copy_rows(before[-1], after[-1], rows)
    trainer.ema.ema.load_state_dict(trainer.model.state_dict())


def _copy_rows(before: Any, after: Any, rows: Sequence[int]) -> None:
    if before.weight.shape[1:] != after.weight.shape[1:]:
        return  # another width of class head: nothing to carry over
    for target, row in enumerate(rows):
        if row >= 0:
            after.weight.data[target] = before.weight.data[row]
            after.bias.data[target] = before.bias.data[row]
