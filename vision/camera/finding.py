"""What can be wrong with a camera, and one such finding with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Trick(StrEnum):
    """What a camera is suspected of; the order says which one names an unknown count when several hold."""

    DARK = "dark"
    COVERED = "covered"
    PARTLY_COVERED = "partly_covered"
    FROZEN = "frozen"
    REPLAYED = "replayed"
    TURNED_AWAY = "turned_away"
    MOVED = "moved"
    BLURRED = "blurred"
    DEFOCUSED = "defocused"
    WRONG_CLOCK = "wrong_clock"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One measurement: what it was, what this camera usually shows, and where the line runs. Units in `measure`."""

    measure: str
    measured: float
    expected: float
    threshold: float


@dataclass(frozen=True, slots=True)
class CameraFinding:
    """A suspicion that holds. `since`: the first picture that showed it, before it was sure enough to be said."""

    kind: Trick
    since: datetime
    evidence: Evidence

    def sentence(self, language: str = "en") -> str:
        """For people, in "en" or "zh"; KeyError for another language."""
        return SENTENCES[language][self.kind].format(since=f"{self.since:%Y-%m-%d %H:%M:%S}", e=self.evidence)

    def as_row(self) -> dict[str, object]:
        """Plain values for JSON."""
        e = self.evidence
        return {
            "kind": self.kind.value,
            "since": self.since.isoformat(),
            "measure": e.measure,
            "measured": round(e.measured, 3),
            "expected": round(e.expected, 3),
            "threshold": round(e.threshold, 3),
            "sentence": self.sentence(),
        }


SENTENCES: dict[str, dict[Trick, str]] = {
    "en": {
        Trick.DARK: "Since {since} nothing reflects light: check the infrared lamp and whether the lens is capped.",
        Trick.COVERED: "Since {since} the picture has no edges: the lens is covered, fogged or sprayed. Clean it.",
        Trick.PARTLY_COVERED: "Since {since} {e.measured:.0%} of the view has lost its structure and does not move: "
        "something hangs before the lens.",
        Trick.FROZEN: "Since {since} the picture stands still, its noise included: a camera that looks is never "
        "that still. Restart it, and ask who can reach its cable.",
        Trick.REPLAYED: "Since {since} the noise of {e.measured:.0f} pictures repeats earlier pictures: a recording "
        "is being played. Send somebody to count.",
        Trick.TURNED_AWAY: "Since {since} the camera shows another place than the one it is known for.",
        Trick.MOVED: "Since {since} the view is shifted by {e.measured:.0f} pixels: the camera was knocked or turned. "
        "Set it back, or calibrate it anew.",
        Trick.BLURRED: "Since {since} edges are smeared in one direction ({e.measured:.0%} of the usual sharpness "
        "left): the camera shakes, or the lens is smeared.",
        Trick.DEFOCUSED: "Since {since} only {e.measured:.0%} of the usual sharpness is left: the focus was turned, "
        "or the lens is wet or dirty.",
        Trick.WRONG_CLOCK: "Since {since} the camera's time cannot be right ({e.measure}: {e.measured:.0f} s): "
        "its pictures prove nothing about when.",
    },
    "zh": {
        Trick.DARK: "自 {since} 起画面无反光:请检查红外灯以及镜头盖。",
        Trick.COVERED: "自 {since} 起画面没有任何边缘:镜头被遮挡、起雾或被喷涂,请清洁。",
        Trick.PARTLY_COVERED: "自 {since} 起 {e.measured:.0%} 的视野失去结构且静止:镜头前有遮挡物。",
        Trick.FROZEN: "自 {since} 起画面连同噪声完全静止:正常工作的摄像头不会如此。请重启,并查清谁能接触线缆。",
        Trick.REPLAYED: "自 {since} 起有 {e.measured:.0f} 帧的噪声与以前的画面相同:正在播放录像。请派人现场清点。",
        Trick.TURNED_AWAY: "自 {since} 起画面不是该摄像头原来的场景。",
        Trick.MOVED: "自 {since} 起视野偏移 {e.measured:.0f} 像素:摄像头被碰动或转动。请复位或重新标定。",
        Trick.BLURRED: "自 {since} 起边缘沿一个方向模糊(清晰度剩 {e.measured:.0%}):摄像头抖动或镜头被抹脏。",
        Trick.DEFOCUSED: "自 {since} 起清晰度只剩平时的 {e.measured:.0%}:焦距被动过,或镜头潮湿、脏污。",
        Trick.WRONG_CLOCK: "自 {since} 起摄像头时间不可信({e.measure}:{e.measured:.0f} 秒):其画面不能证明时间。",
    },
}
