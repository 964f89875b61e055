"""The pledge check of the canned pilot: real lists and real blocks, kept in memory. Bank X holds 20 of L1's animals."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from fastapi import Body, FastAPI, Header, HTTPException, Response

from collateral.book import drawdown as blocks
from collateral.book.drawdown import Block, BlockState, OverrideRefused
from collateral.book.pledge_match import OwnPledge, RoundKey, hits, own_list, read_list, wanted
from collateral.contract import pledge_match as shapes
from collateral.contract.ledger import RowFaultShape
from collateral.contract.spreadsheet import TableRefused
from collateral.model.herd import Species
from collateral.model.ids import LoanId, PersonId
from collateral.model.person import Person, Role

KEY = RoundKey("2025Q1", bytes(range(32)))
OURS, SAME = 60, 20
CUSTOMER = "张三肉牛养殖合作社"


def ear_tag(number: int) -> str:
    return f"163010200{number:06d}"


def pledges(numbers: range, name: str) -> list[OwnPledge]:
    return [
        OwnPledge(
            loan_id=name, animal_id=f"{name}-{n}", species=Species.CATTLE, farm_id=name, farm_no="630102-0815",
            since=date(2025, 1, 1), until=date(2026, 1, 1), numbers=(("cn-tag", ear_tag(n)),),
        )
        for n in numbers
    ]  # fmt: skip


def list_of_bank_x() -> bytes:
    return own_list(pledges(range(OURS - SAME, OURS + 80), CUSTOMER), KEY)


class Check:
    """What one test takes or asks for, another does not see."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.lists: list[shapes.PartnerShape] = []
        self.found: list[shapes.MatchShape] = []
        self.block: Block | None = None
        self.events: list[shapes.BlockEventShape] = []

    def take(self, data: bytes, partner: str, as_of: date, who: str, *, dry_run: bool) -> shapes.PartnerListAnswer:
        try:
            rows, faults = read_list(data, KEY)
        except TableRefused as error:
            rows, faults, refused = [], error.faults, True
        else:
            refused = False
        if not dry_run and not refused:
            self._compare(rows, partner, as_of, who)
        shown = [RowFaultShape(line=f.line, column=f.column, value=f.value, code=f.code, why=f.why, fix=f.fix)
                 for f in faults]  # fmt: skip
        return shapes.PartnerListAnswer(
            partner=partner, round=KEY.round, as_of=as_of, dry_run=dry_run, refused=refused,
            stored=not dry_run and not refused, rows=len(rows), faults=shown,
            loans_matched=["L1"] if self.found else [], exact_animals=self.exact,
        )  # fmt: skip

    def _compare(self, rows: list[Any], partner: str, as_of: date, who: str) -> None:
        self.lists = [shapes.PartnerShape(
            partner=partner, round=KEY.round, as_of=as_of, rows=len(rows), imported_by=who, imported_at=self.now,
            comparable=True,
        )]  # fmt: skip
        self.found = [
            shapes.MatchShape(
                scheme=hit.scheme, subject="f1" if hit.scheme == "farm" else hit.subject,
                identity="" if hit.scheme == "farm" else ear_tag(int(hit.subject.split("-")[1])), partner=partner,
                listed_on=as_of, found_at=self.now, heard_at=self.now - timedelta(minutes=9), overridden=False,
            )
            for hit in hits(wanted(pledges(range(OURS), "L1"), KEY), rows)
        ]  # fmt: skip
        if self.exact:
            self.block = Block(
                block_id=1, loan_id=LoanId("L1"), cause="double_pledge", state=BlockState.STANDING,
                matches=frozenset({1}), placed_at=self.now,
            )  # fmt: skip
            self.note("pledge check", "placed", None)

    @property
    def exact(self) -> int:
        return len({one.subject for one in self.found if one.scheme != "farm"})

    def note(self, who: str, event: str, note: str | None) -> None:
        self.events.append(shapes.BlockEventShape(at=self.now, actor=who, event=event, note=note, particulars={}))

    def step(self, step: Callable[[Block, Person], Block], who: str, event: str, reason: str) -> None:
        if self.block is None:
            raise HTTPException(409, "nothing blocks L1 now")
        try:
            self.block = step(self.block, person(who))
        except OverrideRefused as error:
            raise HTTPException(403, str(error)) from error
        self.note(who, event, reason)

    def may(self, step: Callable[[Block, Person], Block], who: str) -> bool:
        try:
            return self.block is not None and step(self.block, person(who)) is not None
        except OverrideRefused:
            return False

    def drawdown(self, loan_id: str, who: str) -> shapes.DrawdownAnswer:
        block = self.block if loan_id == "L1" else None
        return shapes.DrawdownAnswer(
            loan_id=loan_id, allowed=block is None or not block.bars, cause=block.cause if block else None,
            state=block.state.value if block else None, animals=self.exact if block else 0, partners=["BANKX"],
            asked_by=block.asked_by if block else None, confirmed_by=None,
            may_ask=block is not None and self.may(blocks.ask, who),
            may_confirm=block is not None and self.may(blocks.confirm, who), events=self.events if block else [],
        )  # fmt: skip

    def overview(self, who: str) -> shapes.PledgeOverview:
        matched = shapes.MatchedLoan(
            loan_id="L1", exact_animals=self.exact, manual=1, partners=["BANKX"],
            allowed=self.block is None or not self.block.bars, state=self.block.state.value if self.block else None,
        )  # fmt: skip
        return shapes.PledgeOverview(
            round=KEY.round,
            may_exchange=who in {"risk", "admin"},
            partners=self.lists,
            loans=[matched] if self.found else [],
        )


