"""Count sessions that are lied to, and supervisors who do not walk: what people put on record against what is so."""

from __future__ import annotations

from bench.evaluation.air import HOUR_S
from bench.evaluation.estate import LAT, LON, drawn_head, estate
from bench.evaluation.plays.calendar import night
from bench.evaluation.plays.removal import aftermath
from bench.evaluation.stage import Play, every, play
from bench.evaluation.world import DAY_S, Known, World, moment, world
from collateral.facts.events import Patrol
from collateral.model.finding import Severity
from collateral.model.ids import TagId
from collateral.model.inspection import InspectionResult
from collateral.model.place import Position

OPENS_S = 9 * HOUR_S
LASTS_S = 2 * HOUR_S


def foreign_cattle(seed: int) -> Play:
    """Thirty head were sold; for the inspection others' cattle stand in, some with tags of their own (R5)."""
    name = "foreign_cattle"
    made, closes = _farm(name, seed)
    farm = made.estate
    pen = int(farm.camera_pen[0])
    rows = farm.herd.pens[pen].rows[:30].tolist()
    made.gone_s[rows] = made.live_s + HOUR_S
    for row in rows:
        made.silence(row, made.live_s)
    made.strangers.append((pen, 30, made.live_s + OPENS_S, closes + HOUR_S))
    own = [r for r in range(farm.head) if farm.loan[r] == farm.loan[rows[0]]]
    _session(
        made, own, closes, gross=len(own), unique=len(own) - 30 + 18,
        foreign=tuple(TagId(f"{(1 << 40) + n:016x}") for n in range(18)), untagged=12, absent=rows,
        counted=((farm.pens[pen].pen_id, len(farm.herd.pens[pen].rows)),), passed=False,
    )  # fmt: skip
    made.script.add(
        what=name, rules=("R5",), since_s=closes, until_s=made.ends_s, decisive_s=closes + 60,
        severity=Severity.RED, within_s=900.0, place=made.loan_of(rows[0]), red=True,
    )  # fmt: skip
    aftermath(made, made.live_s, ("R2", "R3", "R26", "R8", "R25", "R5", "R6"))
    return play(name, made, every(made.live_s + OPENS_S - HOUR_S, closes + 2 * HOUR_S, 600))


def counted_twice(seed: int) -> Play:
    """Pen A (120 head) is walked to pen B while the session runs: 240 counted, 121 tags (A6)."""
    name = "counted_twice"
    made, closes = _farm(name, seed)
    own = [r for r in range(made.estate.head) if made.estate.loan[r] == 0]
    _session(
        made, own, closes, gross=240, unique=121, duplicates=119, absent=own[121:],
        passed=False,
    )  # fmt: skip
    made.script.add(
        what=name, rules=("R6",), since_s=closes, until_s=made.ends_s, decisive_s=closes + 60,
        severity=Severity.ORANGE, within_s=900.0, place=made.estate.loans[0],
    )  # fmt: skip
    aftermath(made, closes, ("R6", "R3"))
    return play(name, made, every(made.live_s + OPENS_S - HOUR_S, closes + 2 * HOUR_S, 600))


def honest_inspection(seed: int) -> Play:
    """Every animal is read once, two have lost their tags: nothing to say."""
    name = "honest_inspection"
    made, closes = _farm(name, seed)
    own = [r for r in range(made.estate.head) if made.estate.loan[r] == 0]
    _session(made, own, closes, gross=len(own), unique=len(own) - 2, untagged=2, absent=own[:2], passed=True)
    made.script.hush(what=name, rules=("R5", "R6", "R3", "R25"), since_s=0.0, until_s=made.ends_s,
                     from_severity=Severity.YELLOW)  # fmt: skip
    return play(name, made, every(made.live_s + OPENS_S - HOUR_S, closes + 2 * HOUR_S, 600))


def lazy_supervisor(seed: int) -> Play:
    """A supervisor files one photo with two visits, and the next visit was never made (R25)."""
    name = "lazy_supervisor"
    farm = estate(seed, name, 500)
    made = world(seed, farm, night(seed, name), 12.0, eventless=True)
    for number, (day, is_done) in enumerate(((1, True), (4, True), (7, False))):
        due = made.live_s + day * DAY_S
        made.patrols.append(Known(due + HOUR_S, Patrol(
            patrol_id=f"p{number}", supervisor="s1", loan_id=farm.loans[0], due_at=moment(due),
            done_at=moment(due + HOUR_S) if is_done else None, position=Position(LAT, LON) if is_done else None,
            counted=farm.head - number if is_done else None, book=farm.head, photos=("same-photo",) if is_done else (),
        )))  # fmt: skip
    second = made.live_s + 4 * DAY_S + HOUR_S
    made.script.add(
        what=name, rules=("R25",), since_s=second, until_s=made.ends_s, decisive_s=second,
        severity=Severity.ORANGE, within_s=7 * HOUR_S, place=farm.loans[0],
    )  # fmt: skip
    return play(name, made, every(made.live_s, made.live_s + 11 * DAY_S, 6 * HOUR_S))


def _farm(name: str, seed: int) -> tuple[World, float]:
    farm = estate(seed, name, drawn_head(seed, name))
    made = world(seed, farm, night(seed, name), 0.7, eventless=True)
    return made, made.live_s + OPENS_S + LASTS_S


def _session(
    made: World, own: list[int], closes: float, *, gross: int, unique: int, duplicates: int = 0,
    foreign: tuple[TagId, ...] = (), untagged: int = 0, absent: list[int], counted: tuple = (), passed: bool,
) -> None:  # fmt: skip
    farm = made.estate
    made.inspections.append(Known(closes + 60, InspectionResult(
        session_id=f"s-{made.seed}", loan_id=made.loan_of(own[0]), farm_id=farm.farm.farm_id,
        opened_at=moment(closes - LASTS_S), closed_at=moment(closes), gross=gross, unique_tags=unique,
        duplicates=duplicates, foreign=foreign, untagged=untagged,
        absent=tuple(farm.animal(r) for r in absent),
        pens=tuple(dict.fromkeys(farm.pens[int(farm.herd.pen[r])].pen_id for r in own)), passed=passed,
        refused_because=() if passed else ("the session proves nothing",), counted=counted,
    )))  # fmt: skip
