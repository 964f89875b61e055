"""The model card: everything on it comes from the manifest and from what is given beside it."""

import json
from pathlib import Path

import pytest

from vision.__main__ import main
from vision.manifest import Manifest, ModelFile, SceneTrust, write_manifest
from vision.papers.card import card

FIGURES = {"images": 4, "true": 40, "mae": 1.25, "recall": 0.9, "held_out": {"mae": 1.5, "coverage95": 0.95}}
PARITY = {
    "pooled": {"recall_loss": 0.4, "mae_rise": 0.01, "iou": 0.96, "speed": 1.3, "pictures": 4},
    "refused_because": ["recall falls"],
}
MANIFEST = Manifest(
    "herd-7",
    "ab",
    640,
    {"any": SceneTrust(0.3, 1.5, 4, 0.9, 0.8)},
    {"pen": FIGURES},
    {"run": {"recipe": {"seed": 5, "minutes": 80.0}, "by_set": {"pen": 90}}},
    ("cattle", "pig"),
    {"herd-7.onnx": ModelFile("ab", "fp32"), "herd-7.int8.onnx": ModelFile("cd", "int8", False, PARITY)},
)
SHEET = {
    "sha256": "ef",
    "sets": {
        "pen": {
            "source": {"origin": "a farm", "licence": "none stated", "caution": "dusty"},
            "splits": {"train": {"pictures": 60, "head": 600}, "val": {"pictures": 4, "head": 40}},
        }
    },
    "leaks": [{"exact": False}],
}


def test_figures_stand_beside_those_of_others_on_the_same_set() -> None:
    text = card(MANIFEST, beside={"coco": {"sets": {"pen": {"images": 4, "true": 40, "mae": 18.1}}}})
    rows = [line for line in text.splitlines() if "| 4 | 40 |" in line]
    assert rows[0].startswith("| pen | herd-7 | 4 | 40 | 1.25 |")
    assert rows[0].endswith("| 1.5 | 0.95 |")
    assert rows[1].startswith("|  | coco | 4 | 40 | 18.1 |")


def test_the_card_says_what_the_model_was_made_from_and_on_which_terms() -> None:
    text = card(MANIFEST, SHEET)
    assert "| pen | 60 (600) | 4 (40) | 90 | a farm | none stated |" in text
    assert "0 byte for byte, 1 that look the same" in text
    assert "AGPL-3.0" in text
    assert "seed 5" in text


def test_a_refused_twin_is_on_the_card_with_its_figures() -> None:
    assert "| herd-7.int8.onnx | int8 | **no**: recall loss 0.4 points" in card(MANIFEST)


def test_what_nobody_wrote_and_nobody_measured_is_said_to_be_missing() -> None:
    text = card(Manifest("herd-8", "ab", 640))
    assert "Nobody has written it down yet" in text
    assert "Not calibrated" in text
    assert "what it learnt from is not documented" in text


@pytest.fixture
def model(tmp_path: Path) -> Path:
    model = tmp_path / "herd-7.onnx"
    model.write_bytes(b"network")
    write_manifest(model, MANIFEST)
    return model


def test_the_verb_takes_the_prose_beside_the_model_and_the_baselines_of_a_report(model: Path, tmp_path: Path) -> None:
    model.with_suffix(".weaknesses.md").write_text("- Goats.\n")
    theirs = {"sets": {"pen": {"images": 4, "true": 40, "mae": 9.5}}}
    (tmp_path / "report.json").write_text("counting\n" + json.dumps({"sets": {}, "baselines": {"coco": theirs}}))
    arguments = ["card", str(model), "--beside", f"ours={tmp_path / 'report.json'}", "--out", str(tmp_path / "CARD.md")]
    assert main(arguments) == 0
    text = (tmp_path / "CARD.md").read_text()
    assert "## What it is bad at\n\n- Goats." in text
    assert "|  | coco | 4 | 40 | 9.5 |" in text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--beside", "nothing"], "write NAME=REPORT.json"),
        (["--sheet", "nowhere.json"], "cannot be read as JSON"),
        (["--weak", "nowhere.md"], "write there what the model is bad at"),
    ],
)
def test_what_is_not_there_is_named(
    model: Path, given: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["card", str(model), *given]) == 2
    assert said in capsys.readouterr().err
