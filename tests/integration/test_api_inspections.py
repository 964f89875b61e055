"""Count sessions over HTTP, on a real database: opened, read, sampled, photographed, closed; and who sees them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from collateral.book import sampling
from collateral.model.ids import FarmId, TagId
from collateral.store import inspections, pool
from tests.integration.api import NOW, Bank, open_bank
from tests.integration.enrolments import HEAD, tag_of

BEGAN = NOW - timedelta(hours=1)


@pytest.fixture
def bank(database: str) -> Iterator[Bank]:
    with open_bank(database) as opened:
        yield opened


def opened(bank: Bank, login: str = "n-officer", **differs: Any) -> dict[str, Any]:
    asked = {
        "farm_id": "sunny", "pens": ["n-pen"], "freeze_from": BEGAN.isoformat(), "freeze_until": NOW.isoformat(),
    }  # fmt: skip
    answer = bank.post("/loans/n-loan/count-sessions", login, **asked | differs)
    assert answer.status_code == 201, answer.text
    report: dict[str, Any] = answer.json()
    return report


def read(tag: str, minute: int = 5, pen: str = "n-pen") -> dict[str, Any]:
    return {"pen_id": pen, "tag": tag, "read_at": (BEGAN + timedelta(minutes=minute)).isoformat(), "reader": "wand"}


def herd_read(bank: Bank, session: str, head: int = HEAD) -> None:
    reads = [read(tag_of("a", n)) for n in range(head)]
    assert bank.post(f"/count-sessions/{session}/reads", "n-officer", reads=reads).json()["added"] == head


def photographs(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"tag": animal["tag"], "sha256": hashlib.sha256(animal["tag"].encode()).hexdigest(),
         "taken_at": NOW.isoformat(), "matches": True}
        for animal in report["sample"]["animals"]
    ]  # fmt: skip


def test_a_session_is_read_sampled_photographed_and_passes(bank: Bank) -> None:
    session = opened(bank)["session"]["session_id"]
    at = f"/count-sessions/{session}"
    herd_read(bank, session)
    again = bank.post(f"{at}/reads", "n-officer", reads=[read(tag_of("a", n)) for n in range(HEAD)]).json()
    assert again == {"received": HEAD, "added": 0}
    heads = [{"pen_id": "n-pen", "heads": HEAD, "counted_at": BEGAN.isoformat(), "counted_by": "eye"}]
    assert bank.post(f"{at}/heads", "n-officer", heads=heads).json()["added"] == 1
    sampled = bank.post(f"{at}/sample", "n-officer")
    assert sampled.status_code == 201
    assert bank.post(f"{at}/photos", "n-officer", photos=photographs(sampled.json())).json()["added"] == HEAD
    closed = bank.post(f"{at}/close", "n-officer").json()
    assert (closed["closed"], closed["passed"], closed["refused_because"]) == (True, True, [])
    assert (closed["gross"], closed["unique_tags"], closed["duplicates"], closed["absent"]) == (HEAD, HEAD, 0, [])
    assert (closed["sample"]["photographed"], closed["sample"]["ghosts_at_most"]) == (HEAD, 0)
    (pen,) = closed["pens"]
    assert (pen["pen_name"], pen["book"], pen["tags"], pen["gross"], pen["booked"]) == ("N-PEN", *[HEAD] * 4)
    assert [pen[what] for what in ("absent", "others", "twice", "foreign", "numbered", "untagged")] == [0] * 6
    assert closed["sample"]["animals"][0]["pen_name"] == "N-PEN"
    (line,) = bank.get("/loans/n-loan/count-sessions", "n-auditor").json()
    assert (line["session_id"], line["passed"], line["unique_tags"]) == (session, True, HEAD)


def test_the_list_tells_how_far_each_session_has_come_and_narrows_to_a_farm(bank: Bank) -> None:
    sessions = [opened(bank)["session"]["session_id"] for _ in range(3)]
    for session in sessions[1:]:
        herd_read(bank, session, 4)
        bank.post(f"/count-sessions/{session}/sample", "n-officer")
    bank.post(f"/count-sessions/{sessions[2]}/close", "n-officer")
    found = {line["session_id"]: line for line in bank.get("/count-sessions", "all-auditor").json()}
    assert [found[s]["stage"] for s in sessions] == ["reading", "photographing", "closed"]
    assert [found[s]["gross"] for s in sessions] == [None, None, 4]
    assert len(bank.get("/count-sessions", "n-officer", farm_id="sunny", loan_id="n-loan").json()) == len(sessions)
    assert bank.get("/count-sessions", "n-officer", farm_id="misty").json() == []
    assert bank.get("/count-sessions", "s-officer").json() == []
    assert bank.get("/count-sessions", "n-farm").status_code == 403


def test_the_draw_can_be_checked_by_anybody_and_known_by_nobody_before(bank: Bank) -> None:
    first = opened(bank)
    session = first["session"]["session_id"]
    herd_read(bank, session)
    assert "secret" not in bank.get(f"/count-sessions/{session}", "n-officer").json()
    draw = bank.post(f"/count-sessions/{session}/sample", "n-officer").json()["sample"]
    secret = bytes.fromhex(draw["secret"])
    assert hashlib.sha256(secret).hexdigest() == first["secret_sha256"]
    assert sampling.seed(session, draw["reads_sha256"], secret) == draw["seed"]
    tags = [TagId(tag_of("a", n)) for n in range(HEAD)]
    assert [animal["tag"] for animal in draw["animals"]] == list(sampling.drawn(tags, draw["seed"]))
    assert draw["animals"][0]["identity"].startswith("2150524")


def test_reasons_name_pens_as_people_know_them(bank: Bank) -> None:
    assert "pens without any read or count: N-PEN; count them too" in opened(bank)["refused_because"]


def test_people_cannot_read_a_secret_even_in_the_database(bank: Bank) -> None:
    opened(bank)
    with psycopg.connect(bank.dsn) as connection:
        connection.execute("SET LOCAL ROLE herdlien_person")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT secret FROM count_session")


def test_what_was_read_is_final_once_the_sample_is_drawn_and_all_once_closed(bank: Bank) -> None:
    session = opened(bank)["session"]["session_id"]
    at = f"/count-sessions/{session}"
    assert bank.post(f"{at}/sample", "n-officer").status_code == 409
    herd_read(bank, session, 4)
    bank.post(f"{at}/sample", "n-officer")
    late = bank.post(f"{at}/reads", "n-officer", reads=[read(tag_of("a", 5))])
    assert (late.status_code, "open another session" in late.json()["detail"]) == (409, True)
    assert bank.post(f"{at}/sample", "n-officer").status_code == 409
    closed = bank.post(f"{at}/close", "n-officer").json()
    assert closed["refused_because"] == ["sample photos are missing: 4 of 4; photograph them"]
    assert closed["absent"] == ["n-animal-4", "n-animal-5"]
    assert bank.post(f"{at}/close", "n-officer").status_code == 409
    with psycopg.connect(bank.dsn) as connection, pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        connection.execute("UPDATE count_session_result SET passed = true, refused_because = '{}'")


def test_a_closed_session_is_seen_by_the_rules(bank: Bank) -> None:
    session = opened(bank)["session"]["session_id"]
    herd_read(bank, session, 4)
    foreign = [read("ffff000000000001"), read("2150524" + "0" * 7 + "5")]
    bank.post(f"/count-sessions/{session}/reads", "n-officer", reads=foreign)
    report = bank.post(f"/count-sessions/{session}/close", "n-officer").json()
    with pool.connect(bank.dsn) as connection:
        (result,) = inspections.closed(connection, FarmId("sunny"), NOW)
        assert inspections.closed(connection, FarmId("sunny"), NOW - timedelta(seconds=1)) == ()
        assert inspections.closed(connection, FarmId("misty"), NOW) == ()
    assert (result.foreign, result.absent) == (("ffff000000000001",), ("n-animal-4",))  # 5 was read by its number
    assert (result.gross, result.passed, list(result.refused_because)) == (6, False, report["refused_because"])


def test_a_hand_readers_file_is_taken_once_with_its_bad_rows_told(bank: Bank) -> None:
    session = opened(bank)["session"]["session_id"]
    at = f"/count-sessions/{session}/reads-file"
    local = "2026-06-01 19:05:00"  # in Shanghai, where the farm is
    data = f"耳标号,读取时间,圈舍\n{tag_of('a', 0)},{local},N-PEN\n{tag_of('a', 1)},{local},s-pen\n".encode("gb18030")
    dry = bank.send(at, data, "n-officer", dry_run=True).json()
    assert (dry["added"], [(f["line"], f["code"]) for f in dry["faults"]]) == (1, [(3, "pen")])
    assert [bank.send(at, data, "n-officer").json()["added"] for _ in range(2)] == [1, 0]
    report = bank.get(f"/count-sessions/{session}", "n-officer").json()
    assert (report["unique_tags"], report["closed"]) == (1, False)


def test_a_reader_that_knows_no_pens_is_told_where_it_was(bank: Bank) -> None:
    at = f"/count-sessions/{opened(bank)['session']['session_id']}/reads-file"
    data = f"EID,Time\n{tag_of('a', 0)},2026-06-01 19:05:00\n".encode()
    assert [f["column"] for f in bank.send(at, data, "n-officer").json()["faults"]] == ["pen"]
    assert bank.send(at, data, "n-officer", pen_id="n-pen").json()["added"] == 1
    assert bank.send(at, data, "n-officer", pen_id="s-pen").status_code == 422


@pytest.mark.parametrize("login", ["s-officer", "s-risk"])
def test_another_branch_sees_no_session_and_cannot_touch_one(bank: Bank, login: str) -> None:
    session = opened(bank)["session"]["session_id"]
    assert bank.get(f"/count-sessions/{session}", login).status_code == 404
    assert bank.get("/loans/n-loan/count-sessions", login).status_code == 404
    assert bank.post(f"/count-sessions/{session}/reads", login, reads=[read(tag_of("a", 0))]).status_code == 404
    for step in ("sample", "close"):
        assert bank.post(f"/count-sessions/{session}/{step}", login).status_code == 404


def test_auditors_and_farm_hands_hold_no_inspection(bank: Bank) -> None:
    for login in ("n-auditor", "n-farm"):
        asked = {
            "farm_id": "sunny",
            "pens": ["n-pen"],
            "freeze_from": BEGAN.isoformat(),
            "freeze_until": NOW.isoformat(),
        }
        assert bank.post("/loans/n-loan/count-sessions", login, **asked).status_code == 403


def test_what_makes_no_sense_is_refused_with_what_to_do(bank: Bank) -> None:
    def asked(**differs: Any) -> int:
        body = {
            "farm_id": "sunny",
            "pens": ["n-pen"],
            "freeze_from": BEGAN.isoformat(),
            "freeze_until": NOW.isoformat(),
        }
        status: int = bank.post("/loans/n-loan/count-sessions", "n-officer", **body | differs).status_code
        return status

    assert asked(pens=["s-pen"]) == 422
    assert asked(freeze_until=BEGAN.isoformat()) == 422
    assert asked(farm_id="misty") == 404
    session = opened(bank)["session"]["session_id"]
    at = f"/count-sessions/{session}"
    assert bank.post(f"{at}/reads", "n-officer", reads=[read("a" * 16, pen="s-pen")]).status_code == 422
    naive = read("a" * 16) | {"read_at": "2026-06-01T09:00:00"}
    assert bank.post(f"{at}/reads", "n-officer", reads=[naive]).status_code == 422
    camera = {"pen_id": "n-pen", "heads": 3, "counted_at": NOW.isoformat(), "counted_by": "camera"}
    assert bank.post(f"{at}/heads", "n-officer", heads=[camera]).status_code == 422
    herd_read(bank, session)
    bank.post(f"{at}/sample", "n-officer")
    stray = {"tag": "b" * 16, "sha256": "0" * 64, "taken_at": NOW.isoformat(), "matches": True}
    assert bank.post(f"{at}/photos", "n-officer", photos=[stray]).status_code == 422
