"""Pens and excluded zones of a camera."""

import json
from pathlib import Path

import pytest

from tests.unit.vision.builders import boxes_of, herd, sunny_pen
from vision.detectors.replay import ReplayDetector
from vision.errors import VisionError
from vision.manifest import SceneTrust
from vision.pens import Pens, read_pens
from vision.still.regional import look

TOML = """
camera = "barn-3"
[[region]]
name = "left pen"
species = "pig"
corners = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]
[[region]]
name = "right pen"
corners = "0.5,0 1,0 1,1 0.5,1"
[[excluded]]
name = "road"
corners = "0.9,0 1,0 1,1 0.9,1"
"""
MIXED = boxes_of([((i * 32, 80, i * 32 + 28, 100), 0.9, 2 if i % 2 else 0) for i in range(10)])


def written(folder: Path, text: str, name: str = "barn.toml") -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_each_pen_counts_its_species_and_the_excluded_zone_counts_nowhere(tmp_path: Path) -> None:
    pens = read_pens(written(tmp_path, TOML))
    by_pen = pens.by_pen(MIXED, 320, 180)
    assert {name: boxes.by_class() for name, boxes in by_pen.items()} == {
        "left pen": {"pig": 2},
        "right pen": {"cattle": 2, "pig": 2},
    }
    assert len(pens.inside(MIXED, 320, 180)) == 6


def test_the_pens_of_one_picture_add_up_to_it(tmp_path: Path) -> None:
    pens = read_pens(written(tmp_path, TOML))
    found = look(sunny_pen(), ReplayDetector([MIXED]), SceneTrust(0.5, 0.2, 100), area=pens)
    assert found.counted.count is not None
    assert found.counted.count.best == sum(count.best for count in found.pens.values()) == 6


def test_excluded_zones_alone_leave_the_rest_as_one_pen(tmp_path: Path) -> None:
    text = '[[excluded]]\nname = "road"\ncorners = "0,0 0.5,0 0.5,1 0,1"\n'
    assert len(read_pens(written(tmp_path, text)).inside(herd(10), 320, 180)) == 5


def test_json_of_the_same_shape_says_the_same(tmp_path: Path) -> None:
    row = {"name": "all", "corners": [[0, 0], [1, 0], [1, 1], [0, 1]]}
    pens = read_pens(written(tmp_path, json.dumps({"camera": "c", "region": [row]}), "c.json"))
    assert isinstance(pens, Pens)
    assert len(pens.inside(herd(10), 320, 180)) == 10


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no .*region"),
        ("camera = [", "neither TOML"),
        ('pen = "x"', "not known here"),
        ("[[region]]\ncorners = '0,0 1,0 1,1'", "needs a name"),
        ("[[region]]\nname = 'a'\ncorners = '0,0 1,0'", "three corners"),
        ("[[region]]\nname = 'a'\ncorners = [[0, 0], [2, 0], [1, 1]]", "between 0 and 1"),
        ("[[region]]\nname = 'a'", "write corners"),
        ("[[region]]\nname = 'a'\nspecies = 'goat'\ncorners = '0,0 1,0 1,1'", "goat"),
        ("[[region]]\nname = 'a'\ncolour = 'red'\ncorners = '0,0 1,0 1,1'", "colour"),
        ("[region]\nname = 'a'", r"\[\[region\]\]"),
        ("[[region]]\nname='a'\ncorners='0,0 1,0 1,1'\n[[excluded]]\nname='a'\ncorners='0,0 1,0 1,1'", "twice"),
    ],
)
def test_a_file_that_cannot_be_used_says_where_and_what_to_write(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(VisionError, match=said):
        read_pens(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(VisionError, match=r"gone\.toml"):
        read_pens(tmp_path / "gone.toml")
