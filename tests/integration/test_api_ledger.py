"""Movement requests over HTTP: what they do to the book, who may, and that the roll-forward ties."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from collateral.store import facts
from tests.integration.animal_files import ear_tag, file, row
from tests.integration.api import NOW, Bank, open_bank
from tests.integration.enrolments import SINCE

START, END = NOW - timedelta(hours=1), NOW + timedelta(hours=5)
CERTIFICATE = {"kind": "quarantine_certificate", "number": "15-0001234"}
SALE = {
    "loan_id": "n-loan", "kind": "sale", "leaving": ["n-animal-0", "n-animal-1"], "window_from": START.isoformat(),
    "window_to": END.isoformat(), "reason": "sold to the abattoir", "documents": [CERTIFICATE],
}  # fmt: skip


@pytest.fixture
def bank(database: str) -> Iterator[Bank]:
    with open_bank(database) as opened:
        yield opened


def asked(bank: Bank, **changed: Any) -> int:
    answer = bank.post("/movements", "n-officer", **SALE | changed)
    assert answer.status_code == 201, answer.text
    number: int = answer.json()["summary"]["request_id"]
    return number


def approved(bank: Bank, **changed: Any) -> int:
    number = asked(bank, **changed)
    answer = bank.post(f"/movements/{number}/approve", "n-risk", note="seen")
    assert answer.status_code == 200, answer.text
    return number


def one(bank: Bank, sql: str, *values: object) -> tuple[Any, ...]:
    with psycopg.connect(bank.dsn) as connection:
        found = connection.execute(sql, values).fetchone()  # type: ignore[call-overload]
    assert found is not None
    return tuple(found)


def rolled(bank: Bank, start: datetime = NOW - timedelta(days=30), end: datetime = NOW) -> dict[str, Any]:
    found: dict[str, Any] = bank.get(
        "/loans/n-loan/roll-forward", "n-officer", start=start.isoformat(), end=end.isoformat()
    ).json()
    return found


def test_a_sale_goes_from_request_to_proceeds_and_leaves_a_book_that_ties(bank: Bank) -> None:
    number = approved(bank)
    with psycopg.connect(bank.dsn) as connection:
        (farm,) = [f for f in facts.farms(connection) if f.farm_id == "sunny"]
        before = facts.gather(connection, farm, NOW)
    assert before.may_leave(before.tracks[0].animal_id)
    done = bank.post(f"/movements/{number}/execute", "n-officer").json()
    assert done["summary"]["state"] == "executed"
    assert one(bank, "SELECT status FROM animal WHERE animal_id = 'n-animal-0'") == ("sold",)
    assert one(bank, "SELECT until FROM pledge WHERE animal_id = 'n-animal-0'") == (NOW,)
    assert one(bank, "SELECT until FROM tag_assignment WHERE animal_id = 'n-animal-1'") == (NOW,)
    assert one(bank, "SELECT status, until FROM animal_was WHERE animal_id = 'n-animal-1'") == ("present", NOW)

    closed = bank.post(f"/movements/{number}/proceeds", "n-officer", proceeds_minor=3_600_000, receipt_no="R-77").json()
    assert closed["summary"]["state"] == "closed"
    assert [e["event"] for e in closed["events"]] == ["requested", "approved", "executed", "closed"]
    assert [e["actor"] for e in closed["events"]] == ["n-officer", "n-risk", "n-officer", "n-officer"]
    month = rolled(bank)
    assert (month["opening"], month["sales"], month["closing"], month["ties"]) == (6, 2, 4, True)
    whole = rolled(bank, SINCE - timedelta(days=1))
    assert (whole["opening"], whole["enrolled"], whole["sales"], whole["closing"], whole["ties"]) == (0, 6, 2, 4, True)


def test_a_pledge_that_ends_without_a_movement_does_not_tie_and_is_named(bank: Bank) -> None:
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute("UPDATE pledge SET until = %s WHERE animal_id = 'n-animal-3'", (NOW - timedelta(days=1),))
    month = rolled(bank)
    assert (month["difference"], month["ties"], month["unexplained_out"]) == (-1, False, ["n-animal-3"])


def test_nobody_approves_their_own_request_and_papers_are_needed(bank: Bank) -> None:
    number = asked(bank, documents=[])
    detail = bank.get(f"/movements/{number}", "n-risk").json()
    assert detail["objections"] == ["needs a quarantine certificate with its number"]
    refused = bank.post(f"/movements/{number}/approve", "n-risk")
    assert (refused.status_code, "quarantine certificate" in refused.json()["detail"]) == (409, True)
    assert bank.post(f"/movements/{number}/documents", "n-officer", **CERTIFICATE).json()["objections"] == []
    own = bank.post(f"/movements/{number}/approve", "n-officer")
    assert (own.status_code, "somebody else" in own.json()["detail"]) == (409, True)
    assert bank.post(f"/movements/{number}/approve", "n-auditor").status_code == 403
    assert bank.post(f"/movements/{number}/approve", "n-risk").json()["summary"]["decided_by"] == "n-risk"


def test_an_animal_is_named_by_one_open_request_at_a_time(bank: Bank) -> None:
    approved(bank)
    second = asked(bank, leaving=["n-animal-1", "n-animal-2"])
    refused = bank.post(f"/movements/{second}/approve", "n-risk").json()
    assert "another open request names: n-animal-1" in refused["detail"]


def test_a_withdrawn_approval_lets_nobody_leave(bank: Bank) -> None:
    number = approved(bank)
    bank.post(f"/movements/{number}/withdraw", "n-officer")
    with psycopg.connect(bank.dsn) as connection:
        (farm,) = [f for f in facts.farms(connection) if f.farm_id == "sunny"]
        later = facts.gather(connection, farm, NOW + timedelta(minutes=5))
        earlier = facts.gather(connection, farm, NOW - timedelta(minutes=5))
    assert not later.may_leave(later.tracks[0].animal_id)
    assert not earlier.may_leave(earlier.tracks[0].animal_id)  # it was approved at NOW
    assert bank.post(f"/movements/{number}/execute", "n-officer").status_code == 409


def test_a_substitution_swaps_animals_of_at_least_the_same_value(bank: Bank) -> None:
    bank.send("/farms/sunny/animals", file(row(900), row(901)), "n-officer")
    swap = {"kind": "substitution", "documents": [{"kind": "tag_list", "sha256": "a" * 64}]}
    light = asked(bank, **swap, entering=[{"animal_id": ear_tag(900), "value_minor": 1_500_000}])
    assert "enters for 3000000" in bank.post(f"/movements/{light}/approve", "n-risk").json()["detail"]
    bank.post(f"/movements/{light}/withdraw", "n-officer")
    full = [{"animal_id": ear_tag(n), "value_minor": 1_500_000} for n in (900, 901)]
    number = approved(bank, **swap, entering=full)
    assert bank.post(f"/movements/{number}/execute", "n-officer").json()["summary"]["state"] == "closed"
    month = rolled(bank)
    assert (month["substitutions_in"], month["substitutions_out"], month["closing"], month["ties"]) == (2, 2, 6, True)
    assert one(bank, "SELECT loan_id FROM pledge WHERE animal_id = %s AND until IS NULL", ear_tag(900)) == ("n-loan",)


def test_a_transfer_keeps_the_pledge_and_remembers_where_it_was(bank: Bank) -> None:
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO pen SELECT 'n-pen-2', farm_id, 'N2', species, fence FROM pen WHERE pen_id = 'n-pen'"
        )
    number = approved(bank, kind="transfer", to_pen_id="n-pen-2")
    bank.post(f"/movements/{number}/execute", "n-officer")
    assert one(bank, "SELECT pen_id, status FROM animal WHERE animal_id = 'n-animal-0'") == ("n-pen-2", "present")
    assert one(bank, "SELECT pen_id FROM animal_was WHERE animal_id = 'n-animal-0'") == ("n-pen",)
    month = rolled(bank)
    assert (month["transfers_in"], month["transfers_out"], month["closing"], month["ties"]) == (2, 2, 6, True)


def test_cattle_are_not_transferred_to_a_pen_for_sheep(bank: Bank) -> None:
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO pen SELECT 'n-fold', farm_id, 'FOLD', 'sheep', fence FROM pen WHERE pen_id = 'n-pen'"
        )
    number = asked(bank, kind="transfer", to_pen_id="n-fold")
    against = bank.get(f"/movements/{number}", "n-risk").json()["objections"]
    assert against == ["pen n-fold is for sheep, and n-animal-0, n-animal-1 are cattle"]
    refused = bank.post(f"/movements/{number}/approve", "n-risk")
    assert (refused.status_code, "is for sheep" in refused.json()["detail"]) == (409, True)


def test_nothing_moves_to_or_comes_from_a_farm_of_another_branch(bank: Bank) -> None:
    for pen in ("s-pen", "nowhere"):
        refused = bank.post("/movements", "all-risk", **SALE | {"kind": "transfer", "to_pen_id": pen})
        assert (refused.status_code, "no pen on a farm of the loan's branch" in refused.json()["detail"]) == (409, True)
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute("UPDATE pledge SET until = %s WHERE animal_id = 's-animal-0'", (NOW,))
    papers = [{"kind": "invoice", "number": "I-1"}, {"kind": "tag_list", "sha256": "c" * 64}]
    asked = bank.post("/movements", "all-risk", **SALE | {
        "kind": "purchase", "leaving": [], "documents": papers,
        "entering": [{"animal_id": "s-animal-0", "value_minor": 1}],
    }).json()  # fmt: skip
    assert asked["objections"] == ["not enrolled, or not present: s-animal-0; import them first"]


def test_a_death_needs_its_papers_and_shows_as_a_death_to_the_rules(bank: Bank) -> None:
    papers = [{"kind": "disposal_record", "number": "WHH-9"}, {"kind": "carcass_photo", "sha256": "b" * 64}]
    number = approved(bank, kind="death", leaving=["n-animal-4"], documents=papers,
                      window_from=(NOW - timedelta(hours=9)).isoformat(), window_to=(NOW - timedelta(hours=3)).isoformat())  # fmt: skip
    died = (NOW - timedelta(hours=8)).isoformat()
    assert bank.post(f"/movements/{number}/execute", "n-officer", at=died).json()["summary"]["state"] == "closed"
    assert one(bank, "SELECT status FROM animal WHERE animal_id = 'n-animal-4'") == ("dead",)
    found = one(bank, "SELECT animal_id, carcass_sha256, disposal_ref, confirmed_at FROM reported_death")
    assert found == ("n-animal-4", "b" * 64, "WHH-9", NOW)


def test_a_retagging_ends_the_old_and_begins_the_new_and_a_file_learns_of_it(bank: Bank) -> None:
    new = {"dev_eui": "d" * 16, "ear_tag": ear_tag(5000)}
    refused = bank.post("/animals/n-animal-0/retag", "n-officer", dev_eui="a000000000000001")
    assert (refused.status_code, "another animal" in refused.json()["detail"]) == (409, True)
    new["dev_eui"] = "d00000000000000d"
    assert bank.post("/animals/n-animal-0/retag", "n-officer", **new).status_code == 204
    assert one(bank, "SELECT until FROM tag_assignment WHERE tag_id = 'a000000000000000'") == (NOW,)
    assert one(bank, "SELECT animal_id, since FROM tag_assignment WHERE tag_id = 'd00000000000000d'") == (
        "n-animal-0",
        NOW,
    )
    assert one(bank, "SELECT number FROM animal_identity WHERE animal_id = 'n-animal-0'") == (ear_tag(0),)
    told = bank.send("/farms/sunny/animals", file(row(0)), "n-officer", loan_id="n-loan", dry_run=True).json()
    assert [f["code"] for f in told["faults"]] == ["replaced"]
    assert bank.post("/animals/s-animal-0/retag", "n-officer", **new).status_code == 404


def test_an_import_over_http_does_not_name_the_loan_of_another_branch(bank: Bank) -> None:
    bank.send("/farms/misty/animals", file(row(950, pen="s-pen")), "s-officer", loan_id="s-loan")
    mine = file(row(950), row(951), row(0))
    told = bank.send("/farms/sunny/animals", mine, "n-officer", loan_id="n-loan").json()
    assert bank.send("/farms/misty/animals", mine, "n-officer").status_code == 404
    assert bank.send("/farms/sunny/animals", mine, "n-auditor").status_code == 403
    assert bank.send("/farms/sunny/animals", b"what is this", "n-officer").json()["refused"]
    assert (told["new"], told["bad"], "s-loan" in str(told)) == (2, 1, False)


def test_a_pen_is_found_by_the_name_it_has_however_wide_it_is_written(bank: Bank) -> None:
    with psycopg.connect(bank.dsn) as connection:
        connection.execute("UPDATE pen SET name = '１号舍（东）' WHERE pen_id = 'n-pen'")
    rows = file(row(950, pen="１号舍（东）"), row(951, pen="1号舍(东)"))
    told = bank.send("/farms/sunny/animals", rows, "n-officer", dry_run=True).json()
    assert (told["new"], told["faults"]) == (2, [])


def test_movements_of_another_branch_are_not_there(bank: Bank) -> None:
    number = asked(bank)
    assert bank.get(f"/movements/{number}", "s-officer").status_code == 404
    assert bank.post(f"/movements/{number}/approve", "s-risk").status_code == 404
    assert bank.get("/movements", "s-officer").json() == []
    assert bank.post("/movements", "s-officer", **SALE).status_code == 404
    assert bank.get("/movements", "n-farm").status_code == 403


def test_the_history_of_a_request_cannot_be_changed(bank: Bank) -> None:
    number = approved(bank)
    bank.post(f"/movements/{number}/execute", "n-officer")
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        for table in ("movement_event", "movement_document", "ledger_entry", "animal_was"):
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                connection.execute(f"DELETE FROM {table}")  # type: ignore[arg-type]
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("UPDATE movement_request SET decided_by = requested_by")


def test_a_look_back_to_before_a_movement_finds_the_animals_as_they_were(bank: Bank) -> None:
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO pen SELECT 'n-pen-2', farm_id, 'N2', species, fence FROM pen WHERE pen_id = 'n-pen'"
        )
    moved = approved(bank, kind="transfer", to_pen_id="n-pen-2", leaving=["n-animal-0"])
    sold = approved(bank, leaving=["n-animal-1"])
    for number in (moved, sold):
        bank.post(f"/movements/{number}/execute", "n-officer")
    with psycopg.connect(bank.dsn) as connection:
        (farm,) = [f for f in facts.farms(connection) if f.farm_id == "sunny"]
        before, after = (facts.gather(connection, farm, NOW + timedelta(minutes=m)) for m in (-1, 1))
    assert [(t.animal_id, t.pen.pen_id, t.loan_id) for t in before.tracks[:2]] == [
        ("n-animal-0", "n-pen", "n-loan"), ("n-animal-1", "n-pen", "n-loan")
    ]  # fmt: skip
    assert [(t.animal_id, t.pen.pen_id) for t in after.tracks[:2]] == [
        ("n-animal-0", "n-pen-2"),
        ("n-animal-2", "n-pen"),
    ]
    (open_sale,) = [m for m in after.movements if m.closed_at is None]
    assert (open_sale.movement_id, open_sale.farm_id) == (f"request-{sold}", "sunny")
