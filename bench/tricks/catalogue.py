"""Every kind of clip, what should be found in it, and what should not."""

from __future__ import annotations

from bench.tricks import optics, tampering
from bench.tricks.optics import Kind
from bench.tricks.tampering import Disguise
from vision.camera.finding import Trick

BLIND = frozenset({Trick.COVERED, Trick.PARTLY_COVERED, Trick.DARK})
SOFT = frozenset({Trick.DEFOCUSED, Trick.BLURRED, Trick.COVERED})
TURNED = frozenset({Trick.MOVED, Trick.TURNED_AWAY})
STILL = frozenset({Trick.FROZEN})
AGAIN = frozenset({Trick.REPLAYED, Trick.FROZEN})
CLOCK = frozenset({Trick.WRONG_CLOCK})

COVERS: dict[str, Kind] = {
    "cover: cloth": optics.cloth,
    "cover: hand": optics.hand,
    "cover: spray": optics.spray,
    "cover: part": optics.part,
    "cover: cap, dark": optics.capped,
}
FOCUS: dict[str, Kind] = {
    **{f"defocus: {pixels} px": optics.defocus(pixels) for pixels in (1, 2, 3, 5, 8)},
    "defocus: disc 3 px": optics.defocus(3, disc=True),
}
TURNS: dict[str, Kind] = {f"turn: {pixels} px": optics.shift(pixels) for pixels in (4, 8, 20, 60)}
FREEZES: dict[str, Disguise] = {
    "freeze: exact": tampering.plain,
    "freeze: JPEG 60": tampering.re_encoded(60),
    "freeze: video": tampering.as_video,
    "freeze: noise 2": tampering.noisy(2),
    "freeze: noise 4": tampering.noisy(4),
}
LOOPS: dict[str, Disguise] = {
    "loop: exact": tampering.plain,
    "loop: JPEG 60": tampering.re_encoded(60),
    "loop: noise 2": tampering.noisy(2),
    "loop: crop 1 %": tampering.cropped(0.01),
}
REPLAYS: dict[str, Disguise] = {
    "replay: exact": tampering.plain,
    "replay: JPEG 60": tampering.re_encoded(60),
    "replay: JPEG 30": tampering.re_encoded(30),
    "replay: video": tampering.as_video,
    "replay: noise 4": tampering.noisy(4),
    "replay: gamma .8": tampering.gamma(0.8),
    "replay: crop 1 %": tampering.cropped(0.01),
    "replay: crop 2 %": tampering.cropped(0.02),
    "replay: crop 4 %": tampering.cropped(0.04),
    "replay: 10 % faster": tampering.stretched(1.1),
    "replay: 10 % slower, blended": tampering.blended(0.9),
}
HONEST: dict[str, Kind] = {
    "honest: nightfall, infrared": optics.infrared,
    "honest: exposure step": optics.exposure,
    "honest: lamp on": optics.lights,
    "honest: mast sways": optics.wind,
    "honest: rain": optics.rain,
    "honest: animal before the lens": optics.animal_in_front,
}
CLOCKS: dict[str, float] = {"clock: an hour ahead": 3600.0, "clock: an hour back": -3600.0}
