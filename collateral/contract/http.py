"""Request and response shapes of the HTTP interface, version 1. Used by monitor_api and dashboard alike.

Times are ISO 8601 UTC. Amounts are in minor units (fen) with the currency beside. Shares (coverage, LTV) are 0-1.
Every figure that can grow old carries `as_of`. An unknown camera count is null with its reason, never 0.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SeverityWord = Literal["blue", "yellow", "orange", "red"]
StateWord = Literal["open", "acknowledged", "suppressed", "resolved"]
RoleWord = Literal["officer", "risk", "farm", "auditor", "admin"]
Freshness = Literal["fresh", "stale", "silent", "never"]


class Shape(BaseModel):
    model_config = ConfigDict(extra="ignore")


class LoginRequest(Shape):
    login: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=256)


class Me(Shape):
    login: str
    name: str
    role: RoleWord
    branch_id: str | None
    farm_id: str | None
    language: Literal["zh", "en"]


class LoginAnswer(Shape):
    token: str
    expires_at: datetime
    me: Me


class Named(Shape):
    """Something with an id and a name in both languages."""

    id: str
    name_zh: str
    name_en: str


class Count(Shape):
    """A head count; all three are null when unknown, and `unknown_because` says why."""

    low: int | None
    best: int | None
    high: int | None
    as_of: datetime | None
    unknown_because: str | None = None


class SeverityTally(Shape):
    red: int = 0
    orange: int = 0
    yellow: int = 0
    blue: int = 0


class LoanSummary(Shape):
    """`estimate` is the reconciled best figure; `coverage` the share of pledged head positively evidenced."""

    loan_id: str
    contract_no: str
    borrower_zh: str
    borrower_en: str
    branch: Named
    farms: list[Named]
    principal_minor: int
    balance_minor: int
    currency: str
    value_minor: int
    ltv: float
    ltv_ceiling: float
    matures_on: date
    book: int
    tags_seen: int
    camera: Count
    estimate: Count
    coverage: float
    as_of: datetime
    open_cases: SeverityTally


class PenLine(Shape):
    """One pen of a loan: book, tags and camera side by side. `camera_ids` empty: no camera looks here."""

    pen_id: str
    name: str
    farm: Named
    species: str
    book: int
    tagged: int
    tags_seen: int
    camera_ids: list[str]
    camera: Count
    estimate: Count
    coverage: float
    value_minor: int


class UnseenAnimal(Shape):
    animal_id: str
    identity: str
    tag_id: str | None
    pen_id: str
    pen_name: str
    last_seen_at: datetime | None
    outside_fence: bool
    value_minor: int


class LoanDetail(Shape):
    loan: LoanSummary
    drawn_on: date
    pens: list[PenLine]
    unseen: list[UnseenAnimal]
    unseen_total: int


class CoveragePoint(Shape):
    as_of: datetime
    book: int
    tags_seen: int
    camera: Count
    estimate: Count
    coverage: float
    value_minor: int
    balance_minor: int


class CoverageSeries(Shape):
    loan_id: str
    points: list[CoveragePoint]


class CaseSummary(Shape):
    """An alert as the inbox shows it. `next_step` is a message key the dashboard translates.

    `stage` is finer than `state`; `due_at` is the limit of the stage. `decided_by` gave the `disposition`. `flapping`:
    it comes and goes, so it is held open as one. `silenced_by`: the number of the silence that covers it.
    """

    case_id: int
    rule: str
    severity: SeverityWord
    state: StateWord
    farm: Named
    loan_id: str | None
    contract_no: str | None
    borrower_zh: str | None
    borrower_en: str | None
    opened_at: datetime
    event_at: datetime
    last_seen_at: datetime
    due_at: datetime
    overdue: bool
    occurrences: int
    animals: int
    value_affected_minor: int
    currency: str
    coverage_before: float | None
    coverage_after: float | None
    next_step: str
    stage: str = ""
    audience: Literal["bank", "farm"] = "bank"
    disposition: Literal["confirmed", "false_alarm", "explained"] | None = None
    cause: str | None = None
    decided_by: str | None = None
    closed_at: datetime | None = None
    flapping: bool = False
    silenced_by: int | None = None
    withdrawn_because: str | None = None


class NamedAnimal(Shape):
    animal_id: str
    identity: str
    tag_id: str | None
    species: str
    pen_id: str
    pen_name: str = ""
    last_seen_at: datetime | None
    latitude: float | None
    longitude: float | None
    value_minor: int


class TestimonyShape(Shape):
    """What one witness said. `frames` are evidence hashes."""

    witness: str
    since: datetime
    particulars: dict[str, Any] = Field(default_factory=dict)
    frames: list[str] = Field(default_factory=list)


class CaseEvent(Shape):
    at: datetime
    actor: str
    event: str
    note: str | None


class Notice(Shape):
    """One notification of a case and what became of it. `told`: the person it is for, where it is for one."""

    channel: str
    told: str | None = None
    reason: str
    created_at: datetime
    delivered_at: datetime | None
    given_up_at: datetime | None
    attempts: int
    last_error: str | None


class CaseDetail(Shape):
    summary: CaseSummary
    animals: list[NamedAnimal]
    testimonies: list[TestimonyShape]
    figures: dict[str, Any]
    events: list[CaseEvent]
    notices: list[Notice]
    may_acknowledge: bool
    may_resolve: bool
    may: list[str] = Field(default_factory=list)


class AcknowledgeRequest(Shape):
    note: str = Field("", max_length=2000)


class ResolveRequest(Shape):
    """`disposition`: what it turned out to be, `cause`: of which kind; feeds the precision of the rule."""

    disposition: Literal["confirmed", "false_alarm", "explained"]
    cause: str = Field("other", max_length=40)
    note: str = Field(min_length=1, max_length=2000)


class Task(Shape):
    """One line of today's work, most urgent first. `kind` is a message key the dashboard translates."""

    kind: Literal[
        "acknowledge_case",
        "verify_case",
        "low_coverage",
        "camera_unknown",
        "gateway_offline",
        "ltv_near_ceiling",
    ]
    severity: SeverityWord
    loan_id: str | None = None
    case_id: int | None = None
    farm: Named | None = None
    subject: str = ""
    due_at: datetime | None = None
    figures: dict[str, Any] = Field(default_factory=dict)


