"""The pledge check from a terminal, between two banks with a database each."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

from monitor_api import load_pilot
from monitor_api.__main__ import main
from tests.integration.animal_files import file, row
from tests.integration.api import known_hash
from tests.integration.enrolments import HEAD, small_bank

KEY = "ab" * 32


def test_two_banks_find_what_both_hold_and_a_file_of_new_animals_is_checked_at_once(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HERDLIEN_DATABASE_URL", database)
    load_pilot.load(database, small_bank(), hash_password=known_hash)
    ours, theirs = tmp_path / "ours.csv", tmp_path / "theirs.csv"
    assert main(["export-pledges", str(ours)]) == 2
    assert "HERDLIEN_PLEDGE_ROUND" in capsys.readouterr().err

    (tmp_path / "key").write_text(KEY)
    monkeypatch.setenv("HERDLIEN_PLEDGE_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("HERDLIEN_PLEDGE_ROUND", "2026Q2")
    assert main(["export-pledges", str(ours)]) == 0
    # The partner holds the same animals, and one that is offered to us next.
    (tmp_path / "new.csv").write_bytes(file(row(700), row(701)))
    assert main(["import", str(tmp_path / "new.csv"), "--farm", "sunny", "--loan", "n-loan"]) == 0
    assert main(["export-pledges", str(theirs)]) == 0
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DELETE FROM pledge WHERE animal_id LIKE '2150524%'")

    def take(*options: str) -> dict[str, object]:
        capsys.readouterr()
        assert main(["import-pledges", str(theirs), "--partner", "BANKX", "--as-of", "2026-05-31", *options]) == 0
        found: dict[str, object] = json.loads(capsys.readouterr().out)
        return found

    dry = take("--dry-run")
    assert (dry["stored"], dry["rows"]) == (False, 2 * HEAD + 4)
    taken = take()
    assert (taken["stored"], taken["exact_animals"], taken["loans_matched"]) == (True, 2 * HEAD, ["n-loan", "s-loan"])
    assert take()["stored"] is False

    assert main(["import", str(tmp_path / "new.csv"), "--farm", "sunny", "--loan", "n-loan", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pledge_matches"] == HEAD + 2

    monkeypatch.setenv("HERDLIEN_PLEDGE_ROUND", "2026Q3")
    assert main(["import-pledges", str(theirs), "--partner", "BANKX", "--as-of", "2026-06-30"]) == 1
    assert "was not made with the key of round 2026Q3" in capsys.readouterr().err


def test_a_list_with_bad_rows_is_taken_without_them_and_says_which(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HERDLIEN_DATABASE_URL", database)
    monkeypatch.setenv("HERDLIEN_PLEDGE_KEY", KEY)
    monkeypatch.setenv("HERDLIEN_PLEDGE_ROUND", "2026Q2")
    load_pilot.load(database, small_bank(), hash_password=known_hash)
    path = tmp_path / "list.csv"
    main(["export-pledges", str(path)])
    path.write_text(path.read_text() + "cn-tag,215052400000001,,,\n")
    assert main(["import-pledges", str(path), "--partner", "BANKX", "--as-of", "2026-05-31"]) == 1
    said = capsys.readouterr()
    assert f"line {2 * HEAD + 3}, digest" in said.err
    assert "215052400000001" not in said.err
    assert json.loads(said.out.splitlines()[-1])["bad"] == 1
