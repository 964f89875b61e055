"""Shapes of count sessions (盘点) over HTTP: opening, reads, heads, sample, photographs, closing, the report."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from collateral.contract.http import Shape
from collateral.contract.ledger import RowFaultShape

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Latitude = Annotated[float | None, Field(ge=-90, le=90)]
Longitude = Annotated[float | None, Field(ge=-180, le=180)]


class SessionAsked(Shape):
    """Between `freeze_from` and `freeze_until` nothing may move between pens."""

    farm_id: str
    pens: list[str] = Field(min_length=1, max_length=1000)
    freeze_from: AwareDatetime
    freeze_until: AwareDatetime


class ReadShape(Shape):
    """One read: a device's EUI or an official number, in a pen. Latitude and longitude go together, or not at all."""

    pen_id: str
    tag: str = Field(min_length=1, max_length=32, pattern="^[0-9A-Za-z]+$")
    read_at: AwareDatetime
    reader: str = Field(min_length=1, max_length=64)
    latitude: Latitude = None
    longitude: Longitude = None


class ReadsAsked(Shape):
    reads: list[ReadShape] = Field(min_length=1, max_length=20_000)


class HeadsShape(Shape):
    """`frame_sha256` names the picture when a camera counted."""

    pen_id: str
    heads: int = Field(ge=0, le=100_000)
    counted_at: AwareDatetime
    counted_by: Literal["eye", "camera"]
    frame_sha256: Sha256 | None = None


class HeadsAsked(Shape):
    heads: list[HeadsShape] = Field(min_length=1, max_length=1000)


class PhotoShape(Shape):
    """`matches`: animal and ear tag on the photograph are the enrolled ones."""

    tag: str = Field(min_length=1, max_length=32)
    sha256: Sha256
    taken_at: AwareDatetime
    matches: bool
    latitude: Latitude = None
    longitude: Longitude = None


class PhotosAsked(Shape):
    photos: list[PhotoShape] = Field(min_length=1, max_length=1000)


class Recorded(Shape):
    """`added` of `received` are new: what is sent again changes nothing."""

    received: int
    added: int


class ReadsFileAnswer(Shape):
    """What a file of reads holds. With `dry_run` nothing was written, and `added` is what would not be refused."""

    dry_run: bool
    received: int
    added: int
    faults: list[RowFaultShape]


class SessionLine(Shape):
    """`stage`: tags are read until the sample is drawn, then photographed until the session is closed. `passed`,
    `gross` and `unique_tags` null: not closed yet."""

    session_id: str
    loan_id: str
    farm_id: str
    pens: list[str]
    opened_at: datetime
    opened_by: str
    freeze_from: datetime
    freeze_until: datetime
    stage: Literal["reading", "photographing", "closed"]
    passed: bool | None
    gross: int | None
    unique_tags: int | None


class SessionPen(Shape):
    """One pen in head. `book`: pledged here; `absent`: of these the tagged that were read nowhere. `heads` null: not
    counted by eye or camera. `by_number`: head pledged by number here.

    `gross`, what was counted here, is the sum of: `booked`, tags of the session's book read here alone; `others`, tags
    of the farm outside that book; `twice`, tags read in another pen too; `foreign`, tags of no animal of the farm;
    `numbered`, head above the tags as far as animals are pledged here by number; `untagged`, head above that.
    """

    pen_id: str
    pen_name: str
    tags: int
    heads: int | None
    by_number: int
    book: int
    absent: int
    gross: int
    booked: int
    others: int
    twice: int
    foreign: int
    numbered: int
    untagged: int


class SeenTwiceShape(Shape):
    """One tag in two pens within the session."""

    tag: str
    first_pen_id: str
    first_at: datetime
    then_pen_id: str
    then_at: datetime
    apart_s: float


class SampleAnimal(Shape):
    """One animal to photograph, and where and when it was last read. `photo_sha256` null: not photographed yet."""

    tag: str
    identity: str | None
    pen_name: str | None
    read_at: datetime | None
    photo_sha256: str | None
    matches: bool | None


class SampleShape(Shape):
    """The draw and how to check it: order the tags by SHA-256 of seed and tag and take the first; the seed is the
    SHA-256 of session, `reads_sha256` and secret; the secret's own SHA-256 was published when the session was opened.

    `ghosts_at_most`: of all animals read, at 95 % confidence, after the photographs filed so far (exact
    hypergeometric).
    """

    drawn_at: datetime
    reads_sha256: str
    secret: str
    seed: str
    animals: list[SampleAnimal]
    herd: int
    photographed: int
    faults: int
    ghosts_at_most: int


class SessionReport(Shape):
    """A session as it stands, or, once closed, its result. `absent`, `foreign` and `seen_twice` name the first of
    `absent_total`, `foreign_total` and `seen_twice_total`."""

    session: SessionLine
    secret_sha256: str
    as_of: datetime
    closed: bool
    passed: bool
    refused_because: list[str]
    gross: int
    unique_tags: int
    duplicates: int
    untagged: int
    foreign: list[str]
    foreign_total: int
    absent: list[str]
    absent_total: int
    pens: list[SessionPen]
    seen_twice: list[SeenTwiceShape]
    seen_twice_total: int
    sample: SampleShape | None
