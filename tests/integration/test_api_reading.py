"""What a loan officer reads: loans, pens, herds, maps, devices, counts, pictures, today."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from tests.integration.api import NOW, Bank, open_bank, open_case, picture_of, read, sha_of
from tests.integration.enrolments import GROUP, NORTH, tag_of


@pytest.fixture
def bank(database: str) -> Iterator[Bank]:
    with open_bank(database) as opened:
        yield opened


def _snapshot(bank: Bank, minutes_ago: int, coverage: float, best: int | None) -> None:
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO reconciliation VALUES ('n-loan', %s, 6, 5, %s, %s, %s, 5, 6, 6, %s, 8000000, 4000000)",
            (NOW - timedelta(minutes=minutes_ago), best, best, best, coverage),
        )


def test_before_the_first_reconciliation_a_loan_has_its_book_and_unknown_figures(bank: Bank) -> None:
    loan = bank.get("/loans", "n-officer").json()[0]
    assert (loan["book"], loan["coverage"], loan["camera"]["best"]) == (6, 0.0, None)
    assert loan["camera"]["unknown_because"] == loan["estimate"]["unknown_because"] == "no reconciliation yet"
    assert loan["ltv"] == pytest.approx(4_000_000 / 9_000_000)
    assert [farm["id"] for farm in loan["farms"]] == ["sunny"]


def test_a_loan_shows_its_newest_reconciliation_and_its_open_cases(bank: Bank) -> None:
    _snapshot(bank, 10, 0.5, None)
    _snapshot(bank, 5, 0.9, 5)
    open_case(bank.dsn)
    loan = bank.get("/loans/n-loan", "n-officer").json()["loan"]
    assert (loan["coverage"], loan["tags_seen"], loan["camera"]["best"], loan["ltv"]) == (0.9, 5, 5, 0.5)
    assert loan["open_cases"] == {"red": 0, "orange": 1, "yellow": 0, "blue": 0}


def test_coverage_over_time_is_oldest_first_and_bounded(bank: Bank) -> None:
    for minutes_ago in (5, 10, 60 * 24 * 3):
        _snapshot(bank, minutes_ago, 0.9, 5)
    points = bank.get("/loans/n-loan/coverage", "n-officer", days=1).json()["points"]
    assert [point["as_of"] for point in points] == sorted(point["as_of"] for point in points)
    assert len(points) in (1, 2)
    assert bank.get("/loans/n-loan/coverage", "n-officer", days=91).status_code == 422


def test_the_pens_of_a_loan_stand_side_by_side_and_the_unseen_are_named(bank: Bank) -> None:
    detail = bank.get("/loans/n-loan", "n-officer").json()
    pen = detail["pens"][0]
    assert (pen["book"], pen["tagged"], pen["tags_seen"], pen["camera_ids"]) == (6, 6, 5, ["n-cam"])
    assert (pen["camera"]["best"], pen["value_minor"]) == (5, 9_000_000)
    assert pen["estimate"]["low"] <= pen["estimate"]["best"] <= pen["estimate"]["high"] <= 6
    assert (detail["unseen_total"], detail["unseen"][0]["animal_id"]) == (1, "n-animal-5")
    assert detail["unseen"][0]["last_seen_at"] is None


def test_an_animal_whose_fixes_lie_beyond_the_fence_is_unseen_and_outside(bank: Bank) -> None:
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        for minutes in (20, 10):
            read(connection, tag_of("a", 0), "n-gw", NOW - timedelta(minutes=minutes), (NORTH[0] + 0.02, NORTH[1]))
    first = bank.get("/loans/n-loan", "n-officer").json()["unseen"][0]
    assert (first["animal_id"], first["outside_fence"]) == ("n-animal-0", True)
    animals = {a["animal_id"]: a for a in bank.get("/farms/sunny/map", "n-officer").json()["animals"]}
    assert [name for name, animal in animals.items() if animal["outside_fence"]] == ["n-animal-0"]


def test_a_pledged_animal_without_a_tag_stays_in_the_book_and_is_unseen(bank: Bank) -> None:
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute("UPDATE tag_assignment SET until = %s WHERE animal_id = 'n-animal-0'", (NOW,))
    detail = bank.get("/loans/n-loan", "n-officer").json()
    assert (detail["pens"][0]["book"], detail["pens"][0]["tagged"]) == (6, 5)
    assert {animal["animal_id"]: animal["tag_id"] for animal in detail["unseen"]}["n-animal-0"] is None


def test_a_count_older_than_two_hours_is_unknown(bank: Bank) -> None:
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute("UPDATE head_count SET captured_at = %s", (NOW - timedelta(hours=3),))
    camera = bank.get("/devices", "n-officer").json()["cameras"][0]
    assert (camera["last_count"]["best"], camera["last_count"]["unknown_because"]) == (None, "stale")
    pen = bank.get("/loans/n-loan", "n-officer").json()["pens"][0]
    assert (pen["camera"]["best"], pen["camera"]["unknown_because"]) == (None, "stale")


def test_the_map_shows_fences_animals_and_gateways(bank: Bank) -> None:
    seen = bank.get("/farms/sunny/map", "n-farm").json()
    assert (len(seen["animals"]), len(seen["pens"][0]["fence"]), seen["gateways"][0]["state"]) == (5, 4, "online")
    assert (seen["pens"][0]["book"], seen["pens"][0]["tags_seen"]) == (6, 5)
    assert {animal["freshness"] for animal in seen["animals"]} == {"fresh"}


def test_herds_count_what_stands_there_by_species(bank: Bank) -> None:
    herd = bank.get("/herds", "s-officer").json()[0]
    assert herd["species"] == {"sheep": 6, "pig": GROUP}
    assert herd["coverage"] == pytest.approx((5 + 5) / 26)


def test_devices_tell_how_long_ago_they_were_heard(bank: Bank) -> None:
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        long_ago = NOW - timedelta(days=2)
        connection.execute("DELETE FROM reading WHERE tag_id = %s", (tag_of("a", 0),))
        read(connection, tag_of("a", 0), "n-gw", long_ago, NORTH)
        connection.execute("UPDATE gateway_status SET received_at = %s", (NOW - timedelta(minutes=11),))
    devices = bank.get("/devices", "n-officer").json()
    tags = devices["tags"][0]
    assert [tags[name] for name in ("total", "fresh", "stale", "silent", "never")] == [6, 4, 0, 1, 1]
    assert devices["gateways"][0]["state"] == "silent"


def test_counts_are_newest_first_and_carry_their_picture(bank: Bank) -> None:
    record = bank.get("/counts", "n-officer", camera_id="n-cam").json()[0]
    assert (record["count"]["best"], record["book"], record["pen_name"]) == (5, 6, "N-PEN")
    assert bank.get("/counts", "n-officer", since=NOW.isoformat()).json() == []
    assert bank.get("/counts", "n-officer", since="2026-06-01T12:00:00").status_code == 422
    picture = bank.get(f"/evidence/{record['frame_sha256']}", "n-officer")
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.content == picture_of("n-cam")
    assert picture.headers["frame-sha256"] == sha_of("n-cam")
    digest = base64.b64encode(hashlib.sha256(picture.content).digest()).decode()
    assert picture.headers["repr-digest"] == f"sha-256=:{digest}:"
    by_its_own_hash = bank.get(f"/evidence/{hashlib.sha256(picture.content).hexdigest()}", "n-officer")
    assert by_its_own_hash.content == picture.content


def test_a_frame_whose_people_nobody_has_hidden_yet_is_not_shown(bank: Bank) -> None:
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute("UPDATE evidence SET content = picture, picture = NULL, picture_sha256 = NULL")
    assert bank.get(f"/evidence/{sha_of('n-cam')}", "n-officer").status_code == 404
    with psycopg.connect(bank.dsn) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SET ROLE herdlien_person")
        connection.execute("SELECT content FROM evidence")


def test_a_cameras_counts_over_time_are_oldest_first_and_say_when_they_are_unknown(bank: Bank) -> None:
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO head_count SELECT camera_id, 2, captured_at - interval '10 minutes', counted_at, received_at,"
            " gateway_id, NULL, NULL, NULL, 'dark', method, model_version, frame_sha256 FROM head_count"
        )
    series = bank.get("/cameras/n-cam/counts", "n-officer").json()
    assert [(point["best"], point["unknown_because"]) for point in series["points"]] == [(None, "dark"), (5, None)]
    assert (series["book"], series["pen_name"]) == (6, "N-PEN")
    assert bank.get("/cameras/n-cam/counts", "n-officer", days=32).status_code == 422
    assert bank.get("/cameras/nowhere/counts", "n-officer").status_code == 404


def test_today_puts_the_most_urgent_first(bank: Bank) -> None:
    case = open_case(bank.dsn)
    today = bank.get("/today", "n-officer").json()
    assert (today["loans"], today["pledged_head"], today["open_cases"]["orange"]) == (1, 6, 1)
    assert [(task["kind"], task["case_id"]) for task in today["tasks"]] == [
        ("acknowledge_case", case), ("low_coverage", None),
    ]  # fmt: skip
