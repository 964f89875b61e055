"""An enrolment that is older than the book: what movements have made of single animals since is not undone."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from collateral.contract.enrolment import Enrolment, write
from collateral.store.enrolment_course import Kept
from collateral.store.enrolments import Written
from monitor_api import load_pilot
from monitor_api.__main__ import main
from tests.integration.animal_files import ear_tag, file
from tests.integration.api import NOW, Bank, known_hash
from tests.integration.enrolments import small_bank
from tests.integration.test_api_ledger import approved, bank, one, rolled  # noqa: F401

DISPOSED = [{"kind": "disposal_record", "number": "WHH-9"}, {"kind": "carcass_photo", "sha256": "b" * 64}]
CONSENT = [{"kind": "release_consent", "number": "R-1"}]


def load(bank: Bank, enrolment: Enrolment | None = None) -> Written:  # noqa: F811
    return load_pilot.load(bank.dsn, enrolment or small_bank(), hash_password=known_hash)


def done(bank: Bank, kind: str, animal: str, **changed: object) -> None:  # noqa: F811
    number = approved(bank, kind=kind, leaving=[animal], **changed)
    assert bank.post(f"/movements/{number}/execute", "n-officer", at=NOW.isoformat()).status_code == 200


def second_pen(bank: Bank) -> None:  # noqa: F811
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO pen SELECT 'n-pen-2', farm_id, 'N2', species, fence FROM pen WHERE pen_id = 'n-pen'"
        )


@pytest.fixture
def moved(bank: Bank) -> Bank:  # noqa: F811
    """One sold, one dead, one released, one transferred, and one that bears a new number."""
    second_pen(bank)
    done(bank, "sale", "n-animal-0")
    done(bank, "death", "n-animal-1", documents=DISPOSED)
    done(bank, "release", "n-animal-2", documents=CONSENT)
    done(bank, "transfer", "n-animal-3", to_pen_id="n-pen-2")
    assert bank.post("/animals/n-animal-4/retag", "n-officer", ear_tag=ear_tag(5000)).status_code == 204
    return bank


def test_an_old_file_undoes_no_movement_and_says_what_it_left(moved: Bank) -> None:
    before = rolled(moved)
    told = load(moved)
    assert set(told.changed.values()) == {0}
    assert told.kept == {Kept.GONE: 2, Kept.RELEASED: 1, Kept.PEN: 1, Kept.NUMBER: 1}
    assert rolled(moved) == before
    assert (before["closing"], before["ties"]) == (3, True)
    where = one(moved, "SELECT farm_id, pen_id FROM animal WHERE animal_id = 'n-animal-3'")
    assert where == ("sunny", "n-pen-2")
    assert one(moved, "SELECT identity FROM animal WHERE animal_id = 'n-animal-4'") == (ear_tag(5000),)
    worn = one(moved, "SELECT count(*) FROM tag_assignment WHERE until IS NULL AND animal_id = 'n-animal-0'")
    assert worn == (0,)
    assert load(moved) == told


def test_what_else_the_file_says_of_a_moved_animal_is_written(moved: Bank) -> None:
    newer = small_bank()
    for n in (2, 3):
        newer.animals[n].weight_kg = 500.0
    newer.pledges[3].value_per_head_minor = 1_600_000
    changed = {table: n for table, n in load(moved, newer).changed.items() if n}
    assert changed == {"animal": 2, "pledge": 1}
    where = one(moved, "SELECT pen_id, weight_kg FROM animal WHERE animal_id = 'n-animal-3'")
    assert where == ("n-pen-2", 500.0)


def test_a_file_whose_pledge_is_from_before_the_release_pledges_to_no_loan_and_a_newer_one_does(moved: Bank) -> None:
    other = small_bank()
    second = deepcopy(other.loans[0])
    second.loan_id, second.contract_no = "n-loan-2", "HT-n-loan-2"
    other.loans.append(second)
    other.pledges[2].loan_id = "n-loan-2"
    assert load(moved, other).kept[Kept.RELEASED] == 1
    # Dated before it was released, it would have secured two loans at the time.
    assert one(moved, "SELECT count(*) FROM pledge WHERE animal_id = 'n-animal-2' AND until IS NULL") == (0,)
    other.pledges[2].since = NOW + timedelta(hours=1)
    assert Kept.RELEASED not in load(moved, other).kept
    assert one(moved, "SELECT loan_id FROM pledge WHERE animal_id = 'n-animal-2' AND until IS NULL") == ("n-loan-2",)


def test_a_pledge_that_ended_without_a_movement_is_not_begun_again(bank: Bank) -> None:  # noqa: F811
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute("UPDATE pledge SET until = %s WHERE animal_id = 'n-animal-5'", (NOW,))
    assert load(bank).kept == {Kept.RELEASED: 1}
    assert rolled(bank)["unexplained_out"] == ["n-animal-5"]


def test_a_tag_that_was_taken_off_is_not_put_on_again(bank: Bank) -> None:  # noqa: F811
    with psycopg.connect(bank.dsn, autocommit=True) as connection:
        connection.execute("UPDATE tag_assignment SET until = %s WHERE animal_id = 'n-animal-5'", (NOW,))
    assert load(bank).kept == {Kept.TAG: 1}


def test_a_terminal_tells_how_many_were_left_and_why(
    moved: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HERDLIEN_DATABASE_URL", moved.dsn)
    path = tmp_path / "pilot.json"
    path.write_bytes(write(small_bank()))
    assert main(["load-pilot", str(path)]) == 0
    said = capsys.readouterr().out
    for line in (
        "nothing had changed", "left as they are: 2 animals gone by the book", "left as they are: 1 animal released",
        "left as they are: 1 animal moved",
    ):  # fmt: skip
        assert line in said


def test_an_old_file_of_animals_is_told_row_by_row_what_has_moved_since(moved: Bank) -> None:
    def cells(n: int, pen: str = "n-pen") -> str:
        return f"{ear_tag(n)},,,cattle,{pen},,,450,15000"

    old = file(cells(0), cells(2), cells(3), cells(5))
    told = moved.send("/farms/sunny/animals", old, "n-officer", loan_id="n-loan").json()
    assert [(f["line"], f["column"], f["code"]) for f in told["faults"]] == [
        (2, "ear_tag", "gone"), (3, "ear_tag", "moved"), (4, "pen", "moved"),
    ]  # fmt: skip
    assert "purchase" in told["faults"][1]["fix"]
    assert (told["unchanged"], rolled(moved)["closing"]) == (1, 3)
    newer = file(cells(3, "n-pen-2"))
    assert moved.send("/farms/sunny/animals", newer, "n-officer", loan_id="n-loan").json()["unchanged"] == 1
    # What was released may still be enrolled without a loan, and then be pledged by a purchase.
    assert moved.send("/farms/sunny/animals", file(cells(2)), "n-officer").json()["bad"] == 0
