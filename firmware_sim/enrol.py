"""Makes the enrolment of the pilot: every pen, animal, device, loan and person. Pure, given seed and time."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import count

import numpy as np

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
from firmware_sim.chance import stream
from firmware_sim.ground import Ground, Rectangle, side_by_side
from firmware_sim.pilot import Pilot, PilotFarm, PilotHerd, PilotLoan, PilotSpecies

ALLEY_M, PEN_GAP_M = 8.0, 2.0
FEN = 100
DAYS_PER_MONTH = 30.44
WORN_FOR = timedelta(days=60)  # long before any history that is played
TAG_PREFIX = 0xA81758FF_00000000  # DevEUIs of one invented maker
BALANCE_STEP_FEN = 1_000 * FEN


class _Enroller:
    """Walks through the pilot once, numbering as it goes."""

    def __init__(self, pilot: Pilot, seed: int, now: datetime, password: str) -> None:
        self._pilot, self._now, self._since = pilot, now, now - WORN_FOR
        self._rng = stream(seed, "enrolment")
        self._animal, self._gateway, self._camera = count(1), count(1), count(1)
        self._loan_value: dict[str, int] = {loan.id: 0 for loan in pilot.loan}
        self.made = Enrolment(
            v=1,
            branches=[Branch(branch_id=b.id, name_zh=b.name_zh, name_en=b.name_en) for b in pilot.branch],
            people=_people(pilot, password),
            farms=[], pens=[], animals=[], groups=[], gateways=[], cameras=[], tags=[], loans=[], pledges=[],
        )  # fmt: skip

    def run(self) -> Enrolment:
        for farm in self._pilot.farm:
            self._enrol_farm(farm)
        self.made.loans = [self._loan(loan) for loan in self._pilot.loan]
        return self.made

    def _enrol_farm(self, farm: PilotFarm) -> None:
        self.made.farms.append(
            FarmEnrolled(farm_id=farm.id, branch_id=farm.branch, name_zh=farm.name_zh, name_en=farm.name_en,
                         lat=farm.lat, lon=farm.lon, timezone=farm.timezone)
        )  # fmt: skip
        ground = Ground(farm.lat, farm.lon)
        sizes = [self._pilot.species[herd.species].pen_m for herd in farm.herd for _ in herd.pens]
        rectangles = side_by_side(sizes, ALLEY_M, PEN_GAP_M)
        gateways = self._enrol_gateways(farm, ground, rectangles)
        numbers, places = count(1), iter(rectangles)
        for herd in farm.herd:
            for position, head in enumerate(herd.pens, start=1):
                pen_id, place = f"{farm.id}-pen-{next(numbers):02}", next(places)
                self.made.pens.append(
                    PenEnrolled(pen_id=pen_id, farm_id=farm.id, name=f"{pen_id[-2:]}号圈", species=herd.species,
                                fence=place.ring(ground))
                )  # fmt: skip
                if position in herd.cameras:
                    self._enrol_camera(farm, pen_id, _nearest(place, gateways))
                self._enrol_herd(farm, herd, pen_id, head)

    def _enrol_gateways(self, farm: PilotFarm, ground: Ground, pens: list[Rectangle]) -> dict[str, float]:
        """Masts at equal distances along the alley; where each stands, metres east."""
        west, east = min(p.x_m for p in pens), max(p.x_m + p.width_m for p in pens)
        step = (east - west) / farm.gateways
        places = {f"gw-{next(self._gateway)}": west + step * (i + 0.5) for i in range(farm.gateways)}
        self.made.gateways += [
            GatewayEnrolled(gateway_id=name, farm_id=farm.id, lat=farm.lat, lon=round(ground.lon_of(x), 7))
            for name, x in places.items()
        ]
        return places

    def _enrol_camera(self, farm: PilotFarm, pen_id: str, gateway: str) -> None:
        name = f"cam-{next(self._camera):02}"
        self.made.cameras.append(CameraEnrolled(camera_id=name, farm_id=farm.id, pen_id=pen_id, gateway_id=gateway))

    def _enrol_herd(self, farm: PilotFarm, herd: PilotHerd, pen_id: str, head: int) -> None:
        kind = self._pilot.species[herd.species]
        if herd.as_group:
            group = f"{pen_id}-group"
            self.made.groups.append(
                GroupEnrolled(group_id=group, farm_id=farm.id, pen_id=pen_id, species=herd.species, head=head,
                              weight_kg=kind.weight_kg[0])
            )  # fmt: skip
            self._pledge(herd.loan, head, _value_fen(kind, kind.weight_kg[0]), group_id=group)
            return
        for _ in range(head):
            self._enrol_animal(farm, herd, kind, pen_id)

    def _enrol_animal(self, farm: PilotFarm, herd: PilotHerd, kind: PilotSpecies, pen_id: str) -> None:
        number = next(self._animal)
        name = f"a{number:05}"
        weight = round(
            float(np.clip(self._rng.normal(*kind.weight_kg), 0.8 * kind.weight_kg[0], 1.2 * kind.weight_kg[0])), 1
        )
        months = self._rng.uniform(*kind.months_old)
        self.made.animals.append(
            AnimalEnrolled(animal_id=name, farm_id=farm.id, pen_id=pen_id, species=herd.species, scheme="cn-tag",
                           identity=f"{kind.digit}{farm.county}{number:08}",
                           born=(self._now - timedelta(days=months * DAYS_PER_MONTH)).date(), weight_kg=weight)
        )  # fmt: skip
        self.made.tags.append(
            TagEnrolled(tag_id=f"{TAG_PREFIX + number * 7919:016x}", farm_id=farm.id, animal_id=name,
                        model=kind.tag_model, since=self._since)
        )  # fmt: skip
        self._pledge(herd.loan, 1, _value_fen(kind, weight), animal_id=name)

    def _pledge(
        self, loan: str, head: int, value_fen: int, *, animal_id: str | None = None, group_id: str | None = None
    ) -> None:
        self._loan_value[loan] += head * value_fen
        self.made.pledges.append(
            PledgeEnrolled(loan_id=loan, head=head, value_per_head_minor=value_fen, since=self._since,
                           animal_id=animal_id, group_id=group_id)
        )  # fmt: skip

    def _loan(self, loan: PilotLoan) -> LoanEnrolled:
        drawn = (self._now - timedelta(days=loan.drawn_days_ago)).date()
        balance = round(loan.ltv * self._loan_value[loan.id] / BALANCE_STEP_FEN) * BALANCE_STEP_FEN
        return LoanEnrolled(
            loan_id=loan.id, branch_id=loan.branch, contract_no=loan.contract_no, borrower_zh=loan.borrower_zh,
            borrower_en=loan.borrower_en, principal_minor=loan.principal_yuan * FEN, balance_minor=balance,
            currency="CNY", ltv_ceiling=loan.ltv_ceiling, drawn_on=drawn, matures_on=_after(drawn, loan.months),
        )  # fmt: skip


def enrol(pilot: Pilot, seed: int, now: datetime, password: str) -> Enrolment:
    """The enrolment of the pilot as of `now` (aware). `password` is everybody's."""
    return _Enroller(pilot, seed, now, password).run()


