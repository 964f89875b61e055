"""Everything that may die dies while 17,000 tags publish, and then the ledger must show nothing lost or doubled.

Gateways, broker, ingest and database are the real programs; docs/reference/chaos.md says what is done to them.
Progress goes to standard error, and with --json one object to standard output.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import structlog

from bench.havoc import traces
from bench.havoc.flock import SLOT, Flock, Herd
from bench.havoc.havoc import Havoc
from bench.havoc.plan import Deed, kills_wanted, plan
from bench.havoc.receipts import Receipts
from bench.havoc.yard import Size, Yard
from collateral.ops import clock
from collateral.store import pool, readings, timescale
from collateral.store.readings import Ledger
from firmware_sim.link import Link
from stack.errors import StackError
from stack.folders import run_folder
from stack.ports import LOOPBACK
from stack.processes import Stopped, stopping_on_signals

TURN_S = 0.05
STATUS_S = 10.0
LATE_S = 120.0
"""How much longer than asked for the acts may take on a busy machine; the flock reports all the while."""
NOT_WELL, CANNOT_RUN, INTERRUPTED = 1, 2, 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one run did and what became of the readings. `felt`: what the programs themselves say befell them."""

    published: int
    stored: int
    lost: int
    duplicates: int
    surplus: int
    kills: int
    kills_by: dict[str, int]
    cuts: int
    stalls: int
    acts: dict[str, int]
    felt: dict[str, int]
    minutes: float
    tags: int
    gateways: int
    ingesters: int
    workers: int
    reader: str
    heard_twice: int
    receipts: int
    unsent: int
    seconds_to_settle: float
    seed: int
    broker: str
    database: str

    @property
    def good(self) -> bool:
        """Whether nothing was lost, doubled or left over, and enough was killed to say so."""
        whole = self.lost == self.duplicates == self.surplus == self.unsent == 0 and self.published > 0
        return whole and self.kills >= kills_wanted(self.minutes)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chaos; 0 when all is well, 1 when not, 2 when it could not run, 130 when interrupted."""
    options = _parser().parse_args(arguments)
    folder, status = run_folder("chaos"), INTERRUPTED
    try:
        with stopping_on_signals(), _own_log(folder / "chaos.log"):
            status = _report(run(options, folder), as_json=options.json)
    except (StackError, pool.DatabaseUnavailable) as error:
        say(f"bench.chaos: {error}")
        status = CANNOT_RUN
    except Stopped:
        pass
    finally:
        _leave(folder, keep=options.keep or status == NOT_WELL)
    return status


def _leave(folder: Path, *, keep: bool) -> None:
    """Remove what the run left, unless somebody has to find out what went wrong."""
    if keep:
        say(f"logs, spools and database: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)


def run(options: argparse.Namespace, folder: Path) -> Result:
    """One run in `folder`. Raises StackError when a server cannot be had."""
    size = Size(options.gateways, options.ingesters, options.workers)
    with Yard(folder, size, options.database, say) as yard, ExitStack() as opened:
        receipts = opened.enter_context(Receipts(yard.broker.server))
        links = [_link(opened, gateway.program.name, gateway.door) for gateway in yard.gateways]
        slots = max(1, round(options.every / SLOT.total_seconds()))
        flock = Flock(Herd(options.tags, slots, clock.now()), links)
        havoc = Havoc(yard, plan(options.seed, options.minutes), say)
        flock.start()
        opened.callback(flock.stop)
        began = time.monotonic()
        _live_through(havoc, yard, flock, began, options.minutes * 60)
        settled_s = _settle(havoc, yard, flock, began, options.settle)
        return _judge(options, yard, flock, havoc, receipts.heard, settled_s)


def _live_through(havoc: Havoc, yard: Yard, flock: Flock, began: float, seconds: float) -> None:
    """Until every act has been done and the time is up."""
    told_s = 0.0
    while (now_s := time.monotonic() - began) < seconds or not havoc.over:
        if now_s > seconds + LATE_S:
            raise StackError(f"the plan was not carried out in {now_s:.0f} s: this machine is too busy")
        havoc.turn(now_s)
        if now_s - told_s >= STATUS_S:
            told_s = now_s
            say(f"{now_s:6.1f} s  {flock.reported} readings reported; {_backlog(yard, flock)}")
        time.sleep(TURN_S)


def _settle(havoc: Havoc, yard: Yard, flock: Flock, began: float, patience_s: float) -> float:
    """Mend all and wait until every gateway has kept and delivered everything; the seconds that took."""
    flock.stop()
    havoc.end(time.monotonic() - began)
    ended = told = time.monotonic()
    say(f"the chaos ends; {flock.reported} readings were reported")
    while time.monotonic() - ended < patience_s and not (flock.all_kept and yard.unsent() == 0):
        havoc.turn(time.monotonic() - began)
        if time.monotonic() - told >= STATUS_S:
            told = time.monotonic()
            say(f"settling: {_backlog(yard, flock)}")
        time.sleep(TURN_S)
    return time.monotonic() - ended


def _backlog(yard: Yard, flock: Flock) -> str:
    each = ["away" if unsent is None else str(unsent) for unsent in (gateway.unsent() for gateway in yard.gateways)]
    return f"messages not yet kept: {flock.pending}, unsent in the spools: {', '.join(each)}"


def _judge(
    options: argparse.Namespace, yard: Yard, flock: Flock, havoc: Havoc, receipts: int, settled_s: float
) -> Result:
    unsent = yard.unsent()
    with pool.connect(yard.dsn) as connection:
        ledger: Ledger = readings.compare_published(connection, flock.herd.published(flock.slots))
        edition = str(timescale.edition(connection))
    kills = {deed.value.removeprefix("kill "): havoc.done[deed] for deed in Deed if deed.value.startswith("kill")}
    return Result(
        **asdict(ledger),
        kills=sum(kills.values()),
        kills_by=kills,
        cuts=sum(count for deed, count in havoc.done.items() if deed.value.startswith(("cut", "silence"))),
        stalls=sum(count for deed, count in havoc.done.items() if deed.value.startswith(("freeze", "slow", "full"))),
        acts={deed.value: havoc.done[deed] for deed in Deed},
        felt=traces.read(yard),
        minutes=options.minutes,
        tags=options.tags,
        gateways=options.gateways,
        ingesters=options.ingesters,
        workers=options.workers,
        reader=os.environ.get("HERDLIEN_INGEST_READER", "paho"),
        heard_twice=flock.heard_twice,
        receipts=receipts,
        unsent=-1 if unsent is None else unsent + flock.pending,
        seconds_to_settle=round(settled_s, 1),
        seed=options.seed,
        broker=yard.broker.server.version,
        database=edition,
    )


def _report(result: Result, *, as_json: bool) -> int:
    for name, value in asdict(result).items():
        say(f"{name:20} {value}")
    if as_json:
        print(json.dumps(asdict(result)))
    return 0 if result.good else NOT_WELL


def _link(opened: ExitStack, name: str, door: int) -> Link:
    link = Link(name, LOOPBACK, door)
    link.start()
    opened.callback(link.close)
    return link


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0, help="how long things break (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other accidents (default %(default)s)")
    parser.add_argument("--tags", type=int, default=17_000)
    parser.add_argument("--every", type=float, default=10.0, help="wall seconds between two readings of a tag")
    parser.add_argument("--gateways", type=int, default=5)
    parser.add_argument("--ingesters", type=int, default=1, help="ingesters beside one another")
    parser.add_argument(
        "--workers",
        type=int,
        default=2,
        help="processes of each ingester; all of them share the messages, single ones get every message",
    )
    parser.add_argument("--database", default="auto", choices=["auto", "plain", "timescale"])
    parser.add_argument("--settle", type=float, default=240.0, help="most seconds to wait after the last accident")
    parser.add_argument("--keep", action="store_true", help="keep logs, spools and database also when all is well")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    return parser


@contextmanager
def _own_log(path: Path) -> Iterator[None]:
    """What the links say about gateways that went away belongs in a file, not between the lines of progress."""
    with path.open("a", encoding="utf-8") as log:
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(log))
        try:
            yield
        finally:
            structlog.reset_defaults()


def say(line: str) -> None:
    """One line of progress."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
