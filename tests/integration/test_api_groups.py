"""Groups known by number over HTTP: imported by file, moved by request, and a book that ties and can look back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from collateral.alerting.silencing import ApprovedHead
from collateral.book.reconcile import reconcile
from collateral.facts.herd import HerdFacts
from collateral.model.ids import LoanId
from collateral.store import facts, farm_deaths, silences
from monitor_api import load_pilot
from monitor_api.__main__ import main
from tests.integration.api import NOW, Bank, count, known_hash, open_bank
from tests.integration.enrolments import GROUP, HEAD, small_bank

START, END = NOW - timedelta(hours=6), NOW + timedelta(hours=5)
PAPERS = {
    "sale": [{"kind": "quarantine_certificate", "number": "15-1"}],
    "transfer": [{"kind": "quarantine_certificate", "number": "15-2"}],
    "death": [{"kind": "disposal_record", "number": "WHH-9"}, {"kind": "carcass_photo", "sha256": "b" * 64}],
    "birth": [{"kind": "birth_record", "number": "B-1"}],
    "purchase": [{"kind": "invoice", "number": "I-1"}, {"kind": "tag_list", "sha256": "c" * 64}],
    "release": [{"kind": "release_consent", "number": "R-1"}],
}
HEADER = "group,species,pen,head,value"


@pytest.fixture
def bank(database: str) -> Iterator[Bank]:
    """The small bank, with a second sty that is empty."""
    with open_bank(database) as opened:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO pen SELECT 's-sty-2', farm_id, 'STY2', species, fence FROM pen WHERE pen_id = 's-sty'"
            )
        told = send(opened, "s-pigs-2,pig,s-sty-2,0,2000")
        assert (told["new"], told["bad"]) == (1, 0), told
        yield opened


def send(bank: Bank, *rows: str, **params: Any) -> dict[str, Any]:
    data = "\n".join((HEADER, *rows, "")).encode()
    found: dict[str, Any] = bank.send("/farms/misty/groups", data, "s-officer", **params).json()
    return found


def asked(bank: Bank, kind: str, **named: Any) -> dict[str, Any]:
    answer = bank.post("/movements", "s-officer", **{
        "loan_id": "s-loan", "kind": kind, "window_from": START.isoformat(), "window_to": END.isoformat(),
        "reason": "as agreed", "documents": PAPERS[kind], **named,
    })  # fmt: skip
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def approved(bank: Bank, kind: str, **named: Any) -> int:
    number: int = asked(bank, kind, **named)["summary"]["request_id"]
    answer = bank.post(f"/movements/{number}/approve", "s-risk")
    assert answer.status_code == 200, answer.text
    return number


def moved(bank: Bank, kind: str, at: datetime = NOW, groups: list[dict[str, Any]] | None = None, **named: Any) -> Any:
    number = approved(bank, kind, **named)
    answer = bank.post(f"/movements/{number}/execute", "s-officer", at=at.isoformat(), groups=groups)
    assert answer.status_code == 200, answer.text
    return answer.json()


def out(head: int, group: str = "s-pigs", to: str | None = None) -> list[dict[str, Any]]:
    return [{"group_id": group, "head": head, "to_group_id": to}]


def into(head: int, group: str = "s-pigs", value: int = 200_000) -> list[dict[str, Any]]:
    return [{"group_id": group, "head": head, "value_minor": value}]


def rolled(bank: Bank, start: datetime = NOW - timedelta(days=30)) -> dict[str, Any]:
    bounds = {"start": start.isoformat(), "end": NOW.isoformat()}
    found: dict[str, Any] = bank.get("/loans/s-loan/roll-forward", "s-officer", **bounds).json()
    return found


def heads(bank: Bank, at: datetime = NOW) -> dict[str, tuple[int, int]]:
    """Head and pledged head by group, as of a moment."""
    told = bank.get("/loans/s-loan/groups", "s-officer", at=at.isoformat()).json()
    return {line["group_id"]: (line["head"], line["pledged"]) for line in told}


def seen(bank: Bank, at: datetime = NOW) -> HerdFacts:
    with psycopg.connect(bank.dsn) as connection:
        (farm,) = [f for f in facts.farms(connection) if f.farm_id == "misty"]
        picture = facts.gather(connection, farm, at)
        return replace(picture, deaths=farm_deaths.deaths(connection, farm.farm_id, at))


def test_a_lot_of_pigs_is_sold_and_the_book_ties_by_those_that_really_left(bank: Bank) -> None:
    at = NOW - timedelta(hours=1)
    done = moved(bank, "sale", at, [{"group_id": "s-pigs", "head": 12}], groups_leaving=out(15))
    assert done["summary"]["state"] == "executed"
    assert (done["summary"]["leaving"], done["summary"]["leaving_by_number"]) == (12, 12)
    assert done["groups_leaving"] == [{"group_id": "s-pigs", "head": 12, "to_group_id": None}]
    told = done["events"][-1]["particulars"]
    assert (told["groups_asked"]["leaving"], told["groups_moved"]["leaving"]) == ({"s-pigs": 15}, {"s-pigs": 12})
    month = rolled(bank)
    assert (month["opening"], month["sales"], month["closing"], month["ties"]) == (
        HEAD + GROUP,
        12,
        HEAD + GROUP - 12,
        True,
    )
    assert heads(bank)["s-pigs"] == (8, 8)
    assert heads(bank, at - timedelta(minutes=1))["s-pigs"] == (20, 20)
    (group,) = seen(bank).groups
    assert (group.head, group.moved) == (8, ((at, -12),))
    (before,) = seen(bank, at - timedelta(minutes=1)).groups
    assert before.head == 20
    paid = bank.post(
        f"/movements/{done['summary']['request_id']}/proceeds", "s-officer", proceeds_minor=1, receipt_no="R"
    )
    assert paid.json()["summary"]["state"] == "closed"


def test_what_is_worth_lending_on_follows_the_head(bank: Bank) -> None:
    def assessed() -> int:
        (loan,) = [one for one in bank.get("/loans", "s-officer").json() if one["loan_id"] == "s-loan"]
        value: int = loan["value_minor"]
        return value

    before = assessed()
    moved(bank, "sale", NOW - timedelta(hours=1), groups_leaving=out(5))
    assert before - assessed() == 5 * 200_000


def test_pigs_go_to_another_sty_but_not_to_the_sheep(bank: Bank) -> None:
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute("INSERT INTO animal_group VALUES ('s-flock', 'misty', 's-pen', 'sheep', 3)")
    refused = asked(bank, "transfer", groups_leaving=out(5, to="s-flock"))
    assert refused["objections"] == ["s-flock: pen s-pen is for sheep, and s-pigs are pig"]
    done = moved(bank, "transfer", groups_leaving=out(5, to="s-pigs-2"))
    assert done["summary"]["state"] == "closed"
    assert {name: heads(bank)[name] for name in ("s-pigs", "s-pigs-2")} == {"s-pigs": (15, 15), "s-pigs-2": (5, 5)}
    month = rolled(bank)
    assert (month["transfers_in"], month["transfers_out"], month["closing"], month["ties"]) == (
        5,
        5,
        HEAD + GROUP,
        True,
    )
    by_pen = {group.pen.pen_id: group.head for group in seen(bank).groups}
    assert by_pen == {"s-sty": 15, "s-sty-2": 5}


def test_pigs_are_born_bought_and_released(bank: Bank) -> None:
    moved(bank, "birth", NOW - timedelta(hours=3), groups_entering=into(11))
    moved(bank, "purchase", NOW - timedelta(hours=2), groups_entering=into(100, "s-pigs-2", 150_000))
    moved(bank, "release", NOW - timedelta(hours=1), groups_leaving=out(1))
    assert {name: heads(bank)[name] for name in ("s-pigs", "s-pigs-2")} == {"s-pigs": (31, 30), "s-pigs-2": (100, 100)}
    month = rolled(bank)
    assert (month["births"], month["purchases"], month["releases"], month["ties"]) == (11, 100, 1, True)
    assert month["closing"] == HEAD + GROUP + 110


def test_deaths_of_a_group_show_as_deaths_to_the_rules(bank: Bank) -> None:
    moved(bank, "death", NOW - timedelta(hours=1), groups_leaving=out(3))
    dead = seen(bank).deaths
    assert [(d.animal_id, d.group_id, d.pen_id, d.confirmed_at) for d in dead] == [(None, "s-pigs", "s-sty", NOW)] * 3
    assert {d.disposal_ref for d in dead} == {"WHH-9"}


def test_in_an_approved_window_the_listed_head_may_be_missing(bank: Bank) -> None:
    loan = LoanId("s-loan")
    with psycopg.connect(bank.dsn, autocommit=True) as connection:  # its camera has seen 5 of the 20 for hours
        for minutes in range(15, 200, 15):
            count(connection, "s-cam", "s-gw", NOW - timedelta(minutes=minutes))
    alarmed = reconcile(seen(bank), loan)
    number = approved(bank, "sale", groups_leaving=out(15))
    allowed = reconcile(seen(bank), loan)
    assert (alarmed.excused, allowed.excused) == (0, 15)
    assert allowed.short <= 1 < alarmed.short
    bank.post(f"/movements/{number}/execute", "s-officer", at=(NOW - timedelta(hours=4)).isoformat())
    booked = reconcile(seen(bank), loan)
    assert (booked.book, booked.excused) == (HEAD + 5, 0)
    assert booked.short <= 1


def test_what_happened_before_the_last_change_of_a_group_is_refused_with_the_reason(bank: Bank) -> None:
    moved(bank, "sale", NOW - timedelta(hours=1), groups_leaving=out(5))
    number = approved(bank, "sale", groups_leaving=out(5))
    for minutes in (60, 90):
        at = (NOW - timedelta(minutes=minutes)).isoformat()
        answer = bank.post(f"/movements/{number}/execute", "s-officer", at=at)
        assert (answer.status_code, "give a later time" in answer.json()["detail"]) == (409, True)
    twice = [{"group_id": "s-pigs", "head": 1}] * 2
    assert "listed twice" in bank.post(f"/movements/{number}/execute", "s-officer", groups=twice).json()["detail"]
    assert bank.post(f"/movements/{number}/execute", "s-officer").status_code == 200
    assert rolled(bank)["ties"]


def test_head_that_no_movement_accounts_for_is_named_with_its_group(bank: Bank) -> None:
    moved(bank, "sale", NOW - timedelta(hours=1), groups_leaving=out(5))
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute("UPDATE pledge SET head = 11 WHERE group_id = 's-pigs' AND until IS NULL")
    month = rolled(bank)
    assert (month["ties"], month["difference"], month["unexplained_head"]) == (False, -4, {"s-pigs": -4})


def test_another_branch_neither_sees_nor_moves_a_group(bank: Bank) -> None:
    assert bank.get("/loans/s-loan/groups", "n-officer").status_code == 404
    assert bank.send("/farms/misty/groups", b"group\n", "n-officer").status_code == 404
    assert bank.send("/farms/misty/groups", b"group\n", "s-auditor").status_code == 403
    foreign = bank.post(
        "/movements", "all-risk", loan_id="n-loan", kind="purchase", window_from=START.isoformat(),
        window_to=END.isoformat(), reason="x", documents=PAPERS["purchase"], groups_entering=into(1),
    ).json()  # fmt: skip
    assert foreign["objections"] == ["no group on a farm of the loan's branch: s-pigs; import it first"]


def test_a_file_of_groups_is_tried_corrected_and_imported_again(bank: Bank) -> None:
    rows = (
        "s-new,pig,STY2,300,1800", "s-new,猪,s-sty,1,1", "s-bad,pig,s-pen,5,1", "s-worse,pig,s-sty,-2,",
        "s pigs,pig,s-sty,1.5,1", "s-pigs,sheep,s-pen,20,2000", "s-pigs-2,pig,s-sty-2,7,1500",
    )  # fmt: skip
    tried = send(bank, *rows, loan_id="s-loan", dry_run=True)
    assert (tried["new"], tried["updated"], tried["bad"], "s-new" in heads(bank)) == (1, 1, 5, False)
    assert sorted({(f["line"], f["column"], f["code"]) for f in tried["faults"]}) == [
        (3, "group", "twice"), (4, "pen", "pen"), (5, "head", "head"), (5, "value", "empty_cell"),
        (6, "group", "name"), (6, "head", "head"), (7, "species", "other_species"),
    ]  # fmt: skip
    assert send(bank, *rows, loan_id="s-loan")["new"] == 1
    again = send(bank, *rows, loan_id="s-loan")
    assert (again["new"], again["updated"], again["unchanged"]) == (0, 0, 2)
    assert heads(bank)["s-new"] == (300, 300)
    month = rolled(bank)
    assert (month["enrolled"], month["ties"]) == (307, True)
    assert bank.send("/farms/misty/groups", b"what is this", "s-officer").json()["refused"]


def test_neither_an_old_file_nor_the_pilot_brings_back_what_was_sold(bank: Bank) -> None:
    moved(bank, "sale", NOW - timedelta(hours=1), groups_leaving=out(5))
    told = send(bank, "s-pigs,pig,s-sty,20,2000", loan_id="s-loan")
    assert [(f["column"], f["code"]) for f in told["faults"]] == [("head", "moved")]
    assert send(bank, "s-pigs,pig,s-sty,15,2000", loan_id="s-loan")["unchanged"] == 1
    assert send(bank, "s-pigs,pig,s-sty,15,2100", loan_id="s-loan")["updated"] == 1
    load_pilot.load(bank.dsn, small_bank(), hash_password=known_hash)
    assert heads(bank)["s-pigs"] == (15, 15)
    assert rolled(bank)["ties"]


def second_loan(bank: Bank, head: int) -> None:
    """Another loan of the branch, which so many head of the pigs secure beside the first."""
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO loan SELECT 's-loan-2', branch_id, 'HT-2', borrower_zh, borrower_en, principal_minor,"
            " balance_minor, currency, ltv_ceiling, drawn_on, matures_on FROM loan WHERE loan_id = 's-loan'"
        )
        connection.execute(
            "INSERT INTO pledge (loan_id, group_id, head, value_per_head_minor, since)"
            " VALUES ('s-loan-2', 's-pigs', %s, 200000, %s)", (head, START - timedelta(days=9)),
        )  # fmt: skip


def test_a_file_pledges_no_head_of_a_group_twice_nor_takes_away_what_is_pledged(bank: Bank) -> None:
    second_loan(bank, 5)
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute("UPDATE pledge SET head = 15 WHERE loan_id = 's-loan' AND group_id = 's-pigs'")
    for loan in ("s-loan", "s-loan-2"):
        told = send(bank, "s-pigs,pig,s-sty,20,2000", loan_id=loan)
        assert [(f["column"], f["code"]) for f in told["faults"]] == [("head", "over_pledged")]
    told = send(bank, "s-pigs,pig,s-sty,19,2000")
    assert [(f["column"], f["code"], f["why"]) for f in told["faults"]] == [
        ("head", "over_pledged", "is less than the 20 head that are pledged")
    ]
    assert send(bank, "s-pigs,pig,s-sty,20,2000")["unchanged"] == 1
    assert send(bank, "s-pigs,pig,s-sty,24,2000")["updated"] == 1
    assert heads(bank)["s-pigs"] == (24, 15)


def test_a_file_does_not_empty_a_group_that_is_pledged(bank: Bank) -> None:
    told = send(bank, "s-pigs,pig,s-sty,0,2000", loan_id="s-loan")
    assert [(f["column"], f["code"]) for f in told["faults"]] == [("head", "over_pledged")]
    assert send(bank, "s-pigs,pig,s-sty,7,2000", loan_id="s-loan")["updated"] == 1
    assert heads(bank)["s-pigs"] == (7, 7)


def test_nothing_is_bought_into_a_group_that_is_pledged_beyond_its_head(bank: Bank) -> None:
    second_loan(bank, 5)
    told = asked(bank, "purchase", groups_entering=into(1))
    assert told["objections"] == [
        "s-pigs: 25 head are pledged of the 20 that it has; have those released first that are not there"
    ]
    moved(bank, "release", NOW - timedelta(hours=1), groups_leaving=out(5))
    moved(bank, "purchase", groups_entering=into(1))
    assert heads(bank)["s-pigs"] == (21, 16)


def planned(bank: Bank, movement: str, **changed: Any) -> Any:
    return bank.post("/silences", "s-officer", **{
        "work": "planned_move", "farm_id": "misty", "movement_id": movement, "starts_at": NOW.isoformat(),
        "ends_at": END.isoformat(), "why": "pigs go to market", **changed,
    })  # fmt: skip


def in_force(bank: Bank, at: datetime = NOW) -> Any:
    with psycopg.connect(bank.dsn) as connection:
        (found,) = silences.in_force(connection, at)
        return found


def test_an_approved_movement_of_a_group_backs_a_planned_move_until_it_is_executed(bank: Bank) -> None:
    number = asked(bank, "sale", groups_leaving=out(15))["summary"]["request_id"]
    assert planned(bank, f"request-{number}").status_code == 422
    bank.post(f"/movements/{number}/approve", "s-risk")
    made = planned(bank, f"request-{number}")
    assert (made.status_code, made.json()["movement_id"]) == (201, f"request-{number}"), made.text
    found = in_force(bank)
    assert (found.approved, found.by_number) == (frozenset(), ApprovedHead(LoanId("s-loan"), 15))
    # Of a group no animal can be named.
    named = planned(bank, f"request-{number}", animals=["s-animal-0"])
    assert (named.status_code, "approved movement" in named.json()["detail"]) == (422, True)
    bank.post(
        f"/movements/{number}/execute", "s-officer", at=NOW.isoformat(), groups=[{"group_id": "s-pigs", "head": 9}]
    )
    assert in_force(bank, NOW + timedelta(minutes=1)).by_number is None
    assert planned(bank, f"request-{number}").status_code == 422


def test_a_movement_of_single_animals_and_a_group_backs_both_and_one_of_another_farm_neither(bank: Bank) -> None:
    number = approved(bank, "sale", leaving=["s-animal-0"], groups_leaving=out(3))
    assert planned(bank, f"request-{number}").status_code == 201
    found = in_force(bank)
    assert (found.approved, found.by_number) == ({"s-animal-0"}, ApprovedHead(LoanId("s-loan"), 3))
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO farm SELECT 'other', branch_id, name_zh, name_en, latitude, longitude, timezone FROM farm"
            " WHERE farm_id = 'misty'"
        )
    assert planned(bank, f"request-{number}", farm_id="other").status_code == 422


def test_the_history_of_a_group_cannot_be_changed(bank: Bank) -> None:
    moved(bank, "sale", groups_leaving=out(5))
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        for table in ("group_was", "ledger_entry"):
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                connection.execute(f"UPDATE {table} SET head = 1")


def test_any_sequence_of_movements_ties_and_every_moment_is_found_again(bank: Bank) -> None:
    rng = random.Random(14)
    expected = {NOW - timedelta(hours=5): {"s-pigs": 20, "s-pigs-2": 0}}
    for step in range(12):
        held = dict(expected[max(expected)])
        at = NOW - timedelta(hours=4) + timedelta(minutes=15 * step)
        name, other = rng.sample(["s-pigs", "s-pigs-2"], 2)
        kind = rng.choice(["sale", "death", "transfer", "birth", "purchase"])
        head = rng.randint(1, 9)
        if kind in {"birth", "purchase"}:
            moved(bank, kind, at, groups_entering=into(head, name))
            held[name] += head
        elif held[name] < head:
            told = asked(bank, kind, groups_leaving=out(head, name, other if kind == "transfer" else None))
            assert told["objections"], told
            continue
        else:
            moved(bank, kind, at, groups_leaving=out(head, name, other if kind == "transfer" else None))
            held[name] -= head
            held[other] += head if kind == "transfer" else 0
        expected[at] = held
    assert len(expected) > 6
    for at, held in expected.items():
        found = heads(bank, at + timedelta(minutes=1))
        assert {name: found[name] for name in held} == {name: (head, head) for name, head in held.items()}, at
        replayed = {group.group_id: group.head for group in seen(bank, at + timedelta(minutes=1)).groups}
        assert replayed == {name: head for name, head in held.items() if head}
    month = rolled(bank)
    assert (month["ties"], month["closing"]) == (True, HEAD + sum(expected[max(expected)].values()))


def test_groups_are_imported_from_a_terminal(
    bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HERDLIEN_DATABASE_URL", bank.dsn)
    path = tmp_path / "pigs.csv"
    path.write_bytes(
        "群号\t畜种\t圈舍\t存栏\t均重\t单价\nlot-7\t猪\tS-STY\t１２０头\t95.5\t1,900元\n".encode("gb18030")
    )
    verb = ["import-groups", str(path), "--farm", "misty", "--loan", "s-loan"]
    assert main([*verb, "--dry-run"]) == 0
    assert "dry run, nothing written: new 1, updated 0, unchanged 0, bad 0" in capsys.readouterr().out
    assert (main(verb), main(verb)) == (0, 0)
    assert "written: new 0, updated 0, unchanged 1, bad 0" in capsys.readouterr().out
    assert heads(bank, NOW + timedelta(days=3650))["lot-7"] == (120, 120)  # a terminal goes by the clock
    path.write_text("group,species,pen,head,value\nlot-7,pig,nowhere,120,1900\n")
    assert main(verb) == 1
    assert "line 2, pen 'nowhere': is no pen of farm misty" in capsys.readouterr().err
    assert main(["import-groups", str(path), "--farm", "nowhere"]) == 1
    path.write_text("what is this")
    assert main(verb) == 1
