"""The demo without a person: plays the night, does what an officer would do, and says whether each step held."""

import csv
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from stack.api_client import ApiClient
from stack.errors import StackError
from stack.folders import REPOSITORY

RAISED_WITHIN = timedelta(minutes=5)  # acceptance story A3
SETTLE_S = 90.0


FrameKey = tuple[str, datetime]  # camera and moment of capture


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the story."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Truth:
    """What the simulator did: its folder of ground truth."""

    folder: Path

    @property
    def phase(self) -> str:
        """history, live or done."""
        return str(self._play().get("phase", ""))

    @property
    def published_file(self) -> Path:
        """The key of every reading that was handed to a gateway."""
        return self.folder / "published.csv"

    def theft(self) -> dict[str, Any]:
        """The animals, tags and loan of the theft."""
        for line in (self.folder / "events.jsonl").read_text("utf-8").splitlines():
            event: dict[str, Any] = json.loads(line)
            if event.get("event") == "theft_begins":
                return event
        raise StackError(f"no theft in {self.folder / 'events.jsonl'}: the scenario did not play it")

    def frames(self) -> dict[FrameKey, int | None]:
        """True head per camera and moment of capture; None where the picture came from elsewhere."""
        with (self.folder / "frames.csv").open(encoding="utf-8") as rows:
            return {
                _frame_key(row): int(row["true_head"]) if row["true_head"] else None for row in csv.DictReader(rows)
            }

    def _play(self) -> dict[str, Any]:
        try:
            state: dict[str, Any] = json.loads((self.folder / "play.json").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return state


def _frame_key(row: dict[str, str]) -> FrameKey:
    return row["camera"], datetime.fromisoformat(row["captured_at"])


@dataclass(slots=True)
class Report:
    """The figures of one check, as its JSON line gives them."""

    database: str
    broker: str
    steps: list[Step] = field(default_factory=list)
    published: int = 0
    stored: int = 0
    lost: int = 0
    duplicates: int = 0
    counts: int = 0
    red_cases: int = 0
    tags_named: int = 0
    delivered: int = 0

    @property
    def ok(self) -> bool:
        """Whether every step held."""
        return bool(self.steps) and all(step.ok for step in self.steps)

    def add(self, name: str, ok: bool, detail: str) -> None:  # noqa: FBT001 - reads as the sentence it is
        """Record a step and print its line."""
        self.steps.append(Step(name, ok, detail))
        print(f"{'ok  ' if ok else 'FAIL'}  {name:<13} {detail}", file=sys.stderr, flush=True)

    def line(self) -> str:
        """One JSON object."""
        return json.dumps({"ok": self.ok, **asdict(self)}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class People:
    """An officer sees one branch; risk staff of the head office see all."""

    officer: ApiClient
    risk: ApiClient


def check(report: Report, truth: Truth, people: People, environment: Mapping[str, str], deliveries: Path) -> Report:
    """Everything that must hold once the night has been played."""
    _settle(truth, people.risk)
    _published_and_stored(report, truth, environment)
    _counted(report, truth, people.risk)
    case = _alerted(report, truth, people.risk)
    _delivered(report, case, deliveries)
    _acknowledged(report, case, people.officer)
    _shown(report, case, environment)
    return report


def _settle(truth: Truth, risk: ApiClient) -> None:
    """Wait until the gateways have nothing left to send and every frame is counted."""
    until = time.monotonic() + SETTLE_S
    while time.monotonic() < until:
        unsent = sum(gateway["unsent"] for gateway in risk.get("/v1/devices")["gateways"])
        if unsent == 0 and len(_counts(risk)) >= len(truth.frames()):
            return
        time.sleep(1.0)


def _published_and_stored(report: Report, truth: Truth, environment: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "ingest.audit", str(truth.published_file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(environment), cwd=REPOSITORY)
    if done.returncode not in {0, 1}:  # 1: the ledger does not tie, and says how
        report.add("published", False, (done.stderr.strip().splitlines() or ["the audit said nothing"])[-1])
        return
    ledger = json.loads(done.stdout.splitlines()[-1])
    report.published, report.stored = ledger["published"], ledger["stored"]
    report.lost, report.duplicates = ledger["lost"], ledger["duplicates"]
    report.add("published", report.published > 0, f"{report.published} readings handed to the gateways")
    same = report.stored == report.published and not (report.lost or report.duplicates or ledger["surplus"])
    detail = f"{report.stored} rows, {report.lost} lost, {report.duplicates} twice, {report.database}"
    report.add("stored", same, detail)


def _counts(risk: ApiClient) -> list[dict[str, Any]]:
    cameras = [camera["camera_id"] for camera in risk.get("/v1/devices")["cameras"]]
    return [count for camera in cameras for count in risk.get(f"/v1/counts?camera_id={camera}&limit=500")]


def _counted(report: Report, truth: Truth, risk: ApiClient) -> None:
    frames = truth.frames()
    seen = {(c["camera_id"], datetime.fromisoformat(c["captured_at"])): c["count"]["best"] for c in _counts(risk)}
    report.counts = len(seen)
    errors = [
        abs(best - true) for key, best in seen.items() if best is not None and (true := frames.get(key)) is not None
    ]
    unknown = sum(best is None for best in seen.values())
    error = f"mean error {sum(errors) / len(errors):.1f} head" if errors else "truth not known"
    detail = f"{len(seen)} of {len(frames)} frames, {error}, {unknown} unknown"
    report.add("counted", bool(seen) and set(seen) == set(frames), detail)


def _alerted(report: Report, truth: Truth, risk: ApiClient) -> dict[str, Any] | None:
    stolen = truth.theft()
    reds = risk.get("/v1/alerts?severity=red&limit=100")
    report.red_cases = len(reds)
    if not reds:
        report.add("alerted", False, "no red case")
        return None
    case: dict[str, Any] = risk.get(f"/v1/alerts/{reds[0]['case_id']}")
    named = {animal["tag_id"] for animal in case["animals"]}
    report.tags_named = len(named)
    summary = case["summary"]
    delay = _raised_at(case) - _second_witness(case)
    before, after = summary["coverage_before"], summary["coverage_after"]
    held = (
        len(reds) == 1
        and named == set(stolen["tags"])
        and summary["loan_id"] == stolen["loan"]
        and timedelta(0) <= delay <= RAISED_WITHIN
        and before is not None
        and after < before
    )
    detail = (
        f"{len(reds)} red case, {len(named)} of {len(stolen['tags'])} tags named, loan {summary['loan_id']}, "
        f"{delay.total_seconds():.0f} s after the second witness, coverage {before or 0:.1%} -> {after or 0:.1%}"
    )
    report.add("alerted", held, detail)
    return case


def _raised_at(case: dict[str, Any]) -> datetime:
    """When the case became red: on opening, or when it was made graver."""
    moments = {event["event"]: datetime.fromisoformat(event["at"]) for event in reversed(case["events"])}
    return moments.get("graver", datetime.fromisoformat(case["summary"]["opened_at"]))


def _second_witness(case: dict[str, Any]) -> datetime:
    """When each kind of witness had first said enough; the later of the first two."""
    first: dict[str, datetime] = {}
    for testimony in case["testimonies"]:
        since = datetime.fromisoformat(testimony["since"])
        first[testimony["witness"]] = min(since, first.get(testimony["witness"], since))
    return sorted(first.values())[1] if len(first) > 1 else max(first.values())


def _delivered(report: Report, case: dict[str, Any] | None, deliveries: Path) -> None:
    lines = deliveries.read_text("utf-8").splitlines() if deliveries.exists() else []
    received = [json.loads(line) for line in lines]
    number = case["summary"]["case_id"] if case else None
    signed = [d for d in received if d["ok"] and d["body"].get("case_id") == number]
    forged = sum(not d["ok"] for d in received)
    report.delivered = len(signed)
    detail = f"{len(signed)} signed messages at the risk desk, {forged} unsigned"
    report.add("delivered", bool(signed) and not forged, detail)


def _acknowledged(report: Report, case: dict[str, Any] | None, officer: ApiClient) -> None:
    if case is None:
        report.add("acknowledged", False, "nothing to acknowledge")
        return
    path = f"/v1/alerts/{case['summary']['case_id']}"
    officer.post(f"{path}/acknowledge", {"note": "On the way to the farm."})
    after = officer.get(path)
    state, actor = after["summary"]["state"], after["events"][-1]["actor"]
    report.add("acknowledged", state == "acknowledged", f"case {case['summary']['case_id']} is {state}, by {actor}")


def _shown(report: Report, case: dict[str, Any] | None, environment: Mapping[str, str]) -> None:
    if case is None:
        report.add("shown", False, "nothing to show")
        return
    summary = case["summary"]
    command = [
        sys.executable, "-m", "dashboard.rehearsal", "--loan", summary["loan_id"], "--case", str(summary["case_id"]),
        "--expect", summary["contract_no"],
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(environment), cwd=REPOSITORY)
    last = (done.stdout.strip().splitlines() or done.stderr.strip().splitlines() or ["no word"])[-1]
    report.add("shown", done.returncode == 0, last)
