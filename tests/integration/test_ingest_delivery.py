"""From a gateway's publish to the row and back to its receipt, over a real broker into a real database."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from collateral.contract import codec
from collateral.contract.messages import VERSION, CountMade, Frame, GatewayState, HeadRange, Status
from collateral.contract.topics import Kind
from collateral.store import pool
from collateral.store.readings import compare_published
from stack.broker import Broker
from tests.integration.field import SINCE, FieldGateway, Ingest, await_true, made_up, published, running_ingest

KINDS_STORED = """
SELECT least(1, (SELECT count(*) FROM evidence)) + least(1, (SELECT count(*) FROM head_count))
     + least(1, (SELECT count(*) FROM gateway_status))
"""


@pytest.fixture(params=["paho", "fast"])
def ingest(
    request: pytest.FixtureRequest, database: str, broker: Broker, client_id: Callable[[str], str], tmp_path: Path
) -> Iterator[Ingest]:
    reader = {"HERDLIEN_INGEST_READER": request.param}
    with running_ingest(database, broker, client_id("ingest"), tmp_path, more=reader) as running:
        yield running


@pytest.fixture
def gateway(mqtt_prefix: str, broker: Broker) -> Iterator[FieldGateway]:
    with FieldGateway(mqtt_prefix, "gw-1", broker) as gateway:
        yield gateway


def rows(database: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


def test_what_is_published_is_stored_once_and_receipted(database: str, ingest: Ingest, gateway: FieldGateway) -> None:
    messages = [made_up("gw-1", number) for number in range(1, 51)]
    gateway.deliver(messages)
    for message in messages[10:20]:
        gateway.send(message)  # although it is receipted
    gateway.deliver([made_up("gw-1", 51)])
    with pool.connect(database) as connection:
        ledger = compare_published(connection, published([*messages, made_up("gw-1", 51)]))
    assert (ledger.published, ledger.stored) == (510, 510)
    assert (ledger.lost, ledger.duplicates, ledger.surplus) == (0, 0, 0)
    assert rows(database, "SELECT committed_up_to, ahead FROM receipt") == [(51, [])]


def test_a_gap_is_reported_and_never_claimed(database: str, ingest: Ingest, gateway: FieldGateway) -> None:
    gateway.publish_until(
        lambda: gateway.receipts and gateway.receipts[-1].missing == [3, 5],
        "the gap is reported",
        *((Kind.READINGS, codec.encode(made_up("gw-1", number))) for number in (1, 2, 4, 6)),
    )
    assert gateway.up_to == 2
    gateway.send(made_up("gw-1", 5))
    gateway.send(made_up("gw-1", 3))
    await_true(lambda: gateway.up_to == 6, "the gap is closed")
    assert gateway.receipts[-1].missing == []


def twice(*sends: tuple[Kind, bytes]) -> tuple[tuple[Kind, bytes], ...]:
    """As a broker or a gateway that is not sure would send them."""
    return (*sends, *sends)


def test_frames_counts_and_statuses_are_stored_once(database: str, ingest: Ingest, gateway: FieldGateway) -> None:
    picture = b"\xff\xd8picture"
    digest = hashlib.sha256(picture).hexdigest()
    frame = Frame(
        v=VERSION, gateway="gw-1", spool="s1", number=1, camera="cam", sequence=9, captured_at=SINCE,
        sha256=digest, jpeg=picture,
    )  # fmt: skip
    count = CountMade(
        v=VERSION, camera="cam", gateway="gw-1", sequence=9, captured_at=SINCE, counted_at=SINCE, frame_sha256=digest,
        count=HeadRange(low=3, best=4, high=6), method="detector", model_version="1", boxes=[(1, 2, 3, 4, 0.5)],
    )  # fmt: skip
    status = Status(v=VERSION, gateway="gw-1", state=GatewayState.ONLINE, at=SINCE, unsent=7, software="1.0")
    gateway.publish_until(
        lambda: ingest.health()["duplicates"] >= 3 and rows(database, KINDS_STORED) == [(3,)],
        "each has come, and second copies too",
        *twice(
            (Kind.FRAME, codec.encode_frame(frame)),
            (Kind.COUNT, codec.encode(count)),
            (Kind.STATUS, codec.encode(status)),
        ),
    )
    # The frame's bytes may show people: only that it came is kept.
    assert rows(database, "SELECT sha256, source, content FROM evidence") == [(digest, "cam", None)]
    assert rows(database, "SELECT low, best, high, boxes FROM head_count") == [(3, 4, 6, [[1.0, 2.0, 3.0, 4.0, 0.5]])]
    assert rows(database, "SELECT state, unsent, software FROM gateway_status") == [("online", 7, "1.0")]
    await_true(lambda: gateway.up_to == 1, "the frame is receipted")


def test_what_cannot_be_understood_or_stored_is_kept_with_the_reason_and_receipted(
    database: str, ingest: Ingest, gateway: FieldGateway
) -> None:
    poison = CountMade(
        v=VERSION, camera="cam", gateway="gw-1", sequence=1, captured_at=SINCE, counted_at=SINCE,
        frame_sha256="0" * 64, count=HeadRange(low=1, best=2, high=2**40), method="m", model_version="1",
    )  # fmt: skip
    later = codec.encode(made_up("gw-1", 2)).replace(b'"v":1', b'"v":9')
    big = codec.encode(made_up("gw-1", 3))[:-1] + b',"padding":"' + b"x" * codec.MOST_JSON_BYTES + b'"}'
    with_nul = codec.encode(poison).replace(b'"m"', b'"\\u0000"').replace(b"1099511627776", b"3")
    gateway.publish_until(
        lambda: gateway.up_to == 3 and ingest.health()["quarantined"] >= 12,
        "all are put aside twice and count as committed",
        *twice(
            (Kind.READINGS, codec.encode(made_up("gw-1", 1))),
            (Kind.READINGS, b"{not json"),
            (Kind.READINGS, later),
            (Kind.READINGS, big),
            (Kind.READINGS, codec.encode(made_up("somebody-else", 4))),
            (Kind.COUNT, codec.encode(poison)),
            (Kind.COUNT, with_nul),
        ),
    )
    reasons = " | ".join(str(reason) for (reason,) in rows(database, "SELECT reason FROM quarantine"))
    for text in ("malformed", "NUL", "out of range", "names gateway", "too big", "version 9"):
        assert text in reasons
    assert rows(database, "SELECT count(*) FROM quarantine") == [(6,)]
    assert rows(database, "SELECT count(*) FROM reading") == [(10,)]
    assert rows(database, "SELECT count(*) FROM receipt WHERE gateway_id = 'somebody-else'") == [(0,)]
    await_true(lambda: ingest.health()["queue_depth"] == 0, "all are acknowledged")


def test_the_pages_name_database_and_broker_and_count(ingest: Ingest, gateway: FieldGateway, broker: Broker) -> None:
    gateway.deliver([made_up("gw-1", 1)])
    report = ingest.health()
    assert report["ok"] is True
    assert "PostgreSQL" in report["database"]
    assert ("MQTT 5" if broker.kind == "mosquitto" else "MQTT 3.1.1") in report["broker"]
    assert report["readings"] == 10
    assert b'herdlien_ingest_stored_total{table="readings"} 10.0' in ingest.page("/metrics")
    assert ingest.stop() == 0
