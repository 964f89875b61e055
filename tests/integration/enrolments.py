"""A small bank for tests: two branches, a farm and a loan each, a person of every role, a few animals.

Branch `north` has farm `sunny` (cattle), `south` has farm `misty` (sheep and a group of pigs). Every name of the
north begins with `n-`, of the south with `s-`. Everybody's password is PASSWORD.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from collateral.contract.enrolment import (
    AnimalEnrolled,
    Branch,
    CameraEnrolled,
    Enrolment,
    FarmEnrolled,
    GatewayEnrolled,
    GroupEnrolled,
    LoanEnrolled,
    PenEnrolled,
    PersonEnrolled,
    PledgeEnrolled,
    TagEnrolled,
)

PASSWORD = "correct horse battery"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
NORTH, SOUTH = (43.60, 122.20), (36.10, 117.10)
HEAD = 6
GROUP = 20


def small_bank(head: int = HEAD) -> Enrolment:
    """Two branches that must not see each other; `head` tagged animals in each."""
    return Enrolment(
        v=1,
        branches=[
            Branch(branch_id="north", name_zh="北支行", name_en="North Branch"),
            Branch(branch_id="south", name_zh="南支行", name_en="South Branch"),
        ],
        people=[*_people("north", "n", "sunny"), *_people("south", "s", "misty"), *_head_office()],
        farms=[_farm("sunny", "north", NORTH), _farm("misty", "south", SOUTH)],
        pens=[
            _pen("n-pen", "sunny", "cattle", NORTH),
            _pen("s-pen", "misty", "sheep", SOUTH),
            _pen("s-sty", "misty", "pig", (SOUTH[0] + 0.02, SOUTH[1])),
        ],
        animals=[
            *_animals("n", "sunny", "n-pen", "cattle", "2", head),
            *_animals("s", "misty", "s-pen", "sheep", "3", head),
        ],
        groups=[GroupEnrolled(group_id="s-pigs", farm_id="misty", pen_id="s-sty", species="pig", head=GROUP)],
        gateways=[
            GatewayEnrolled(gateway_id="n-gw", farm_id="sunny", lat=NORTH[0], lon=NORTH[1]),
            GatewayEnrolled(gateway_id="s-gw", farm_id="misty", lat=SOUTH[0], lon=SOUTH[1]),
        ],
        cameras=[
            CameraEnrolled(camera_id="n-cam", farm_id="sunny", pen_id="n-pen", gateway_id="n-gw"),
            CameraEnrolled(camera_id="s-cam", farm_id="misty", pen_id="s-sty", gateway_id="s-gw"),
        ],
        tags=[*_tags("n", "sunny", "a", head), *_tags("s", "misty", "b", head)],
        loans=[_loan("n-loan", "north"), _loan("s-loan", "south")],
        pledges=[
            *_pledges("n-loan", "n", head),
            *_pledges("s-loan", "s", head),
            PledgeEnrolled(loan_id="s-loan", group_id="s-pigs", head=GROUP, value_per_head_minor=200_000, since=SINCE),
        ],
    )


def tag_of(farm_letter: str, number: int) -> str:
    """The tag that animal `number` of farm `a` (sunny) or `b` (misty) wears."""
    return f"{farm_letter}{number:015x}"


def _people(branch: str, letter: str, farm: str) -> list[PersonEnrolled]:
    roles = ("officer", "risk", "auditor", "admin", "farm")
    return [
        PersonEnrolled(
            login=f"{letter}-{role}", name=f"{role} of {branch}", role=role, password=PASSWORD, branch_id=branch,
            farm_id=farm if role == "farm" else None,
        )
        for role in roles
    ]  # fmt: skip


def _head_office() -> list[PersonEnrolled]:
    return [
        PersonEnrolled(login=f"all-{role}", name=f"{role} of all", role=role, password=PASSWORD)
        for role in ("risk", "auditor", "admin")
    ]


def _farm(farm_id: str, branch: str, at: tuple[float, float]) -> FarmEnrolled:
    return FarmEnrolled(
        farm_id=farm_id, branch_id=branch, name_zh=f"{farm_id}牧场", name_en=f"{farm_id} farm", lat=at[0], lon=at[1],
        timezone="Asia/Shanghai",
    )  # fmt: skip


def _pen(pen_id: str, farm: str, species: str, at: tuple[float, float]) -> PenEnrolled:
    lat, lon = at
    ring = [
        (lon - 0.005, lat - 0.005), (lon + 0.005, lat - 0.005), (lon + 0.005, lat + 0.005), (lon - 0.005, lat + 0.005)
    ]  # fmt: skip
    return PenEnrolled(pen_id=pen_id, farm_id=farm, name=pen_id.upper(), species=species, fence=ring)


def _animals(letter: str, farm: str, pen: str, species: str, digit: str, head: int) -> list[AnimalEnrolled]:
    return [
        AnimalEnrolled(
            animal_id=f"{letter}-animal-{n}", farm_id=farm, pen_id=pen, species=species, scheme="cn-tag",
            identity=f"{digit}150524{n:08d}", weight_kg=450.0,
        )
        for n in range(head)
    ]  # fmt: skip


def _tags(letter: str, farm: str, farm_letter: str, head: int) -> list[TagEnrolled]:
    return [
        TagEnrolled(
            tag_id=tag_of(farm_letter, n), farm_id=farm, animal_id=f"{letter}-animal-{n}", model="ear-1", since=SINCE
        )
        for n in range(head)
    ]


def _loan(loan_id: str, branch: str) -> LoanEnrolled:
    return LoanEnrolled(
        loan_id=loan_id, branch_id=branch, contract_no=f"HT-{loan_id}", borrower_zh=f"{branch}养殖",
        borrower_en=f"{branch} breeders", principal_minor=6_000_000, balance_minor=4_000_000, currency="CNY",
        ltv_ceiling=0.7, drawn_on=date(2026, 1, 2), matures_on=date(2027, 1, 2),
    )  # fmt: skip


def _pledges(loan: str, letter: str, head: int) -> list[PledgeEnrolled]:
    return [
        PledgeEnrolled(
            loan_id=loan, animal_id=f"{letter}-animal-{n}", head=1, value_per_head_minor=1_500_000, since=SINCE
        )
        for n in range(head)
    ]
