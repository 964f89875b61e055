"""What ingest can be told from outside; the defaults were measured."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from collateral.settings.fragments import BrokerSettings, DatabaseSettings
from ingest.adapters.adapter import Policy


class Reader(StrEnum):
    """How messages are taken from the broker."""

    PAHO = "paho"
    FAST = "fast"


class Simulated(StrEnum):
    """What becomes of messages that say they are simulated."""

    REFUSE = "refuse"
    ACCEPT = "accept"


class Originals(StrEnum):
    """What becomes of the bytes of frames once they have come."""

    FORGET = "forget"
    KEEP = "keep"


class IngestSettings(BrokerSettings, DatabaseSettings):
    """Broker, database, and how large a batch may grow before it is committed."""

    ingest_client_id: str = Field(
        "ingest",
        title="Client id",
        description="Name at the broker. Keep it over restarts: undelivered messages wait under it.",
        min_length=1,
        max_length=64,
    )
    ingest_batch_rows: int = Field(
        20_000, title="Batch rows", description="Rows committed in one transaction.", ge=1, le=100_000
    )
    ingest_batch_ms: int = Field(
        200,
        title="Batch age",
        description="Longest wait, in milliseconds, before a batch is committed.",
        ge=1,
        le=10_000,
    )
    ingest_waiting_mb: int = Field(
        64,
        title="Waiting",
        description="Megabytes that may wait in memory while the database is away.",
        ge=8,
        le=4096,
    )
    ingest_unacknowledged: int = Field(
        4000,
        title="Unacknowledged",
        description="Messages that the broker may send before the first of them is committed (Receive Maximum).",
        ge=10,
        le=65_535,
    )
    ingest_reader: Reader = Field(
        Reader.PAHO,
        title="Reader",
        description="paho, or fast for brokers that carry single readings at tens of thousands a second.",
    )
    simulated: Simulated = Field(
        Simulated.REFUSE,
        title="Simulated data",
        description="refuse puts messages that say they are simulated into quarantine; accept is for simulators.",
    )
    originals: Originals = Field(
        Originals.FORGET,
        title="Frames",
        description="forget keeps a frame's hash alone, beside its picture without people; keep keeps its bytes too.",
    )
    hkt_scale: Annotated[Literal[100, 1000], BeforeValidator(int)] | None = Field(
        None,
        title="HKT scale",
        description="What HKT tags multiply temperature by, 100 or 1000; unset: only what is clear is taken.",
    )

    def policy(self) -> Policy:
        """What the adapters are told."""
        return Policy(
            accept_simulated=self.simulated is Simulated.ACCEPT,
            keep_originals=self.originals is Originals.KEEP,
            hkt_scale=self.hkt_scale,
        )
