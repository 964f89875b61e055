"""Does to the yard what the plan says, undoes it in time, and keeps count."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import LiteralString, TypeVar

from bench.havoc.cuttable import Cuttable
from bench.havoc.plan import Act, Deed
from bench.havoc.unit import Unit
from bench.havoc.yard import Yard
from collateral.store import pool

T = TypeVar("T")
Work = Callable[[float], None]
"""Done or undone at a moment, in seconds of the run."""

AGAIN_S = 0.5
REJOIN_S, WIDEN_S = 6.0, 1.0
"""A broker with a tiny queue runs so long before ingest is frozen and after it is let go."""
_SLOW: tuple[LiteralString, ...] = ("ALTER SYSTEM SET commit_delay = 100000", "ALTER SYSTEM SET commit_siblings = 0")
_FAST: tuple[LiteralString, ...] = ("ALTER SYSTEM RESET commit_delay", "ALTER SYSTEM RESET commit_siblings")


class NotNow(Exception):
    """The victim is away or frozen: the deed is done a little later."""


class Havoc:
    """One run of a plan. Seconds count from the run's beginning."""

    def __init__(self, yard: Yard, acts: Sequence[Act], say: Callable[[str], None]) -> None:
        self._yard, self._say = yard, say
        self._order = itertools.count()
        self._due: list[tuple[float, int, Work]] = []
        self.done: Counter[Deed] = Counter()
        for act in acts:
            self._later(act.at_s, partial(self._do, act))
        self._left = len(acts)

    @property
    def over(self) -> bool:
        """Whether every act of the plan has been done."""
        return self._left == 0

    def turn(self, now_s: float) -> None:
        """Do and undo what is due, and start again what should run."""
        while self._due and self._due[0][0] <= now_s:
            _, _, work = heapq.heappop(self._due)
            try:
                work(now_s)
            except NotNow:
                self._later(now_s + AGAIN_S, work)
        self._yard.keep(now_s)

    def end(self, now_s: float) -> None:
        """Undo at once whatever still lasts: what the plan has left are remedies."""
        remedies, self._due = sorted(self._due), []
        for _, _, work in remedies:
            self._later(now_s, work)
        self.turn(now_s)

    # -- deeds ----------------------------------------------------------------------------------------------

    def _do(self, act: Act, now_s: float) -> None:
        victim = self._befall(act, now_s)
        self.done[act.deed] += 1
        self._left -= 1
        self._say(f"{now_s:6.1f} s  {act.deed.value}: {victim}, {act.lasts_s:.1f} s")

    def _befall(self, act: Act, now_s: float) -> str:
        match act.deed:
            case Deed.KILL_INGEST:
                return self._kill_ingest(act, now_s)
            case Deed.KILL_GATEWAY | Deed.KILL_BROKER | Deed.KILL_DATABASE:
                return self._kill(act, now_s)
            case Deed.CUT_GATEWAY | Deed.CUT_INGEST | Deed.CUT_DATABASE | Deed.FULL_SPOOL:
                return self._cut(act, now_s)
            case Deed.SILENCE_GATEWAY | Deed.SILENCE_INGEST | Deed.SILENCE_DATABASE:
                return self._silence(act, now_s)
            case Deed.FREEZE_INGEST | Deed.FREEZE_DATABASE:
                return self._freeze(self._victim(act), act, now_s)
            case Deed.SLOW_DISK:
                return self._slow(act, now_s)
            case Deed.FULL_QUEUE:
                return self._fill_queue(act, now_s)

    def _kill(self, act: Act, now_s: float) -> str:
        unit = self._victim(act)
        unit.kill()
        unit.back_at_s = now_s + act.lasts_s
        return unit.name

    def _kill_ingest(self, act: Act, now_s: float) -> str:
        """The parent of all workers, with them or without, or one worker alone, which its parent must replace."""
        unit = self._victim(act)
        # `which` has chosen the ingester already; what is left of it chooses among its processes.
        member = _pick(unit.members, act.which * len(self._yard.ingesters) % 1)
        leads = unit.child is not None and member.pid == unit.child.pid
        if leads and (act.hard or len(unit.members) == 1):
            return self._kill(act, now_s)
        unit.kill_alone(member)
        unit.back_at_s = now_s + act.lasts_s
        return f"{unit.name}, {'the parent' if leads else 'a worker'} alone"

    def _cut(self, act: Act, now_s: float) -> str:
        name, line = self._line(act)
        line.cut()
        self._later(now_s + act.lasts_s, lambda _: line.mend())
        return name

    def _silence(self, act: Act, now_s: float) -> str:
        name, line = self._line(act)
        line.silence()
        self._later(now_s + act.lasts_s, lambda _: self._speak(line, hard=act.hard))
        return f"{name}, then {'cut' if act.hard else 'as before'}"

    def _speak(self, line: Cuttable, *, hard: bool) -> None:
        if hard:
            line.cut()
        line.mend()

    def _freeze(self, unit: Unit, act: Act, now_s: float) -> str:
        unit.freeze()
        self._later(now_s + act.lasts_s, lambda _: unit.thaw())
        return unit.name

    def _slow(self, act: Act, now_s: float) -> str:
        self._set_disk(_SLOW)
        self._later(now_s + act.lasts_s, lambda _: self._set_disk(_FAST))
        return "a commit takes 0.1 s more"

    def _fill_queue(self, act: Act, now_s: float) -> str:
        """Ingest must be back at the narrow broker before it falls away, or nothing would be queued for it."""
        broker = self._yard.broker
        if broker.frozen or not broker.running or broker.server.narrow:
            raise NotNow
        broker.restart(narrow=True)
        self._later(now_s + REJOIN_S, partial(self._stop_reading, act))
        self._later(now_s + REJOIN_S + act.lasts_s + WIDEN_S, lambda _: broker.restart(narrow=False))
        return "ten messages at the broker, then ingest frozen and cut off"

    def _stop_reading(self, act: Act, now_s: float) -> None:
        """An MQTT 5 client says itself how much it may be sent, so a frozen one must lose its connection too."""
        if self.over:
            return
        for unit in self._yard.ingesters:
            if unit.running and not unit.frozen:
                self._freeze(unit, act, now_s)
        self._yard.from_ingest.cut()
        self._later(now_s + act.lasts_s, lambda _: self._yard.from_ingest.mend())

    # -- victims --------------------------------------------------------------------------------------------

    def _victim(self, act: Act) -> Unit:
        unit = _pick(self._candidates(act.deed), act.which)
        if not unit.running or unit.frozen:
            raise NotNow
        return unit

    def _candidates(self, deed: Deed) -> Sequence[Unit]:
        match deed:
            case Deed.KILL_INGEST | Deed.FREEZE_INGEST:
                return self._yard.ingesters
            case Deed.KILL_GATEWAY:
                return [gateway.program for gateway in self._yard.gateways]
            case Deed.KILL_BROKER:
                return [self._yard.broker]
            case _:
                return [self._yard.database]

    def _line(self, act: Act) -> tuple[str, Cuttable]:
        match act.deed:
            case Deed.CUT_GATEWAY | Deed.SILENCE_GATEWAY:
                gateway = _pick(self._yard.gateways, act.which)
                return f"{gateway.program.name} to broker", gateway.line
            case Deed.FULL_SPOOL:
                gateway = self._yard.gateways[0]  # the one with a small spool
                return f"{gateway.program.name} to broker", gateway.line
            case Deed.CUT_INGEST | Deed.SILENCE_INGEST:
                return "ingest to broker", self._yard.from_ingest
            case _:
                return "ingest to database", self._yard.to_database

    def _set_disk(self, statements: Sequence[LiteralString]) -> None:
        database = self._yard.database
        if database.frozen or not database.running:
            raise NotNow
        try:
            with pool.connect(self._yard.dsn) as connection:
                for statement in (*statements, "SELECT pg_reload_conf()"):
                    connection.execute(statement)
        except (pool.DatabaseUnavailable, pool.ConnectionLost) as error:
            raise NotNow from error

    def _later(self, at_s: float, work: Work) -> None:
        heapq.heappush(self._due, (at_s, next(self._order), work))


def _pick(among: Sequence[T], which: float) -> T:
    return among[int(which * len(among))]
