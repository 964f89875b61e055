"""The HTTP interface with a canned pilot behind it: every shape the dashboard meets, and no database.

NOW stands still, far from the wall clock, so that an age taken from the wrong clock shows at once.
"""

import math
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, Header, HTTPException, Response
from fastapi.responses import JSONResponse
from PIL import Image, ImageDraw

from collateral.contract import http as shapes
from collateral.contract.casework import MoveRequest
from tests.dashboard import canned_book, canned_casework, canned_inspections, canned_pledges

NOW = datetime(2025, 3, 9, 18, 52, tzinfo=UTC)  # 02:52 at the farm
BRANCH = shapes.Named(id="b1", name_zh="平安支行", name_en="Ping'an branch")
FARMS = [
    shapes.Named(id="f1", name_zh="青山牧场", name_en="Qingshan farm"),
    shapes.Named(id="f2", name_zh="河湾养殖场", name_en="Hewan farm"),
    shapes.Named(id="f3", name_zh="北坡羊场", name_en="Beipo sheep farm"),
]
PEOPLE = {
    "officer": shapes.Me(login="officer", name="李敏", role="officer", branch_id="b1", farm_id=None, language="zh"),
    "risk": shapes.Me(login="risk", name="王强", role="risk", branch_id=None, farm_id=None, language="zh"),
    "auditor": shapes.Me(login="auditor", name="赵静", role="auditor", branch_id=None, farm_id=None, language="en"),
    "farm": shapes.Me(login="farm", name="马建国", role="farm", branch_id="b1", farm_id="f1", language="zh"),
    "admin": shapes.Me(login="admin", name="系统管理", role="admin", branch_id=None, farm_id=None, language="en"),
}
PASSWORD = "herd-and-lien"
CENTRES = {"f1": (36.5010, 102.1040), "f2": (36.4320, 102.3110), "f3": (36.6105, 101.9830)}
LOANS = [
    ("L1", "PA-2024-0117", "青山牧业有限公司", "Qingshan Cattle Co.", "f1", 600, 7_200_000, 10_400_000, 0.60),
    ("L2", "PA-2024-0098", "马家养殖合作社", "Ma Family Cooperative", "f1", 500, 5_600_000, 8_600_000, 0.70),
    ("L3", "PA-2024-0131", "河湾农牧有限公司", "Hewan Livestock Co.", "f2", 600, 7_300_000, 10_100_000, 0.70),
    ("L4", "PA-2024-0140", "北坡羊业", "Beipo Sheep", "f3", 300, 900_000, 1_500_000, 0.65),
]
SEEN = {"L1": 571, "L2": 489, "L3": 583, "L4": 296}


def farm(farm_id: str) -> shapes.Named:
    return next(f for f in FARMS if f.id == farm_id)


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


def counted(best: int, spread: int, minutes: float = 4) -> shapes.Count:
    return shapes.Count(low=best - spread, best=best, high=best + spread, as_of=ago(minutes=minutes))


UNKNOWN = shapes.Count(low=None, best=None, high=None, as_of=None, unknown_because="blocked")


def loan(row: tuple[Any, ...]) -> shapes.LoanSummary:
    loan_id, contract, zh, en, farm_id, book, balance, value, ceiling = row
    seen = SEEN[loan_id]
    red = loan_id == "L1"
    return shapes.LoanSummary(
        loan_id=loan_id,
        contract_no=contract,
        borrower_zh=zh,
        borrower_en=en,
        branch=BRANCH,
        farms=[farm(farm_id)],
        principal_minor=balance * 100 + 50_000_000,
        balance_minor=balance * 100,
        currency="CNY",
        value_minor=value * 100,
        ltv=balance / value,
        ltv_ceiling=ceiling,
        matures_on=date(2025, 12, 20),
        book=book,
        tags_seen=seen,
        camera=UNKNOWN if loan_id == "L4" else counted(seen - 14, 18),
        estimate=shapes.Count(low=572, best=576, high=579, as_of=ago(minutes=2)) if red else counted(book, 4, 2),
        coverage=0.952 if red else seen / book,
        as_of=ago(minutes=2),
        open_cases=shapes.SeverityTally(red=1)
        if red
        else shapes.SeverityTally(yellow=int(loan_id == "L3"), blue=int(loan_id == "L2")),
    )


