"""What goes into training, and the door to ultralytics."""

import ast
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.vision.builders import sunny_pen
from vision.detector import Float, Image
from vision.errors import VisionError
from vision.training.copy_paste import paste_animals
from vision.training.labelled import read_labelled, read_rows
from vision.training.mixture import MIXTURE, Share
from vision.training.people import with_people
from vision.training.prepare import prepare
from vision.training.run import Recipe, train_counter
from vision.training.windows import cut_windows, rows_in_window

REPOSITORY = Path(__file__).parents[3]
TWO_HEAD = "0 0.3 0.5 0.1 0.2\n0 0.7 0.5 0.1 0.2\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Every set of the mixture with six pictures of two head and one picture for validation."""
    picture = sunny_pen()
    for name in {share.name for share in MIXTURE}:
        for split, count in (("train", 6), ("val", 1)):
            for kind in ("images", "labels"):
                (tmp_path / "sets" / name / kind / split).mkdir(parents=True)
            for index in range(count):
                cv2.imwrite(str(tmp_path / "sets" / name / "images" / split / f"{index}.jpg"), picture)
                (tmp_path / "sets" / name / "labels" / split / f"{index}.txt").write_text(TWO_HEAD)
    return tmp_path / "sets"


def with_scenes(data: Path, scenes: str) -> None:
    rows = "".join(f"{index},{scene}\n" for index, scene in enumerate(scenes.split()))
    (data / "pasture-cctv" / "index.csv").write_text("name,scene\n" + rows)


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (Share("pig-pen"), 6),
        (Share("pig-pen", every=3), 2),
        (Share("pig-pen", times=3), 18),
        (Share("pig-pen", times=0, windows=2), 12),
        (Share("pig-pen", pasted=0.5), 9),
    ],
)
def test_a_share_says_how_often_a_set_is_shown(data: Path, tmp_path: Path, share: Share, shown: int) -> None:
    prepared = prepare(data, tmp_path / "out", 0, mixture=[share])
    assert prepared.shown == shown == len((tmp_path / "out" / "train.txt").read_text().split())


def test_a_set_without_pictures_is_named(tmp_path: Path) -> None:
    with pytest.raises(VisionError, match="pig-pen"):
        prepare(tmp_path, tmp_path / "out", 0, mixture=[Share("pig-pen")])


def test_no_validation_picture_is_ever_trained_on(data: Path, tmp_path: Path) -> None:
    prepare(data, tmp_path / "out", 0)
    origins = {path.resolve() for path in (tmp_path / "out" / "images" / "train").iterdir()}
    assert origins
    assert not any("val" in path.parts for path in origins)


def test_a_scene_left_out_is_shown_in_no_form(data: Path, tmp_path: Path) -> None:
    with_scenes(data, "barn barn yard yard yard yard")
    prepare(data, tmp_path / "out", 0, without_scenes=["barn"], mixture=[Share("pasture-cctv", windows=1, pasted=1)])
    shown = {path.stem.split("-")[3] for path in (tmp_path / "out" / "images" / "train").iterdir()}
    assert shown == {"2", "3", "4", "5"}


def test_the_same_seed_lays_out_the_same_set(data: Path, tmp_path: Path) -> None:
    for name, seed in (("first", 4), ("second", 4), ("third", 5)):
        prepare(data, tmp_path / name, seed, mixture=[Share("aerial-cattle", windows=1, pasted=1)])
    first, second, third = (
        {path.name: path.read_bytes() for path in (tmp_path / name / "labels" / "train").iterdir()}
        for name in ("first", "second", "third")
    )
    assert first == second != third


