"""What goes into training, and the door to ultralytics."""

import ast
from pathlib import Path

import pytest

from vision.errors import VisionError
from vision.training import MIXTURE, Share, pictures_of, write_list

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for share in MIXTURE:
        for split in ("train", "val"):
            folder = tmp_path / share.name / "images" / split
            folder.mkdir(parents=True)
            for index in range(6):
                (folder / f"{index}.jpg").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("share", "taken"), [(Share("pig-pen"), 6), (Share("pig-pen", every=3), 2), (Share("pig-pen", times=3), 18)]
)
def test_a_share_says_how_often_a_set_is_shown(data: Path, share: Share, taken: int) -> None:
    assert len(pictures_of(data, share)) == taken


def test_a_set_without_pictures_is_named(tmp_path: Path) -> None:
    with pytest.raises(VisionError, match="pig-pen"):
        pictures_of(tmp_path, Share("pig-pen"))


def test_no_validation_picture_is_ever_trained_on(data: Path, tmp_path: Path) -> None:
    write_list(tmp_path / "run", data, [])
    trained = set((tmp_path / "run" / "train.txt").read_text().split())
    assert trained
    assert not any("/val/" in name for name in trained)


def test_ultralytics_is_imported_in_one_file_only() -> None:
    importers = set()
    for path in (REPOSITORY / "vision").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] in {"ultralytics", "torch", "torchvision"} for name in names):
                importers.add(path.relative_to(REPOSITORY).as_posix())
    assert importers == {"vision/detectors/ultralytics.py"}


@pytest.mark.torch
def test_suppression_works_where_torchvision_has_no_compiled_operators() -> None:
    pytest.importorskip("torch")
    from vision.detectors.ultralytics import _open_door

    torch, _ = _open_door()
    boxes = torch.tensor([[0.0, 0, 10, 10], [1, 0, 11, 10], [50, 50, 60, 60]])
    kept = torch.ops.torchvision.nms(boxes, torch.tensor([0.9, 0.8, 0.7]), 0.5)
    assert kept.tolist() == [0, 2]