def person(login: str) -> Person:
    return Person(person_id=PersonId(login), login=login, name=login, role=Role(login), branch_id=None)


def add_routes(app: FastAPI, now: datetime) -> None:
    """The overview, both lists, one loan's matches, and the override."""
    check = Check(now)

    def who(authorization: str) -> str:
        return authorization.removeprefix("Bearer token-")

    @app.get("/v1/pledge-check")
    def get_overview(authorization: str = Header()) -> shapes.PledgeOverview:
        return check.overview(who(authorization))

    @app.get("/v1/pledge-list")
    def get_list() -> Response:
        return Response(own_list(pledges(range(OURS), "L1"), KEY), media_type="text/csv")

    @app.post("/v1/partner-lists")
    def post_list(
        partner: str, as_of: date, data: bytes = Body(media_type="text/csv"), dry_run: bool = False,
        authorization: str = Header(),
    ) -> shapes.PartnerListAnswer:  # fmt: skip
        return check.take(data, partner, as_of, who(authorization), dry_run=dry_run)

    @app.post("/v1/loans/{loan_id}/pledge-check")
    def post_check(loan_id: str) -> shapes.PledgeCheckAnswer:
        found = check.found if loan_id == "L1" else []
        return shapes.PledgeCheckAnswer(
            loan_id=loan_id, partners=[one.partner for one in check.lists], unchecked=[], exact_animals=check.exact,
            exact=[one for one in found if one.scheme != "farm"], manual=[one for one in found if one.scheme == "farm"],
            drawdown_allowed=not found,
        )  # fmt: skip

    @app.get("/v1/loans/{loan_id}/pledge-matches")
    def get_matches(loan_id: str) -> list[shapes.MatchShape]:
        passed = check.block is not None and check.block.state is BlockState.OVERRIDDEN
        return [one.model_copy(update={"overridden": passed}) for one in check.found] if loan_id == "L1" else []

    @app.get("/v1/loans/{loan_id}/drawdown")
    def get_drawdown(loan_id: str, authorization: str = Header()) -> shapes.DrawdownAnswer:
        return check.drawdown(loan_id, who(authorization))

    @app.post("/v1/loans/{loan_id}/drawdown/override")
    def post_override(
        loan_id: str, asked: shapes.OverrideAsked, authorization: str = Header()
    ) -> shapes.DrawdownAnswer:
        check.step(blocks.ask, who(authorization), "override_asked", asked.reason)
        return check.drawdown(loan_id, who(authorization))

    @app.post("/v1/loans/{loan_id}/drawdown/override/{verdict}")
    def post_verdict(
        loan_id: str, verdict: str, asked: shapes.OverrideAsked, authorization: str = Header()
    ) -> shapes.DrawdownAnswer:
        step, event = (blocks.confirm, "overridden") if verdict == "confirm" else (blocks.decline, "override_declined")
        check.step(step, who(authorization), event, asked.reason)
        return check.drawdown(loan_id, who(authorization))
