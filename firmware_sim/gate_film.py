"""Films of a gate with exact truth: who is where in every frame, and how many came in and went out.

`python -m firmware_sim.gate_film --out DIR --scenario heavy --seed 3 --seconds 20` writes NAME.mp4 and NAME.json.
Drawn films show where a counter breaks; they prove nothing about how well animals are found on real ones.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from firmware_sim.chance import stream
from firmware_sim.gate_scenario import SCENARIOS, GateScenario, walks
from firmware_sim.gate_screens import screen
from firmware_sim.gate_view import ANGLES, GateView, gate_view
from firmware_sim.gate_walk import Crossings, Walk, crossings
from firmware_sim.render_coats import coat_of
from firmware_sim.rendering import SPECIES, Light, RenderedFrame, Standing, paint

SIZE = (640, 360)


@dataclass(frozen=True, slots=True)
class GateFilm:
    """One film, not yet drawn. The same arguments make the same film, to the pixel."""

    scenario: str
    seed: int
    seconds: float
    species: str
    angle: str
    light: Light
    walks: tuple[Walk, ...]

    @property
    def name(self) -> str:
        return f"{self.scenario}-{self.seed}"

    @property
    def kind(self) -> GateScenario:
        return SCENARIOS[self.scenario]

    @property
    def frames(self) -> int:
        return int(self.seconds * self.kind.fps)

    @property
    def truth(self) -> Crossings:
        """Everyone's crossings together."""
        return sum((own_crossings(walk) for walk in self.walks), Crossings(0, 0))

    @property
    def view(self) -> GateView:
        return gate_view(
            self.species, self.angle, self.kind.lanes, SIZE, stream(self.seed, "gate", self.scenario, "view")
        )

    def drawn(self, every: int = 1) -> Iterator[RenderedFrame]:
        """Every frame with its boxes, or only one in so many; a frame looks the same either way."""
        view = self.view
        for number in range(0, self.frames, every):
            rng = stream(self.seed, "gate", self.scenario, "noise", number)
            yield _frame(self, view, number / self.kind.fps, rng)


def film(
    scenario: str, seed: int, seconds: float, species: str = "", angle: str = "", light: Light | None = None
) -> GateFilm:
    """Plan a film; what is left open follows from the seed. Raises ValueError for an unknown scenario."""
    if scenario not in SCENARIOS:
        raise ValueError(f"scenario {scenario!r} is not one of {', '.join(SCENARIOS)}")
    rng = stream(seed, "gate", scenario, "look")
    drawn = (str(rng.choice(SPECIES)), str(rng.choice(ANGLES)), Light.NIGHT if rng.random() < 0.35 else Light.DAY)
    who = walks(SCENARIOS[scenario], seconds, stream(seed, "gate", scenario, "walks"))
    return GateFilm(scenario, seed, seconds, species or drawn[0], angle or drawn[1], light or drawn[2], tuple(who))


def own_crossings(walk: Walk) -> Crossings:
    """One animal's crossings, from the corners of its way."""
    return crossings([past for _, past in walk.knots])


def write(made: GateFilm, folder: Path) -> dict[str, Any]:
    """Write the film and its truth as `NAME.mp4` and `NAME.json`; returns the truth. OSError when it cannot."""
    folder.mkdir(parents=True, exist_ok=True)
    picture = folder / f"{made.name}.mp4"
    writer = cv2.VideoWriter(str(picture), cv2.VideoWriter.fourcc(*"mp4v"), made.kind.fps, SIZE)
    if not writer.isOpened():
        raise OSError(f"this OpenCV cannot write {picture}: its build lacks the mp4v encoder")
    frames = []
    try:
        for number, frame in enumerate(made.drawn()):
            writer.write(frame.image)
            frames.append({"frame": number, "t": round(number / made.kind.fps, 3), "boxes": _rows(frame)})
    finally:
        writer.release()
    truth = told(made) | {"frames": frames}
    (folder / f"{made.name}.json").write_text(json.dumps(truth) + "\n")
    return truth


def told(made: GateFilm) -> dict[str, Any]:
    """The truth about a film, without its frames."""
    truth = made.truth
    return {
        "name": made.name, "scenario": made.scenario, "level": made.kind.level, "species": made.species,
        "angle": made.angle, "light": str(made.light), "fps": made.kind.fps, "width": SIZE[0], "height": SIZE[1],
        "line": list(made.view.line), "in": truth.come, "out": truth.gone, "net": truth.net,
        "animals": [
            {"id": walk.key, "in": own_crossings(walk).come, "out": own_crossings(walk).gone} for walk in made.walks
        ],
    }  # fmt: skip


def _frame(made: GateFilm, view: GateView, at_s: float, rng: np.random.Generator) -> RenderedFrame:
    herd = [
        Standing(walk.key, view.stance(walk, at_s), coat_of(made.species, made.seed, walk.key))
        for walk in made.walks
        if walk.is_there(at_s)
    ]
    screens = [screen(kind, view, at_s) for kind in made.kind.screens]
    return paint(view.ground, view.camera, made.species, herd, made.light, rng, screens=screens, cover=view.cover)


def _rows(frame: RenderedFrame) -> list[list[float | str]]:
    """left, top, right, bottom, id, visible share."""
    return [[b.x1, b.y1, b.x2, b.y2, b.key, round(b.visible, 3)] for b in frame.boxes]


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m firmware_sim.gate_film", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write the film and its truth into")
    parser.add_argument("--scenario", default="heavy", choices=list(SCENARIOS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--species", default="", choices=["", *SPECIES], help="default: follows from the seed")
    parser.add_argument("--angle", default="", choices=["", *ANGLES], help="default: follows from the seed")
    parser.add_argument("--light", default=None, type=Light, choices=list(Light), help="default: follows from the seed")
    given = parser.parse_args(arguments)
    made = film(given.scenario, given.seed, given.seconds, given.species, given.angle, given.light)
    try:
        truth = write(made, given.out)
    except OSError as error:
        print(f"gate_film: {error}", file=sys.stderr)
        return 2
    print(f"{given.out / made.name}.mp4: {made.frames} frames, in {truth['in']}, out {truth['out']}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
