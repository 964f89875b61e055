"""A1: 500 animals are imported, of which 7 rows are bad."""

from __future__ import annotations

import json
import time
from pathlib import Path

import psycopg
import pytest

from collateral.contract.enrolment import Enrolment
from monitor_api import load_pilot
from monitor_api.__main__ import main
from tests.integration.animal_files import ear_tag, file, row
from tests.integration.api import known_hash
from tests.integration.enrolments import PASSWORD, small_bank

FIRST = 1000
BAD = {
    17: row(FIRST + 15, tag=ear_tag(FIRST + 2)),
    40: row(FIRST + 38, tag=ear_tag(FIRST + 3)),
    101: row(FIRST + 99, tag=ear_tag(FIRST + 99, "3")),
    102: row(FIRST + 100, tag=ear_tag(FIRST + 100, "1")),
    250: row(FIRST + 248, tag=ear_tag(FIRST + 248, "2", "150599")),
    300: row(FIRST + 298, tag=ear_tag(0)),
    501: row(FIRST + 499, tag=ear_tag(1)),
}  # by line of the file; line 1 is the header
CODES = {
    17: "twice",
    40: "twice",
    101: "species_digit",
    102: "species_digit",
    250: "county",
    300: "pledged",
    501: "pledged",
}


def bank() -> Enrolment:
    """The small bank, with a second northern loan to import for."""
    enrolment = small_bank()
    second = next(loan for loan in small_bank().loans if loan.loan_id == "n-loan")
    second.loan_id, second.contract_no = "n-loan-2", "HT-n-loan-2"
    enrolment.loans.append(second)
    return enrolment


def rows(dsn: str) -> dict[str, list[tuple[object, ...]]]:
    """Everything an import may write, with row versions."""
    tables = ("animal", "animal_identity", "tag", "tag_assignment", "pledge", "enrolment_import")
    with psycopg.connect(dsn) as connection:
        return {t: connection.execute(f"SELECT xmin::text, t.* FROM {t} t ORDER BY 2, 3").fetchall() for t in tables}  # type: ignore[arg-type]


def test_a01_onboarding_of_500_animals_with_7_bad_rows(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HERDLIEN_DATABASE_URL", database)
    load_pilot.load(database, bank(), hash_password=known_hash)
    path = tmp_path / "animals.csv"
    path.write_bytes(file(*(BAD.get(n + 2) or row(FIRST + n) for n in range(500))))

    def run(*options: str) -> tuple[int, dict[str, object]]:
        capsys.readouterr()
        status = main(["import", str(path), "--loan", "n-loan-2", "--farm", "sunny", "--json", *options])
        return status, json.loads(capsys.readouterr().out)

    before, begun = rows(database), time.process_time()
    status, dry = run("--dry-run")
    assert (status, dry["new"], dry["bad"]) == (1, 493, 7)
    faults = dry["faults"]
    assert isinstance(faults, list)
    assert {fault["line"]: fault["code"] for fault in faults} == CODES
    assert all(fault["why"] and fault["fix"] and fault["value"] for fault in faults)
    assert rows(database) == before

    _, written = run()
    assert (written["new"], written["bad"]) == (493, 7)
    after = rows(database)
    assert len(after["animal"]) - len(before["animal"]) == 493
    assert len(after["pledge"]) - len(before["pledge"]) == 493

    _, again = run()
    assert (again["new"], again["updated"], again["unchanged"], again["bad"]) == (0, 0, 493, 7)
    assert rows(database) == after
    assert time.process_time() - begun < 60
    assert PASSWORD not in json.dumps(written)
