"""Loading an enrolment: all or nothing, once or twice the same."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import psycopg
import pytest

from collateral.contract.enrolment import Enrolment, write
from collateral.store import enrolments
from collateral.store.enrolment_pledges import OverPledged
from monitor_api import load_pilot
from monitor_api.load_pilot import EnrolmentRefused
from tests.integration.api import known_hash
from tests.integration.enrolments import small_bank

TABLES = (
    "branch", "farm", "person", "pen", "animal", "animal_group", "gateway", "camera", "tag", "tag_assignment", "loan",
    "pledge",
)  # fmt: skip


def load(dsn: str, enrolment: Enrolment) -> dict[str, int]:
    return load_pilot.load(dsn, enrolment, hash_password=known_hash).changed


def everything(dsn: str) -> dict[str, list[tuple[object, ...]]]:
    with psycopg.connect(dsn) as connection:
        return {
            table: connection.execute(f"SELECT xmin::text, t.* FROM {table} t ORDER BY 2, 3").fetchall()
            for table in TABLES
        }


def test_the_second_load_changes_no_row_and_says_so(database: str) -> None:
    assert load(database, small_bank())["animal"] == 12
    before = everything(database)
    assert set(load(database, small_bank()).values()) == {0}
    # Row versions too: nothing was even rewritten.
    assert everything(database) == before


def test_what_differs_is_updated_and_nothing_else(database: str) -> None:
    load(database, small_bank())
    renewed = small_bank()
    renewed.loans[0].balance_minor = 3_000_000
    renewed.people[0].password = "another long password"
    renewed.pledges[0].value_per_head_minor += 1
    changed = {table: count for table, count in load(database, renewed).items() if count}
    assert changed == {"loan": 1, "person": 1, "pledge": 1}


def test_passwords_are_stored_as_argon2_and_never_as_they_are(database: str) -> None:
    load(database, small_bank())
    with psycopg.connect(database) as connection:
        hashes = [row[0] for row in connection.execute("SELECT password_hash FROM person")]
    assert all(text.startswith("$argon2id$") for text in hashes)


def _set(path: str, value: object) -> Callable[[Enrolment], None]:
    name, index, field = path.replace("]", "").replace(".", "[").split("[")

    def spoil(enrolment: Enrolment) -> None:
        setattr(getattr(enrolment, name)[int(index)], field, value)

    return spoil


def _again(name: str) -> Callable[[Enrolment], None]:
    return lambda enrolment: getattr(enrolment, name).append(deepcopy(getattr(enrolment, name)[0]))


FAULTS = [
    (_set("animals[3].identity", "315052400000003"), "animals[3].identity: 315052400000003 begins with 3"),
    (_set("animals[3].identity", "2150524"), "animals[3].identity: 2150524 is not 15 digits"),
    (_set("animals[3].identity", "215052400000000"), "animals[3].identity: cn-tag 215052400000000 is already at"),
    (_set("animals[0].pen_id", "s-pen"), "animals[0].pen_id: s-pen is on farm misty, not sunny"),
    (_set("animals[0].species", "goat"), "animals[0].species: goat is none of cattle, sheep, pig"),
    (_set("tags[2].animal_id", "nobody"), "tags[2].animal_id: there is no animal nobody"),
    (_set("tags[2].interval_s", 0), "tags[2].interval_s: must be above 0"),
    (_set("farms[1].branch_id", "east"), "farms[1].branch_id: there is no branch east"),
    (_set("farms[1].timezone", "Mars/Olympus"), "farms[1].timezone: Mars/Olympus is no IANA time zone"),
    (_set("pens[0].fence", [(122.0, 43.0), (122.1, 43.0)]), "pens[0].fence: needs at least three"),
    (_set("people[0].role", "king"), "people[0].role: king is none of officer"),
    (_set("people[0].branch_id", None), "people[0].branch_id: role officer needs a branch"),
    (_set("people[0].password", "short"), "people[0].password: needs at least 8"),
    (_set("loans[0].ltv_ceiling", 70.0), "loans[0].ltv_ceiling: 70.0 is not a share"),
    (_set("pledges[0].loan_id", "s-loan"), "pledges[0].animal_id: stands on a farm of branch north"),
    (_set("pledges[0].head", 2), "pledges[0].head: one animal is one head"),
    (_set("pledges[12].head", 21), "pledges[12].head: 21 head are pledged of the 20 in s-pigs"),
    (_again("pledges"), "pledges[13].animal_id: n-animal-0 is already pledged to n-loan at pledges[0]"),
    (_again("loans"), "loans[2].loan_id: n-loan is already at loans[0]"),
]


def test_every_fault_is_named_by_list_index_field_and_reason_and_nothing_is_written(database: str) -> None:
    for spoil, said in FAULTS:
        spoilt = small_bank()
        spoil(spoilt)
        with pytest.raises(EnrolmentRefused) as refused:
            load(database, spoilt)
        assert said in "\n".join(map(str, refused.value.faults))
    assert not any(everything(database).values())


def test_many_faults_are_told_at_once(database: str) -> None:
    spoilt = small_bank()
    for spoil, _ in FAULTS[:2] + FAULTS[5:9]:
        spoil(spoilt)
    with pytest.raises(EnrolmentRefused) as refused:
        load(database, spoilt)
    assert len(refused.value.faults) >= 5


def test_an_animal_pledged_elsewhere_is_refused_by_name(database: str) -> None:
    load(database, small_bank())
    second = small_bank()
    other = deepcopy(second.loans[0])
    other.loan_id, other.contract_no = "n-loan-2", "HT-n-loan-2"
    second.loans.append(other)
    second.pledges[0].loan_id = "n-loan-2"
    with pytest.raises(EnrolmentRefused) as refused:
        load(database, second)
    assert [str(fault) for fault in refused.value.faults] == [
        "pledges[0].animal_id: n-animal-0 is already pledged to n-loan"
    ]


def shared(first: int, second: int, head: int = 20) -> Enrolment:
    """The small bank, with two loans that `first` and `second` head of its pigs secure."""
    enrolment = small_bank()
    other = deepcopy(enrolment.loans[1])
    other.loan_id, other.contract_no = "s-loan-2", "HT-s-loan-2"
    enrolment.loans.append(other)
    enrolment.groups[0].head, enrolment.pledges[12].head = head, first
    enrolment.pledges.append(deepcopy(enrolment.pledges[12]))
    enrolment.pledges[13].loan_id, enrolment.pledges[13].head = "s-loan-2", second
    return enrolment


def refusals(dsn: str, enrolment: Enrolment) -> list[str]:
    with pytest.raises(EnrolmentRefused) as refused:
        load(dsn, enrolment)
    return [str(fault) for fault in refused.value.faults]


def test_two_loans_together_have_no_more_of_a_group_pledged_than_it_has(database: str) -> None:
    assert refusals(database, shared(15, 6)) == [
        "pledges[13].head: 21 head are pledged to s-loan and s-loan-2 together, of the 20 in s-pigs"
    ]
    assert load(database, shared(15, 5))["pledge"] == 14
    # Either loan alone would fit; the other is in the book.
    alone = shared(15, 6)
    del alone.pledges[12]
    assert refusals(database, alone) == [
        "pledges[12].head: 21 head are pledged to s-loan and s-loan-2 together, of the 20 in s-pigs"
    ]
    fewer = shared(15, 5, head=19)
    del fewer.pledges[12:]
    assert refusals(database, fewer) == [
        "groups[0].head: 20 head are pledged to s-loan and s-loan-2 together, of the 19 in s-pigs"
    ]
    assert set(load(database, shared(15, 5)).values()) == {0}
    assert load(database, shared(10, 10))["pledge"] == 2


def test_a_group_is_not_pledged_beyond_its_head_whoever_writes_it(database: str) -> None:
    load(database, small_bank())
    wrong = shared(15, 6)
    with psycopg.connect(database) as connection, pytest.raises(OverPledged, match="21 of the 20"):
        enrolments.write(connection, wrong, {p.login: "hash" for p in wrong.people})


def test_identities_and_tags_held_by_others_are_refused(database: str) -> None:
    load(database, small_bank())
    second = small_bank()
    second.animals[0].animal_id, second.tags[0].animal_id, second.pledges[0].animal_id = ("n-new",) * 3
    with pytest.raises(EnrolmentRefused) as refused:
        load(database, second)
    said = [str(fault) for fault in refused.value.faults]
    assert "animals[0].identity: 215052400000000 is already that of n-animal-0" in said
    assert "tags[0].animal_id: tag a000000000000000 is worn by n-animal-0; end that first" in said


def test_a_file_that_is_no_enrolment_names_the_place(tmp_path: Path) -> None:
    path = tmp_path / "pilot.json"
    path.write_bytes(write(small_bank()).replace(b'"a000000000000001"', b'"not hex"'))
    with pytest.raises(EnrolmentRefused) as refused:
        load_pilot.read(path)
    assert refused.value.faults[0].where == "tags[1].tag_id"
    path.write_text("{")
    with pytest.raises(EnrolmentRefused):
        load_pilot.read(path)
    with pytest.raises(EnrolmentRefused, match="nothing was loaded"):
        load_pilot.read(tmp_path / "missing.json")
