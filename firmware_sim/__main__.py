"""python -m firmware_sim enrol | play"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from collateral.contract import enrolment as contract
from collateral.contract.enrolment import Enrolment
from collateral.model.moment import aware
from collateral.ops import clock, logs, shutdown
from firmware_sim import pilot, scenario
from firmware_sim.camera import Lens, NoPictures, RealLens, RenderedLens, real_pictures
from firmware_sim.enrol import enrol, summary
from firmware_sim.events import silent_tags
from firmware_sim.link import Link
from firmware_sim.papers import papers
from firmware_sim.play import Plan, Play, begin_of
from firmware_sim.scenario import NoSuchScenario, Scenario
from firmware_sim.truth import Truth
from firmware_sim.world import World

NEVER = "never"


class BadRequest(ValueError):
    """The command line asks for something that cannot be; the message says what to write instead."""


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m firmware_sim", description="A herd in a box, with ground truth.")
    parser.set_defaults(verbose=False)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("enrol", help="write the enrolment of the pilot")
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--out", type=Path, required=True, help="enrolment file to write")
    one.add_argument("--now", type=_moment, help="ISO 8601 with a zone; default: now by the shared clock")
    one.add_argument("--password", default="herdlien-demo", help="everybody's password (default %(default)s)")
    one.add_argument("--papers", type=Path, help="folder for sheets of prices, insurance, filings and core banking")
    one.add_argument("--summary", action="store_true", help="print what was enrolled")
    two = commands.add_parser("play", help="be the herd: hand tag uplinks and pictures to the gateways")
    two.add_argument("--seed", type=int, default=1)
    two.add_argument("--enrolment", "--pilot", type=Path, required=True, help="enrolment file")
    two.add_argument(
        "--gateways", type=_doors, required=True, help="gateway=port or gateway=host:port, comma-separated"
    )
    two.add_argument("--truth", type=Path, required=True, help="folder for the ground truth")
    two.add_argument("--history-days", type=float, default=14.0)
    two.add_argument("--history-frames-days", type=int, default=3, help="days back with a picture per camera")
    two.add_argument("--scenario", default="quiet_night")
    two.add_argument("--now", type=_moment, help="where history ends; default: now by the shared clock")
    two.add_argument("--until", default="", help="event time at which to end: ISO 8601, or 'never'")
    two.add_argument("--frames", type=Path, help="send the real pictures in this folder instead of drawn ones")
    return parser.parse_args(given)


def enrol_command(given: argparse.Namespace) -> int:
    """Write the enrolment file."""
    plan, now = pilot.read(), given.now or clock.now()
    made = enrol(plan, given.seed, now, given.password)
    given.out.write_bytes(contract.write(made))
    if given.papers:
        given.papers.mkdir(parents=True, exist_ok=True)
        for kind, sheet in papers(plan, made, given.seed, now).items():
            (given.papers / f"{kind}.csv").write_text(sheet, encoding="utf-8")
    if given.summary:
        print("\n".join(summary(made)))
    return 0


def play_command(given: argparse.Namespace, stop: threading.Event) -> int:
    """Play until the end, or until stopped."""
    enrolment = contract.read(given.enrolment.read_bytes())
    story, live = scenario.read(given.scenario), given.now or clock.now()
    missing = {g.gateway_id for g in enrolment.gateways} - given.gateways.keys()
    if missing:
        raise BadRequest(f"--gateways: where are {', '.join(sorted(missing))}? Write each as gateway=port")
    begin = begin_of(live, given.history_days)
    world = World(enrolment, given.seed, begin, live, story)
    plan = Plan(begin=begin, live=live, until=_until(given.until, story, world, live),
                picture_days=given.history_frames_days)  # fmt: skip
    with ExitStack() as stack:
        truth = stack.enter_context(Truth(given.truth))
        links = {name: Link(name, *door) for name, door in given.gateways.items()}
        for link in links.values():
            link.start()
            stack.callback(link.close)
        _describe(truth, given, world, plan)
        Play(world, enrolment, links, _lens(given, world, enrolment), truth, plan, clock.shared(), stop).run()
    return 0


def main() -> int:
    """0 when done or stopped, 2 when it cannot begin."""
    given = arguments()
    logs.start("firmware_sim")
    try:
        if given.command == "enrol":
            return enrol_command(given)
        return play_command(given, shutdown.on_signals())
    except (BadRequest, NoSuchScenario, NoPictures, OSError, msgspec.MsgspecError) as error:
        print(f"firmware_sim: {error}", file=sys.stderr)
        return 2


def _lens(given: argparse.Namespace, world: World, enrolment: Enrolment) -> Lens:
    if given.frames is None:
        return RenderedLens(world)
    for camera in enrolment.cameras:
        real_pictures(given.frames, world.herd.pen_named(camera.pen_id).species)
    return RealLens(given.frames, world)


def _describe(truth: Truth, given: argparse.Namespace, world: World, plan: Plan) -> None:
    truth.world(
        seed=given.seed, scenario=given.scenario, tags=world.herd.tagged, animals=len(world.herd.animals),
        gateways=len(world.herd.gateways), history_from=plan.begin.isoformat(), live_from=plan.live.isoformat(),
        until=plan.until.isoformat() if plan.until else None, silent_tags=silent_tags(world),
        stolen_tags=sorted(world.herd.tags[row] for row in world.removal.departs_s) if world.removal else [],
    )  # fmt: skip


def _until(text: str, story: Scenario, world: World, live: datetime) -> datetime | None:
    """When the play ends: as asked, else as the scenario says."""
    if text == NEVER:
        return None
    if text:
        return _moment(text)
    after = live
    if world.removal is not None:
        after = max(live, live + timedelta(seconds=world.removal.ends_s - live.timestamp()))
    return scenario.next_at(story.until, after, world.herd.farms[0].zone)


def _moment(text: str) -> datetime:
    return aware(datetime.fromisoformat(text))


def _doors(text: str) -> dict[str, tuple[str, int]]:
    """gw-1=7001,gw-2=host:7002"""
    doors = {}
    for part in text.split(","):
        gateway, _, address = part.partition("=")
        host, _, port = address.rpartition(":")
        doors[gateway] = (host or "127.0.0.1", int(port))
    return doors


if __name__ == "__main__":
    sys.exit(main())
