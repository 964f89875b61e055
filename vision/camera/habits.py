"""What one camera is like, and how patient each check is with it."""

from __future__ import annotations

from dataclasses import dataclass

from vision.camera.finding import Trick
from vision.camera.suspicion import Patience

PATIENCE = {
    Trick.DARK: Patience(3.0),
    Trick.COVERED: Patience(3.0),
    Trick.PARTLY_COVERED: Patience(3.5),
    Trick.FROZEN: Patience(2.0, slack_s=1.2),
    Trick.REPLAYED: Patience(0.0, 1, hold_s=30.0, hold_pictures=3),
    Trick.TURNED_AWAY: Patience(3.5),
    Trick.MOVED: Patience(3.0),
    Trick.BLURRED: Patience(3.0),
    Trick.DEFOCUSED: Patience(3.0),
    Trick.WRONG_CLOCK: Patience(0.0, 1),
}
WAVING = Patience(60.0, slack_s=5.0)  # what moves before the lens is an animal, until it has stood there so long


@dataclass(frozen=True, slots=True)
class Habits:
    """fixed: it hangs still and never turns; a drone or a hand-held camera does, and is not judged by its view.

    memory: how many pictures' noise is kept, 2 KiB each; at video cadence one every `keep_every_s` seconds, so 4,096
    of them reach two hours and a quarter back; stills are all kept.
    longest_still_s: some encoders send no change at all for so long, with people and animals asleep; a picture that
    stands still is said to be frozen after this and three seconds more.
    """

    fixed: bool = True
    memory: int = 4096
    keep_every_s: float = 2.0
    longest_still_s: float = 0.0