def pens(loan_id: str) -> list[shapes.PenLine]:
    row = next(r for r in LOANS if r[0] == loan_id)
    parts = 4 if row[5] > 400 else 3
    lines = []
    for i in range(parts):
        book = row[5] // parts
        seen = round(book * SEEN[loan_id] / row[5])
        camera = UNKNOWN if i in {1, 3} else counted(seen - 3, 5)
        lines.append(
            shapes.PenLine(
                pen_id=f"{row[4]}-p{i + 1}",
                name=f"{i + 1}号舍",
                farm=farm(row[4]),
                species="sheep" if row[4] == "f3" else "cattle",
                book=book,
                tagged=book - 2,
                tags_seen=seen,
                camera_ids=[] if i == 3 else [f"{row[4]}-cam{i + 1}"],
                camera=camera,
                estimate=counted(book - i, 2),
                coverage=seen / book,
                value_minor=row[7] * 100 // parts,
            )
        )
    return lines


def identity(number: int) -> str:
    return f"163010200{number:06d}"


def unseen(loan_id: str) -> list[shapes.UnseenAnimal]:
    row = next(r for r in LOANS if r[0] == loan_id)
    missing = row[5] - SEEN[loan_id]
    return [
        shapes.UnseenAnimal(
            animal_id=f"a{i}",
            identity=identity(1000 + i),
            tag_id=f"70b3d57ed00{i:05x}",
            pen_id=f"{row[4]}-p1",
            pen_name="1号舍",
            last_seen_at=None if i == 0 else ago(hours=25 + i * 7),
            outside_fence=i % 9 == 1,
            value_minor=1_733_300,
        )
        for i in range(missing)
    ]


def series(loan_id: str) -> shapes.CoverageSeries:
    row = next(r for r in LOANS if r[0] == loan_id)
    rng = random.Random(loan_id)
    points = []
    for step in range(14 * 8, -1, -1):
        seen = row[5] - rng.randint(5, 14)
        if loan_id == "L1" and step < 1:
            seen = SEEN["L1"]
        spread = rng.randint(2, 6)
        points.append(
            shapes.CoveragePoint(
                as_of=ago(hours=3 * step),
                book=row[5],
                tags_seen=seen,
                camera=counted(seen - 10, 18),
                estimate=shapes.Count(
                    low=seen - 1,
                    best=seen + spread // 2,
                    high=min(row[5], seen + spread + 6),
                    as_of=ago(hours=3 * step),
                ),
                coverage=seen / row[5],
                value_minor=row[7] * 100,
                balance_minor=row[6] * 100,
            )
        )
    return shapes.CoverageSeries(loan_id=loan_id, points=points)


def case_row(
    number: int, rule: str, severity: str, loan_id: str | None, farm_id: str, minutes: float, animals: int, **more: Any
) -> shapes.CaseSummary:
    row = next((r for r in LOANS if r[0] == loan_id), None)
    due = {"red": 0.5, "orange": 4, "yellow": 24, "blue": 336}[severity]
    opened = ago(minutes=minutes)
    due_at = opened + timedelta(hours=due)
    given = {
        "state": "open",
        "occurrences": 1,
        "coverage_before": 0.985 if row else None,
        "coverage_after": 0.97 if row else None,
        "value_affected_minor": animals * 1_733_300,
    } | more
    return shapes.CaseSummary(
        case_id=number,
        rule=rule,
        severity=severity,
        farm=farm(farm_id),
        loan_id=loan_id,
        contract_no=row[1] if row else None,
        borrower_zh=row[2] if row else None,
        borrower_en=row[3] if row else None,
        opened_at=opened,
        event_at=opened - timedelta(minutes=12),
        last_seen_at=ago(minutes=1),
        due_at=due_at,
        overdue=due_at < NOW and given["state"] == "open",
        animals=animals,
        currency="CNY",
        next_step={
            "red": "verify_on_site_24h",
            "orange": "verify_48h",
            "yellow": "verify_5_working_days",
            "blue": "device_ticket",
        }[severity],
        **given,
    )