class Today(Shape):
    as_of: datetime
    loans: int
    pledged_head: int
    coverage: float
    balance_minor: int
    value_minor: int
    currency: str
    open_cases: SeverityTally
    tasks: list[Task]


class CountRecord(Shape):
    camera_id: str
    pen_id: str
    pen_name: str
    captured_at: datetime
    counted_at: datetime
    received_at: datetime
    count: Count
    book: int
    method: str
    model_version: str
    frame_sha256: str
    boxes: list[tuple[float, float, float, float, float]] = Field(default_factory=list)


class CountPoint(Shape):
    """One count of a camera at a time; unknown as in `Count`."""

    at: datetime
    low: int | None
    best: int | None
    high: int | None
    unknown_because: str | None = None


class CountSeries(Shape):
    """How one camera's counts went, oldest first. `book`: the pen's head now."""

    camera_id: str
    pen_id: str
    pen_name: str
    book: int
    points: list[CountPoint]


class GatewayRecord(Shape):
    """`missing_messages` have not come although later ones have; `unreadable_24h` came and are in quarantine."""

    gateway_id: str
    farm: Named
    state: Literal["online", "offline", "silent", "never"]
    last_heard_at: datetime | None
    unsent: int
    oldest_unsent_at: datetime | None
    latitude: float
    longitude: float
    missing_messages: int = 0
    unreadable_24h: int = 0


class CameraRecord(Shape):
    camera_id: str
    farm: Named
    pen_id: str
    pen_name: str
    gateway_id: str
    last_count: Count
    last_frame_sha256: str | None
    freshness: Freshness


class TagTally(Shape):
    """Tags of one farm by how long ago they were heard.

    `with_gaps`: tags whose readings of the last 24 hours have numbers missing, `missing_readings` in all. What a tag
    measured after it was last heard is not counted.
    """

    farm: Named
    total: int
    fresh: int
    stale: int
    silent: int
    never: int
    low_battery: int
    with_gaps: int = 0
    missing_readings: int = 0


class Devices(Shape):
    as_of: datetime
    gateways: list[GatewayRecord]
    cameras: list[CameraRecord]
    tags: list[TagTally]


class MapPen(Shape):
    pen_id: str
    name: str
    species: str
    fence: list[tuple[float, float]]
    book: int
    tags_seen: int


class MapAnimal(Shape):
    animal_id: str
    identity: str
    pen_id: str
    latitude: float
    longitude: float
    last_seen_at: datetime
    outside_fence: bool
    freshness: Freshness


class MapGateway(Shape):
    gateway_id: str
    latitude: float
    longitude: float
    state: str


class FarmMap(Shape):
    farm: Named
    latitude: float
    longitude: float
    timezone: str
    as_of: datetime
    pens: list[MapPen]
    animals: list[MapAnimal]
    gateways: list[MapGateway]


class HerdLine(Shape):
    """One farm's stock."""

    farm: Named
    branch: Named
    species: dict[str, int]
    pens: int
    coverage: float
    latitude: float
    longitude: float


class Health(Shape):
    ok: bool
    database: str
    schema_current: bool
    now: datetime


class Problem(Shape):
    """An error: what is wrong and what to do (RFC 9457 members)."""

    title: str
    status: int
    detail: str
