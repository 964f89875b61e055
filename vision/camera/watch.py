"""One camera under watch: a picture in, findings out. No clock, no chance, no I/O; memory is bounded."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from vision.camera.clocks import ClockCheck
from vision.camera.finding import CameraFinding, Evidence, Trick
from vision.camera.glance import Glance, glance_at
from vision.camera.habits import PATIENCE, Habits
from vision.camera.noise_print import Expectation, Memory, print_of
from vision.camera.replays import ReplayCheck
from vision.camera.standing import StandingCheck
from vision.camera.suspicion import Patience, Suspicion
from vision.camera.view import light_of
from vision.camera.viewing import ViewCheck
from vision.detector import Image
from vision.picture_quality import DARKEST, FEWEST_EDGES

MOST_REPEATS = 20  # what a counter has in hand at once
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# slow enough that a frozen picture's noise is not expected at once; quick enough to get used to a cropped picture
_EXPECT_S, _EXPECT_COARSE_S = 20.0, 4.0


@dataclass(slots=True)
class CameraWatch:
    """State of one camera. `look` at each picture in the order they come."""

    habits: Habits = field(default_factory=Habits)
    suspicions: dict[Trick, Suspicion] = field(default_factory=dict)
    evidence: dict[Trick, Evidence] = field(default_factory=dict)
    view: ViewCheck = field(default_factory=ViewCheck)
    clock: ClockCheck = field(default_factory=ClockCheck)
    standing: StandingCheck = field(default_factory=StandingCheck)
    replay: ReplayCheck = field(init=False)
    fine: Expectation = field(default_factory=Expectation)
    coarse: Expectation = field(default_factory=Expectation)
    now: datetime = EPOCH
    at_s: float = 0.0
    pictures: int = 0
    light: str = ""
    upset: bool = False
    taken: deque[datetime] = field(default_factory=lambda: deque(maxlen=64))
    repeats: int = 0

    def __post_init__(self) -> None:
        entries = self.habits.memory
        self.replay = ReplayCheck(Memory(entries), Memory(entries), self.habits.keep_every_s)

    def look(self, image: Image, at: datetime, arrived: datetime | None = None) -> list[CameraFinding]:
        """What is wrong with the camera after this picture, gravest first.

        image: (H,W,3) BGR uint8. at: when the camera says it was taken; arrived: when it came, by our clock. Both
        aware. Without `arrived` the camera's own clock is believed, but for running backwards.
        """
        if self._delivered_again(at):
            return self._holding()
        suspect: dict[Trick, Evidence | None] = {Trick.WRONG_CLOCK: self.clock.look(at, arrived)}
        moment = arrived or at
        passed_s = max(0.0, (moment - self.now).total_seconds()) if self.pictures else 0.0
        self.now = max(self.now, moment)  # hysteresis must not see time run backwards
        self.at_s += passed_s
        self.pictures += 1
        suspect |= self._look_at(glance_at(image), passed_s)
        return self._settle(suspect)

    def accept_view(self) -> None:
        """The camera was set up anew on purpose: learn its view afresh, and drop what was held against the old one."""
        self.view = ViewCheck()
        for trick in (Trick.PARTLY_COVERED, Trick.TURNED_AWAY, Trick.MOVED, Trick.BLURRED, Trick.DEFOCUSED):
            self.suspicions.pop(trick, None)

    def _delivered_again(self, at: datetime) -> bool:
        """Brokers deliver a few pictures twice when a line drops; more than a few are somebody's doing."""
        again = at in self.taken
        self.repeats = self.repeats + 1 if again else 0
        self.taken.append(at)
        return again and self.repeats <= MOST_REPEATS

    def _look_at(self, glance: Glance, passed_s: float) -> dict[Trick, Evidence | None]:
        found: dict[Trick, Evidence | None] = self._blind(glance)
        if self.habits.fixed and not any(found.values()):
            found |= self.view.look(glance, self.now, passed_s, sure=not self._doubts())
        startled = self.fine.startled(self.fine.residual(glance.noise))
        in_the_way = self.view.waving.since is not None or self.view.disturbed
        if startled or in_the_way or any(found.values()) or light_of(glance) != self.light:
            self._expect_anew()
        else:
            self.upset = False
        self.light = light_of(glance)
        return found | self._noise(glance, passed_s)

    def _expect_anew(self) -> None:
        """The scene has changed: what the camera showed before says little about the noise from here on."""
        if not self.upset:
            self.fine.forget()
            self.coarse.forget()
        self.upset = True
        self.standing.begin_anew(self.at_s)

    def _blind(self, glance: Glance) -> dict[Trick, Evidence | None]:
        dark = glance.bright < DARKEST
        covered = not dark and glance.edges < FEWEST_EDGES
        return {
            Trick.DARK: Evidence("brightest spot, grey levels", glance.bright, 255.0, DARKEST) if dark else None,
            Trick.COVERED: Evidence("edges, grey levels", glance.edges, 20.0, FEWEST_EDGES) if covered else None,
        }

    def _noise(self, glance: Glance, passed_s: float) -> dict[Trick, Evidence | None]:
        residual = self.fine.residual(glance.noise)
        coarse, zoomed = self.coarse.residual(glance.coarse), self.coarse.residual(glance.zoomed_out)
        number = self.fine.pictures
        prints = (print_of(residual, number), print_of(coarse, number), print_of(zoomed, number))
        at_s = self.at_s
        young = self.fine.mean is None
        self.fine.learn(glance.noise, min(0.3, 1 - math.exp(-passed_s / _EXPECT_S)))
        self.coarse.learn(glance.coarse, min(0.3, 1 - math.exp(-passed_s / _EXPECT_COARSE_S)))
        if young:
            return {}
        flat = self.fine.flattest()
        frozen = self.standing.look(at_s, glance.noise, prints[0], flat)
        replayed = self.replay.look(at_s, prints, (flat, self.coarse.flattest()))
        return {Trick.FROZEN: frozen, Trick.REPLAYED: replayed}

    def _doubts(self) -> bool:
        """Whether anything is suspected that must not be learnt as the usual view."""
        return any(state.last_wrong is not None for trick, state in self.suspicions.items()
                   if trick is not Trick.WRONG_CLOCK)  # fmt: skip

    def _settle(self, suspect: dict[Trick, Evidence | None]) -> list[CameraFinding]:
        for trick in Trick:
            evidence = suspect.get(trick)
            state = self.suspicions.get(trick, Suspicion())
            self.suspicions[trick] = state.after(self.now, self._patience(trick), looks_wrong=evidence is not None)
            if evidence is not None:
                self.evidence[trick] = evidence
        return self._holding()

    def _holding(self) -> list[CameraFinding]:
        held = [(trick, state) for trick, state in self.suspicions.items() if state.holds and state.since]
        return [CameraFinding(trick, state.since or self.now, self.evidence[trick]) for trick, state in held]

    def _patience(self, trick: Trick) -> Patience:
        usual = PATIENCE[trick]
        if trick is not Trick.FROZEN:
            return usual
        return replace(usual, rise_s=usual.rise_s + self.habits.longest_still_s)