def cases() -> dict[int, shapes.CaseSummary]:
    rows = [
        case_row(41, "group_removal", "red", "L1", "f1", 21, 24, coverage_after=0.952, occurrences=2),
        case_row(40, "left_fence", "orange", "L3", "f2", 320, 3, coverage_after=0.98),
        case_row(39, "gateway_silence", "yellow", "L3", "f2", 95, 0, value_affected_minor=0),
        case_row(
            38, "tag_silence", "blue", "L2", "f1", 60 * 30, 11, state="acknowledged", occurrences=4, flapping=True
        ),
        case_row(
            34, "left_fence", "orange", "L2", "f1", 60 * 3, 5, state="suppressed", stage="suppressed", silenced_by=3
        ),
        case_row(37, "farm_blackout", "yellow", None, "f3", 60 * 50, 0, state="resolved", value_affected_minor=0),
        case_row(36, "count_gap", "orange", "L1", "f1", 60 * 90, 32, state="resolved"),
        case_row(35, "odd_new_rule", "blue", "L4", "f3", 60 * 100, 2, state="resolved"),
    ]
    return {row.case_id: row for row in rows}


FIGURES: dict[str, dict[str, Any]] = {
    "group_removal": {
        "gone": 24,
        "pens": ["f1-p1"],
        "camera_drop": 22,
        "second_witness_at": ago(minutes=22).isoformat(),
    },
    "left_fence": {"outside": 3, "fastest_kmh": 6.4},
    "tag_silence": {"silent": 11, "tagged": 496, "share": 0.0222},
    "gateway_silence": {"gateways": ["f2-g2"], "of": 3},
    "farm_blackout": {"gateways": 2},
    "count_gap": {
        "book": 600,
        "estimate_low": 560,
        "estimate_best": 566,
        "estimate_high": 571,
        "short": 29,
        "tags_seen": 566,
    },
}