def summary(enrolment: Enrolment) -> list[str]:
    """What was enrolled, for a person: one line per loan and the totals."""
    head: Counter[str] = Counter()
    value: Counter[str] = Counter()
    for pledge in enrolment.pledges:
        head[pledge.loan_id] += pledge.head
        value[pledge.loan_id] += pledge.head * pledge.value_per_head_minor
    lines = [
        f"{loan.loan_id}  {loan.borrower_en:<46} {head[loan.loan_id]:>5} head"
        f"  value {value[loan.loan_id] / FEN:>13,.0f}  balance {loan.balance_minor / FEN:>12,.0f}"
        f"  LTV {loan.balance_minor / value[loan.loan_id]:.1%}"
        for loan in enrolment.loans
    ]
    principal = sum(loan.principal_minor for loan in enrolment.loans) / FEN
    total = (
        f"{sum(head.values()):,} head on {len(enrolment.farms)} farms, {len(enrolment.tags):,} tags, "
        f"{len(enrolment.gateways)} gateways, {len(enrolment.cameras)} cameras, principal RMB {principal:,.0f}"
    )
    return [*lines, total]


def _people(pilot: Pilot, password: str) -> list[PersonEnrolled]:
    return [
        PersonEnrolled(login=p.login, name=p.name, role=p.role, password=password, branch_id=p.branch, farm_id=p.farm,
                       language=p.language)
        for p in pilot.person
    ]  # fmt: skip


def _nearest(place: Rectangle, gateways: dict[str, float]) -> str:
    return min(gateways, key=lambda name: abs(gateways[name] - place.middle[0]))


def _value_fen(kind: PilotSpecies, weight_kg: float) -> int:
    return round(weight_kg * kind.price_yuan_per_kg * FEN)


def _after(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    return date(day.year + year, month + 1, min(day.day, 28))
