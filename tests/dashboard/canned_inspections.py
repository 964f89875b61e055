"""Count sessions of the canned pilot: kept in memory, judged by the very functions that the system judges by."""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Body, FastAPI, Header, HTTPException

from collateral.book import inspection, reads_file, sampling
from collateral.book.session import CountedBy, CountSession, Herd, SessionHeads, SessionPhoto, SessionPlan, SessionRead
from collateral.contract import inspection as shapes
from collateral.contract.ledger import RowFaultShape
from collateral.model.ids import AnimalId, FarmId, LoanId, PenId, TagId
from monitor_api import session_report

SECRET = bytes(32)
NAMES = {PenId(f"f1-p{n}"): f"{n}号舍" for n in (1, 2, 3, 4)}
FIRST, SECOND = PenId("f1-p1"), PenId("f1-p2")
WALKED, HEAD = 119, 120
NOBODY = "there is no such count session, or it is not yours to see; check the id"


def tag(number: int) -> TagId:
    return TagId(f"70b3d57ed00{number:05x}")


HERD = Herd(
    pledged={tag(n): AnimalId(f"a{n}") for n in range(HEAD + 1)},
    enrolled=frozenset(tag(n) for n in range(HEAD + 40)),
    names={f"163010200{n:06d}": tag(n) for n in range(HEAD + 40)},
    pen_names=NAMES,
    booked_in={tag(n): FIRST if n < HEAD else SECOND for n in range(HEAD + 1)},
)


def plan(name: str, now: datetime, hours: float) -> SessionPlan:
    return SessionPlan(
        session_id=name, loan_id=LoanId("L1"), farm_id=FarmId("f1"), pens=(FIRST, SECOND),
        opened_at=now - timedelta(hours=hours), opened_by="officer", freeze_from=now - timedelta(hours=hours),
        freeze_until=now - timedelta(hours=hours - 3),
    )  # fmt: skip


def walked(now: datetime) -> CountSession:
    """Pen 1 was read, then walked into pen 2 and read again (A6); a stranger's tag and untagged head stand in pen 2."""
    began = now - timedelta(hours=30)
    first = [read(FIRST, n, began + timedelta(minutes=5, seconds=n)) for n in range(HEAD)]
    again = [read(SECOND, n, began + timedelta(minutes=50, seconds=n)) for n in range(1, HEAD + 1)]
    strange = read(SECOND, 999, began + timedelta(minutes=55))
    heads = SessionHeads(
        pen_id=SECOND, heads=HEAD + 6, counted_at=began + timedelta(hours=1), counted_by=CountedBy.EYE
    )  # fmt: skip
    return CountSession(plan=plan("a" * 16, now, 30), reads=(*first, *again, strange), heads=(heads,))


def read(pen: PenId, number: int, at: datetime) -> SessionRead:
    return SessionRead(pen_id=pen, tag_id=tag(number), read_at=at, reader="wand")