def picture(number: int) -> tuple[bytes, list[tuple[float, float, float, float, float]]]:
    """Brown ovals on green, with their boxes."""
    rng = random.Random(number)
    image = Image.new("RGB", (960, 540), (126, 138, 104))
    draw, boxes = ImageDraw.Draw(image), []
    for place in range(number):
        x, y = 40 + (place % 14) * 64 + rng.randint(-9, 9), 90 + (place // 14) * 44 + rng.randint(-8, 8)
        shade = rng.randint(60, 120)
        draw.ellipse((x, y, x + 46, y + 26), fill=(shade + 40, shade + 10, shade - 20))
        boxes.append((x - 2.0, y - 2.0, x + 48.0, y + 28.0, 0.9))
    encoded = BytesIO()
    image.save(encoded, "JPEG", quality=80)
    return encoded.getvalue(), boxes


PICTURES = {n: picture(n) for n in (136, 115, 114)}
EVIDENCE = {sha256(jpeg).hexdigest(): jpeg for jpeg, boxes in PICTURES.values()}
HASHES = {n: sha256(jpeg).hexdigest() for n, (jpeg, boxes) in PICTURES.items()}


def counts(camera_id: str, limit: int) -> list[shapes.CountRecord]:
    pen = camera_id.replace("cam", "p")
    records = []
    for place, number in enumerate((114, 115, 136)):
        at = ago(minutes=6 + 10 * place)
        blocked = camera_id.endswith("cam2")
        records.append(
            shapes.CountRecord(
                camera_id=camera_id,
                pen_id=pen,
                pen_name=f"{pen[-1]}号舍",
                captured_at=at,
                counted_at=at,
                received_at=at,
                count=UNKNOWN if blocked else counted(number, 5, 6 + 10 * place),
                book=150,
                method="yolo",
                model_version="v1",
                frame_sha256=HASHES[number],
                boxes=[] if blocked else PICTURES[number][1],
            )
        )
    return records[:limit]


def count_series(camera_id: str) -> shapes.CountSeries:
    """Three days: a night in the dark, a fall at the end; every second camera is blocked."""
    points = []
    for step in range(3 * 24, -1, -1):
        best = 114 if step < 2 else 136 + step % 3
        dark = camera_id.endswith("cam2") or 30 < step < 38
        points.append(
            shapes.CountPoint(at=ago(hours=step), low=None, best=None, high=None, unknown_because="dark")
            if dark
            else shapes.CountPoint(at=ago(hours=step), low=best - 5, best=best, high=best + 5)
        )
    pen = camera_id.replace("cam", "p")
    return shapes.CountSeries(camera_id=camera_id, pen_id=pen, pen_name=f"{pen[-1]}号舍", book=150, points=points)


def testimonies(rule: str) -> list[shapes.TestimonyShape]:
    if rule == "group_removal":
        tag = {"animals": 24, "last_heard_at": ago(minutes=26).isoformat()}
        frames = [HASHES[136], HASHES[115], HASHES[114]]
        camera = {"camera": "f1-cam1", "pen": "f1-p1", "before": 136, "after": 114, "drop": 22, "frames": frames}
        return [
            shapes.TestimonyShape(witness="tag", since=ago(minutes=29), particulars=tag),
            shapes.TestimonyShape(witness="camera", since=ago(minutes=22), particulars=camera, frames=frames),
        ]
    witness = "gateway" if rule in {"gateway_silence", "farm_blackout"} else "tag"
    return [shapes.TestimonyShape(witness=witness, since=ago(minutes=100), particulars=FIGURES.get(rule, {}))]


def named_animals(summary: shapes.CaseSummary) -> list[shapes.NamedAnimal]:
    rng = random.Random(summary.case_id)
    latitude, longitude = CENTRES[summary.farm.id]
    return [
        shapes.NamedAnimal(
            animal_id=f"n{i}",
            identity=identity(2000 + i),
            tag_id=f"70b3d57ed01{i:05x}",
            species="cattle",
            pen_id=f"{summary.farm.id}-p1",
            pen_name="1号舍",
            last_seen_at=ago(minutes=25 + i % 7),
            latitude=latitude - 0.0012 - rng.random() * 0.0006,
            longitude=longitude + 0.0006 + i * 0.00007,
            value_minor=1_733_300,
        )
        for i in range(summary.animals)
    ]


def farm_map(farm_id: str, extra: int = 0) -> shapes.FarmMap:
    latitude, longitude = CENTRES[farm_id]
    rng = random.Random(farm_id)
    map_pens, animals = [], []
    for i in range(4):
        south, west = latitude + (i // 2) * 0.0009 - 0.0006, longitude + (i % 2) * 0.0014 - 0.0013
        corners = [(west, south), (west + 0.0012, south), (west + 0.0012, south + 0.0007), (west, south + 0.0007)]
        map_pens.append(
            shapes.MapPen(
                pen_id=f"{farm_id}-p{i + 1}",
                name=f"{i + 1}号舍",
                species="cattle",
                fence=corners,
                book=150,
                tags_seen=146,
            )
        )
        for n in range(150 + extra):
            state = "stale" if n % 23 == 0 else "silent" if n % 61 == 0 else "fresh"
            animals.append(
                shapes.MapAnimal(
                    animal_id=f"{i}-{n}",
                    identity=identity(3000 + i * 150 + n),
                    pen_id=f"{farm_id}-p{i + 1}",
                    latitude=south + 0.0007 * rng.uniform(0.05, 0.95),
                    longitude=west + 0.0012 * rng.uniform(0.05, 0.95),
                    last_seen_at=ago(minutes=5 if state == "fresh" else 200),
                    outside_fence=False,
                    freshness=state,
                )
            )
    out = [
        shapes.MapAnimal(
            animal_id=a.animal_id,
            identity=a.identity,
            pen_id=a.pen_id,
            latitude=a.latitude or 0,
            longitude=a.longitude or 0,
            last_seen_at=a.last_seen_at or NOW,
            outside_fence=True,
            freshness="fresh",
        )
        for a in (named_animals(cases()[41]) if farm_id == "f1" else [])
    ]
    gateways = [
        shapes.MapGateway(
            gateway_id=f"{farm_id}-g{n}",
            latitude=latitude + 0.0012 * math.sin(n),
            longitude=longitude + 0.0017 * math.cos(n),
            state="silent" if (farm_id, n) == ("f2", 2) else "online",
        )
        for n in (1, 2)
    ]
    return shapes.FarmMap(
        farm=farm(farm_id),
        latitude=latitude,
        longitude=longitude,
        timezone="Asia/Shanghai",
        as_of=ago(minutes=1),
        pens=map_pens,
        animals=animals + out,
        gateways=gateways,
    )


def devices() -> shapes.Devices:
    gateways = [
        shapes.GatewayRecord(
            gateway_id=f"{f.id}-g{n}",
            farm=f,
            state="silent" if (f.id, n) == ("f2", 2) else "online",
            last_heard_at=ago(minutes=95 if (f.id, n) == ("f2", 2) else 1),
            unsent=412 if n == 3 else 0,
            oldest_unsent_at=ago(minutes=18) if n == 3 else None,
            latitude=36.5,
            longitude=102.1,
            missing_messages=37 if n == 3 else 0,
            unreadable_24h=2 if n == 3 else 0,
        )
        for f in FARMS
        for n in ((1, 2, 3) if f.id != "f3" else (1, 2))
    ]
    cameras = [
        shapes.CameraRecord(
            camera_id=f"{f.id}-cam{n}",
            farm=f,
            pen_id=f"{f.id}-p{n}",
            pen_name=f"{n}号舍",
            gateway_id=f"{f.id}-g1",
            last_count=UNKNOWN if n == 2 else counted(140 - n, 5),
            last_frame_sha256=HASHES[136],
            freshness="silent" if n == 2 else "fresh",
        )
        for f in FARMS
        for n in (1, 2, 3, 4)
    ]
    tags = [
        shapes.TagTally(
            farm=f, total=600, fresh=571, stale=18, silent=9, never=2, low_battery=7, with_gaps=31, missing_readings=45
        )
        for f in FARMS
    ]
    return shapes.Devices(as_of=ago(minutes=1), gateways=gateways, cameras=cameras, tags=tags)


def today(open_cases: list[shapes.CaseSummary]) -> shapes.Today:
    tasks = [
        shapes.Task(
            kind="acknowledge_case",
            severity=c.severity,
            loan_id=c.loan_id,
            case_id=c.case_id,
            farm=c.farm,
            subject=c.rule,
            due_at=c.due_at,
            figures={"animals": c.animals, "value_affected_minor": c.value_affected_minor},
        )
        for c in open_cases
    ]
    tasks += [
        shapes.Task(
            kind="ltv_near_ceiling",
            severity="yellow",
            loan_id="L1",
            farm=FARMS[0],
            subject="PA-2024-0117",
            figures={"ltv": 0.692},
        ),
        shapes.Task(kind="camera_unknown", severity="blue", farm=FARMS[0], subject="f1-cam2"),
    ]
    tally = shapes.SeverityTally(red=sum(c.severity == "red" for c in open_cases), orange=1, yellow=1, blue=1)
    return shapes.Today(
        as_of=ago(minutes=2),
        loans=4,
        pledged_head=2000,
        coverage=0.9695,
        balance_minor=2_100_000_000,
        value_minor=3_060_000_000,
        currency="CNY",
        open_cases=tally,
        tasks=tasks,
    )


NOT_FOR_FARMS: dict[str, Any] = {
    "loan_id": None, "contract_no": None, "borrower_zh": None, "borrower_en": None, "value_affected_minor": 0,
    "coverage_before": None, "coverage_after": None,
}  # fmt: skip


def may_say(case: shapes.CaseSummary, caller: shapes.Me) -> bool:
    """Anybody proposes; of a red case a second person, of risk staff, says the same."""
    return case.severity != "red" or not case.disposition or (caller.role == "risk" and caller.login != case.decided_by)


def steps(case: shapes.CaseSummary) -> list[str]:
    if case.state != "acknowledged":
        return []
    return ["return"] if case.disposition else ["verify", "confirm", "dismiss", "explain"]


def build() -> FastAPI:  # noqa: C901 - one function per address
    """A fresh pilot: what one test acknowledges, another does not see."""
    app = FastAPI()
    held = cases()
    trail: dict[int, list[shapes.CaseEvent]] = {
        n: [
            shapes.CaseEvent(at=c.opened_at, actor="engine", event="opened", note=None),
            shapes.CaseEvent(at=c.opened_at, actor="system", event="notice_delivered", note="webhook: opened"),
        ]
        for n, c in held.items()
    }
    app.state.away = False
    app.state.expired = False
    app.state.extra = 0

    @app.middleware("http")
    async def outage(request: Any, call_next: Any) -> Any:
        return (
            JSONResponse({"title": "away", "status": 503, "detail": ""}, 503)
            if app.state.away
            else await call_next(request)
        )

    def person(authorization: str | None) -> shapes.Me:
        login = (authorization or "").removeprefix("Bearer token-")
        if app.state.expired or login not in PEOPLE:
            raise HTTPException(401)
        return PEOPLE[login]

    Bearer = Annotated[str | None, Header()]  # noqa: N806

    @app.get("/health")
    def health() -> shapes.Health:
        return shapes.Health(ok=True, database="canned", schema_current=True, now=NOW)

    @app.post("/v1/login")
    def login(asked: shapes.LoginRequest) -> shapes.LoginAnswer:
        if asked.login not in PEOPLE or asked.password != PASSWORD:
            raise HTTPException(401)
        return shapes.LoginAnswer(
            token=f"token-{asked.login}", expires_at=NOW + timedelta(hours=8), me=PEOPLE[asked.login]
        )

    @app.get("/v1/me")
    def me(authorization: Bearer = None) -> shapes.Me:
        return person(authorization)

    @app.get("/v1/today")
    def get_today(authorization: Bearer = None) -> shapes.Today:
        person(authorization)
        return today([c for c in held.values() if c.state == "open"])

    @app.get("/v1/loans")
    def get_loans(authorization: Bearer = None) -> list[shapes.LoanSummary]:
        if person(authorization).role == "farm":
            raise HTTPException(403, "farms may not see loans")
        return [loan(row) for row in LOANS]

    @app.get("/v1/loans/{loan_id}")
    def get_loan(loan_id: str, authorization: Bearer = None) -> shapes.LoanDetail:
        person(authorization)
        row = next((r for r in LOANS if r[0] == loan_id), None)
        if row is None:
            raise HTTPException(404, "there is no such loan, or it is not yours to see")
        return shapes.LoanDetail(
            loan=loan(row),
            drawn_on=date(2024, 12, 20),
            pens=pens(loan_id),
            unseen=unseen(loan_id),
            unseen_total=len(unseen(loan_id)),
        )

    @app.get("/v1/loans/{loan_id}/coverage")
    def get_coverage(loan_id: str, authorization: Bearer = None) -> shapes.CoverageSeries:
        person(authorization)
        if loan_id not in SEEN:
            raise HTTPException(404, "there is no such loan, or it is not yours to see")
        return series(loan_id)

    canned_casework.add_routes(app, NOW)
    canned_inspections.add_routes(app, NOW)
    canned_pledges.add_routes(app, NOW)
    canned_book.add_routes(app, {row[0]: loan(row) for row in LOANS}, pens, unseen, NOW)

    @app.get("/v1/herds")
    def herds(authorization: Bearer = None) -> list[shapes.HerdLine]:
        own = person(authorization).farm_id
        return [
            shapes.HerdLine(
                farm=f,
                branch=BRANCH,
                species={"cattle": 600},
                pens=4,
                coverage=0.96,
                latitude=CENTRES[f.id][0],
                longitude=CENTRES[f.id][1],
            )
            for f in FARMS
            if own in {None, f.id}
        ]

    @app.get("/v1/farms/{farm_id}/map")
    def get_map(farm_id: str, authorization: Bearer = None) -> shapes.FarmMap:
        person(authorization)
        return farm_map(farm_id, app.state.extra)

    @app.get("/v1/alerts")
    def alerts(
        state: str | None = None,
        severity: str | None = None,
        loan_id: str | None = None,
        limit: int = 50,
        offset: int = 0,
        authorization: Bearer = None,
    ) -> list[shapes.CaseSummary]:
        own = person(authorization).farm_id
        fits = [
            c
            for c in held.values()
            if state in {None, c.state}
            and severity in {None, c.severity}
            and loan_id in {None, c.loan_id}
            and own in {None, c.farm.id}
        ]
        if own:
            fits = [c.model_copy(update=NOT_FOR_FARMS) for c in fits]
        return fits[offset : offset + limit]

    @app.get("/v1/alerts/{case_id}")
    def alert(case_id: int, authorization: Bearer = None) -> shapes.CaseDetail:
        caller = person(authorization)
        summary = held.get(case_id)
        if summary is None:
            raise HTTPException(404, "there is no such case, or it is not yours to see")
        if caller.farm_id:
            summary = summary.model_copy(update=NOT_FOR_FARMS)
        decides = caller.role in {"officer", "risk", "admin"}
        return shapes.CaseDetail(
            summary=summary,
            animals=named_animals(summary),
            testimonies=testimonies(summary.rule),
            figures=FIGURES.get(summary.rule, {}),
            events=trail[case_id],
            notices=[
                shapes.Notice(
                    channel="webhook",
                    reason="opened",
                    created_at=summary.opened_at,
                    delivered_at=summary.opened_at,
                    given_up_at=None,
                    attempts=1,
                    last_error=None,
                ),
                shapes.Notice(
                    channel="log",
                    reason="opened",
                    created_at=summary.opened_at,
                    delivered_at=None,
                    given_up_at=None,
                    attempts=2,
                    last_error="timeout",
                ),
            ],
            may_acknowledge=decides and summary.state == "open",
            may_resolve=decides and summary.state == "acknowledged" and may_say(summary, caller),
            may=steps(summary) if decides else [],
        )

    @app.post("/v1/alerts/{case_id}/acknowledge")
    def acknowledge(case_id: int, asked: shapes.AcknowledgeRequest, authorization: Bearer = None) -> shapes.CaseSummary:
        held[case_id] = held[case_id].model_copy(update={"state": "acknowledged", "overdue": False})
        trail[case_id].append(
            shapes.CaseEvent(at=NOW, actor=person(authorization).name, event="acknowledged", note=asked.note)
        )
        return held[case_id]

    @app.post("/v1/alerts/{case_id}/resolve")
    def resolve(case_id: int, asked: shapes.ResolveRequest, authorization: Bearer = None) -> shapes.CaseSummary:
        caller, case = person(authorization), held[case_id]
        closes = case.severity != "red" or case.disposition is not None
        said = {"disposition": asked.disposition, "cause": asked.cause, "decided_by": case.decided_by or caller.login}
        stage = {"state": "resolved", "stage": "closed"} if closes else {"stage": asked.disposition}
        held[case_id] = case.model_copy(update=said | stage)
        event = "resolved" if closes else "proposed"
        trail[case_id].append(shapes.CaseEvent(at=NOW, actor=caller.name, event=event, note=asked.note))
        return held[case_id]

    @app.post("/v1/alerts/{case_id}/moves")
    def move(case_id: int, asked: MoveRequest, authorization: Bearer = None) -> shapes.CaseSummary:
        undone = {"disposition": None, "cause": None, "decided_by": None} if asked.move == "return" else {}
        held[case_id] = held[case_id].model_copy(update={"stage": "verifying"} | undone)
        event = {"verify": "verifying", "return": "returned"}[asked.move]
        trail[case_id].append(shapes.CaseEvent(at=NOW, actor=person(authorization).name, event=event, note=asked.note))
        return held[case_id]

    @app.get("/v1/counts")
    def get_counts(camera_id: str, limit: int = 50, authorization: Bearer = None) -> list[shapes.CountRecord]:
        person(authorization)
        return counts(camera_id, limit)

    @app.get("/v1/cameras/{camera_id}/counts")
    def get_count_series(camera_id: str, days: int = 3, authorization: Bearer = None) -> shapes.CountSeries:
        person(authorization)
        return count_series(camera_id)

    @app.get("/v1/devices")
    def get_devices(authorization: Bearer = None) -> shapes.Devices:
        person(authorization)
        return devices()

    @app.get("/v1/evidence/{digest}")
    def evidence(digest: str, authorization: Bearer = None) -> Response:
        person(authorization)
        if digest not in EVIDENCE:
            raise HTTPException(404, "no such picture")
        return Response(EVIDENCE[digest], media_type="image/jpeg")

    return app


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The app on a loopback port, in a thread; its address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