@given(left=st.integers(0, 160), top=st.integers(0, 90), side=st.integers(20, 90))
def test_a_window_shows_an_animal_where_the_picture_shows_it(left: int, top: int, side: int) -> None:
    rows = np.array([[0, 0.5, 0.5, 0.1, 0.2], [2, 0.1, 0.1, 0.05, 0.05]])
    seen = rows_in_window(rows, 320, 180, (left, top, side))
    assert ((seen[:, 1:] >= 0) & (seen[:, 1:] <= 1)).all()
    for row in seen:
        truth = rows[rows[:, 0] == row[0]][0]
        assert abs(row[1] * side + left - truth[1] * 320) <= truth[3] * 320 / 2
        assert abs(row[2] * side + top - truth[2] * 180) <= truth[4] * 180 / 2


def test_an_animal_wholly_outside_a_window_is_not_labelled_in_it() -> None:
    assert len(rows_in_window(np.array([[0, 0.9, 0.9, 0.05, 0.05]]), 320, 180, (0, 0, 90))) == 0


def test_a_picture_without_animals_gives_no_windows(data: Path) -> None:
    picture = read_labelled(data / "pig-pen")[0]
    assert cut_windows(picture.with_rows(np.zeros((0, 5))), 3, "empty", np.random.default_rng(0)) == []


def test_a_pasted_animal_is_labelled_where_pixels_changed(data: Path) -> None:
    ground = read_labelled(data / "pig-pen")[0].with_rows(np.zeros((0, 5)))
    made = paste_animals(ground, read_labelled(data / "pig-pen"), 2, "pasted", np.random.default_rng(2))
    assert len(made.rows) == 2
    changed = (made.image.astype(int) != cv2.imread(str(ground.path))).any(axis=2)
    for _, x, y, width, height in made.rows:
        rows = slice(round((y - height / 2) * 180), round((y + height / 2) * 180))
        columns = slice(round((x - width / 2) * 320), round((x + width / 2) * 320))
        changed[rows, columns] = False
    assert not changed.any()


def person_at(*box: float) -> Float:
    return np.array([box], np.float32)


@pytest.mark.parametrize(
    ("person", "labelled"), [((200.0, 10.0, 215.0, 60.0), True), ((80.0, 72.0, 112.0, 108.0), False)]
)
def test_a_person_is_labelled_unless_it_is_an_animal_mistaken(
    data: Path, person: tuple[float, ...], labelled: bool
) -> None:
    def find(_: Image) -> Float:
        return person_at(*person)

    picture = with_people(read_labelled(data / "pig-pen")[0], find)
    assert (picture.rows[:, 0] == 3).any() == labelled


def test_a_label_line_that_is_no_box_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text("0 0.5 0.5\n")
    with pytest.raises(VisionError, match=r"bad\.txt"):
        read_rows(tmp_path / "bad.txt")


def test_a_run_without_weights_to_start_from_says_how_to_name_them(data: Path, tmp_path: Path) -> None:
    with pytest.raises(VisionError, match="--start"):
        train_counter(Recipe(data, 1, 0), tmp_path / "out")


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


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore")  # of the training stack, about itself
@pytest.mark.timeout(300)
def test_a_run_leaves_a_checkpoint_that_knows_people_and_a_record_without_folders(
    data: Path, tmp_path: Path, shared_data: Path
) -> None:
    pytest.importorskip("torch")
    out = tmp_path / "out"
    last = train_counter(
        Recipe(data, 0.01, 3, start=shared_data / "vision" / "weights" / "yolo11n_coco_dequant.pt"), out
    )
    from vision.detectors.ultralytics import _open_door, average_checkpoints, open_checkpoint

    _, ultralytics = _open_door()
    assert list(ultralytics.YOLO(str(last)).names.values()) == ["cattle", "sheep", "pig", "person"]
    average_checkpoints([last, last], tmp_path / "mean.pt")
    names, run = open_checkpoint(tmp_path / "mean.pt", 1)
    picture = np.random.default_rng(0).random((1, 3, 64, 64), np.float32)
    assert len(names) == 4
    np.testing.assert_allclose(run(picture), open_checkpoint(last, 1)[1](picture), rtol=1e-3, atol=1e-3)
    record = (out / "run.json").read_text()
    assert json.loads(record)["recipe"]["seed"] == 3
    assert str(tmp_path) not in record