class Sessions:
    """What one test does to them, another does not see. `b…` is open since an hour, `a…` closed yesterday."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.held = {"b" * 16: CountSession(plan=plan("b" * 16, now, 1)), "a" * 16: walked(now)}
        self.draws: dict[str, dict[str, Any]] = {}
        self.results = {"a" * 16: inspection.close(self.held["a" * 16], HERD, [], now - timedelta(hours=28))}

    def one(self, name: str) -> CountSession:
        if name not in self.held:
            raise HTTPException(404, NOBODY)
        return self.held[name]

    def report(self, name: str) -> shapes.SessionReport:
        held, closed = self.one(name), self.results.get(name)
        result = closed or inspection.close(held, HERD, [], self.now)
        return session_report.report(
            held, result, HERD, NAMES, self.draws.get(name), sampling.published(SECRET), closed=closed is not None
        )

    def lines(self, loan_id: str | None) -> list[shapes.SessionLine]:
        return [self.report(name).session for name, held in self.held.items() if loan_id in {None, held.plan.loan_id}]

    def draw(self, name: str) -> shapes.SessionReport:
        held = self.one(name)
        if not held.reads:
            raise HTTPException(409, "no tag was read yet; read the tags of every pen first")
        reads_sha = inspection.reads_sha256(held.reads)
        seed = sampling.seed(name, reads_sha, SECRET)
        tags = sampling.drawn((r.tag_id for r in inspection.named(held, HERD).reads), seed)
        drawn = {"drawn_at": self.now, "reads_sha256": reads_sha, "secret": SECRET, "seed": seed, "tags": list(tags)}
        self.draws[name], self.held[name] = drawn, replace(held, sample=tags)
        return self.report(name)

    def open(self, loan_id: str, asked: shapes.SessionAsked, who: str) -> shapes.SessionReport:
        name = sha256(str(len(self.held)).encode()).hexdigest()[:16]
        opened = SessionPlan(
            session_id=name, loan_id=LoanId(loan_id), farm_id=FarmId(asked.farm_id),
            pens=tuple(PenId(pen) for pen in asked.pens), opened_at=self.now, opened_by=who,
            freeze_from=asked.freeze_from, freeze_until=asked.freeze_until,
        )  # fmt: skip
        self.held = {name: CountSession(plan=opened), **self.held}
        return self.report(name)


def taken(
    sessions: Sessions, name: str, data: bytes, pen_id: str | None, *, dry_run: bool
) -> shapes.ReadsFileAnswer:  # fmt: skip
    held = sessions.one(name)
    pens = {pen_name: pen for pen, pen_name in NAMES.items() if pen in held.plan.pens}
    place = reads_file.Place(pens | {str(p): p for p in held.plan.pens}, ZoneInfo("Asia/Shanghai"), "wand", pen_id)
    reads, faults = reads_file.read(data, place, sessions.now)
    if not dry_run:
        sessions.held[name] = replace(held, reads=(*held.reads, *reads))
    shown = [
        RowFaultShape(line=f.line, column=f.column, value=f.value, code=f.code, why=f.why, fix=f.fix) for f in faults
    ]
    return shapes.ReadsFileAnswer(
        dry_run=dry_run, received=len(reads) + len({f.line for f in faults}), added=len(reads), faults=shown
    )


def add_routes(app: FastAPI, now: datetime) -> None:
    """Opened, read, sampled, photographed, closed."""
    sessions = Sessions(now)

    @app.get("/v1/count-sessions")
    def get_sessions(loan_id: str | None = None) -> list[shapes.SessionLine]:
        return sessions.lines(loan_id)

    @app.post("/v1/loans/{loan_id}/count-sessions")
    def post_session(loan_id: str, asked: shapes.SessionAsked, authorization: str = Header()) -> shapes.SessionReport:
        return sessions.open(loan_id, asked, authorization.removeprefix("Bearer token-"))

    @app.get("/v1/count-sessions/{name}")
    def get_session(name: str) -> shapes.SessionReport:
        return sessions.report(name)

    @app.post("/v1/count-sessions/{name}/reads-file")
    def post_reads(
        name: str, data: bytes = Body(media_type="text/csv"), pen_id: str | None = None, dry_run: bool = False
    ) -> shapes.ReadsFileAnswer:  # fmt: skip
        return taken(sessions, name, data, pen_id, dry_run=dry_run)

    @app.post("/v1/count-sessions/{name}/heads")
    def post_heads(name: str, asked: shapes.HeadsAsked) -> shapes.Recorded:
        held = sessions.one(name)
        told = [
            SessionHeads(
                pen_id=PenId(h.pen_id), heads=h.heads, counted_at=h.counted_at, counted_by=CountedBy(h.counted_by)
            )
            for h in asked.heads
        ]
        sessions.held[name] = replace(held, heads=(*held.heads, *told))
        return shapes.Recorded(received=len(told), added=len(told))

    @app.post("/v1/count-sessions/{name}/sample")
    def post_sample(name: str) -> shapes.SessionReport:
        return sessions.draw(name)

    @app.post("/v1/count-sessions/{name}/photos")
    def post_photos(name: str, asked: shapes.PhotosAsked) -> shapes.Recorded:
        held = sessions.one(name)
        told = [
            SessionPhoto(tag_id=TagId(p.tag), sha256=p.sha256, taken_at=p.taken_at, matches=p.matches)
            for p in asked.photos
        ]
        sessions.held[name] = replace(held, photos=(*held.photos, *told))
        return shapes.Recorded(received=len(told), added=len(told))

    @app.post("/v1/count-sessions/{name}/close")
    def post_close(name: str) -> shapes.SessionReport:
        sessions.results[name] = inspection.close(sessions.one(name), HERD, [], now)
        return sessions.report(name)
