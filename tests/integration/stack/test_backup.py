"""A backup brings back every row, on both servers; what is damaged, misplaced or in the way is refused."""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql

from collateral.model.ids import BranchId, PersonId
from collateral.model.person import Person, Role
from collateral.store import migrate, pool
from collateral.store.readings import ReadingRow
from collateral.store.telemetry import Ledgers, Load
from stack import account, postgres
from stack.__main__ import main
from stack.backup import fitting, making, programs, restoring, server
from stack.backup.manifest import Manifest, beside, write
from stack.errors import StackError
from stack.postgres import EmbeddedPostgres

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
READINGS = 2000
BOOK: LiteralString = """
INSERT INTO branch VALUES ('b1', '一', 'one'), ('b2', '二', 'two');
INSERT INTO farm VALUES
    ('f1', 'b1', '甲', 'A', 44, 116, 'Asia/Shanghai'), ('f2', 'b2', '乙', 'B', 44, 116, 'Asia/Shanghai');
INSERT INTO loan VALUES
    ('l1', 'b1', 'c1', '甲', 'A', 100, 100, 'CNY', 0.5, '2026-01-01', '2027-01-01'),
    ('l2', 'b2', 'c2', '乙', 'B', 100, 100, 'CNY', 0.5, '2026-01-01', '2027-01-01');
INSERT INTO supervision_case (rule, severity, stage, branch_id, farm_id, loan_id, opened_at, event_at, last_seen_at,
        occurrences, value_affected_minor, due_at, animals, testimonies, figures)
    SELECT 'silence', 2, 'new', 'b' || n, 'f' || n, 'l' || n, now(), now(), now(), 1, 1, now(), '{a,b}', '[]',
        '{"share": 0.5}' FROM generate_series(1, 2) AS n;
INSERT INTO case_event (case_id, at, actor, event) SELECT case_id, now(), 'rule', 'opened' FROM supervision_case;
INSERT INTO head_count (camera_id, sequence, captured_at, counted_at, received_at, gateway_id, low, best, high,
        method, model_version, frame_sha256)
    SELECT 'cam', n, now() + n * interval '1 hour', now(), now(), 'gw', 1, 2, 3, 'm', '1', n FROM generate_series(1, 50) n;
INSERT INTO evidence VALUES ('00', 'frame', 'image/jpeg', 'cam', now(), now(), '\\xffd8ff00');
"""
OFFICER = Person(
    person_id=PersonId("x"), login="x", name="x", role=Role.OFFICER, branch_id=BranchId("b1"), farm_id=None
)


def row(sequence: int) -> ReadingRow:
    at = NOON + timedelta(hours=sequence)
    return (
        "00000000000000aa",
        sequence,
        at,
        at,
        NOON,
        "gw",
        44.0 + sequence / 1e4,
        116.0,
        5.0,
        3,
        *[None] * 6,
        True,
        None,
        None,
    )  # type: ignore[return-value]


def committed(dsn: str, load: Load) -> dict[str, int]:
    """Commit as ingest does; what was new, and `duplicates`."""
    ledgers = Ledgers(dsn)
    try:
        outcome = ledgers.commit(load, NOON)
    finally:
        ledgers.close()
    return {**outcome.stored, "duplicates": outcome.duplicates}


@pytest.fixture
def filled(database: str) -> str:
    """A database with a book, cases, counts, a picture and readings over some months."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(BOOK)
    load = Load(readings=[row(n) for n in range(READINGS)], numbers={("gw", "s1"): [1, 2, 4]})
    assert committed(database, load)["readings"] == READINGS
    return database


@pytest.fixture
def file(filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A backup of it."""
    monkeypatch.setenv("HERDLIEN_DATABASE_URL", filled)
    made = tmp_path / "herd.dump"
    assert main(["backup", str(made)]) == 0
    return made


def tables(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        return [name for _, name in server.tables(connection)]


def contents(dsn: str) -> dict[str, Any]:
    """A hash over every row of every table, in an order that does not depend on where rows lie."""
    question = sql.SQL("SELECT count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM {} AS t")
    with psycopg.connect(dsn, options="-c timezone=UTC") as connection:
        return {
            name: connection.execute(question.format(sql.Identifier(schema, name))).fetchone()
            for schema, name in server.tables(connection)
        }


def hypertables(dsn: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        if server.describe(connection).timescale is None:
            return []
        return connection.execute(
            "SELECT hypertable_name, num_chunks FROM timescaledb_information.hypertables ORDER BY 1"
        ).fetchall()


def test_every_row_comes_back_and_tables_are_what_they_were(
    filled: str, file: Path, empty_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["restore", str(file), "--into", empty_database]) == 0
    before, after = contents(filled), contents(empty_database)
    assert before["reading"][0] == READINGS
    assert after == before
    assert hypertables(empty_database) == hypertables(filled)
    assert "as many as were backed up" in capsys.readouterr().out


def test_ingest_goes_on_where_the_backup_stopped(file: Path, empty_database: str) -> None:
    assert main(["restore", str(file), "--into", empty_database]) == 0
    again = committed(empty_database, Load(readings=[row(n) for n in range(READINGS - 5, READINGS + 7)]))
    assert (again["readings"], again["duplicates"]) == (7, 5)
    later = committed(empty_database, Load(readings=[row(9 * READINGS)], numbers={("gw", "s1"): [3]}))
    assert later["readings"] == 1
    assert migrate.migrate(empty_database).applied == ()
    with psycopg.connect(empty_database) as connection:
        made = connection.execute(
            "INSERT INTO case_event (case_id, at, actor, event) SELECT case_id, now(), 'x', 'seen'"
            " FROM supervision_case WHERE branch_id = 'b2' RETURNING case_event_id"
        ).fetchone()
        assert made == (3,)
        assert connection.execute("SELECT committed_up_to FROM receipt").fetchone() == (4,)


def test_a_branch_still_sees_nothing_of_the_other(file: Path, empty_database: str) -> None:
    assert main(["restore", str(file), "--into", empty_database]) == 0
    with pool.connect(empty_database) as connection, pool.acting_as(connection, OFFICER):
        assert connection.execute("SELECT loan_id FROM loan").fetchall() == [("l1",)]
        assert connection.execute("SELECT count(*) FROM case_event").fetchone() == (1,)


def test_the_manifest_tells_of_what_the_backup_was_made(filled: str, file: Path) -> None:
    told = json.loads(beside(file).read_bytes())
    password = psycopg.conninfo.conninfo_to_dict(filled)["password"]
    assert str(password) not in beside(file).read_text()
    assert told["rows"]["public.reading"] == READINGS
    assert told["roles"] == ["herdlien_person"]
    assert told["migrations"] == [name for name, _ in migrate.scripts()]
    assert told["size_bytes"] == file.stat().st_size
    assert (told["timescale"] is None) == (hypertables(filled) == [])


def test_a_backup_is_for_its_owner_alone_and_leaves_nothing_unfinished(file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in file.parent.iterdir()) == ["herd.dump", "herd.dump.json"]


def test_without_a_name_the_file_is_called_by_the_minute(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    making.backup(filled, None, datetime(2026, 3, 1, 23, 5, tzinfo=UTC))
    making.backup(filled, tmp_path, datetime(2026, 3, 1, 23, 6, tzinfo=UTC))
    assert (tmp_path / "herdlien-20260301-2305.dump").exists()
    assert (tmp_path / "herdlien-20260301-2306.dump").exists()


def test_rows_written_during_a_backup_do_not_make_its_figures_disagree(
    filled: str, empty_database: str, tmp_path: Path
) -> None:
    done = threading.Event()
    written = threading.Event()

    def write_on() -> None:
        ledgers = Ledgers(filled)
        for first in range(READINGS, 100 * READINGS, 50):
            ledgers.commit(Load(readings=[row(first + n) for n in range(50)]), NOON)
            written.set()
            if done.is_set():
                break
        ledgers.close()

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        assert written.wait(30)
        making.backup(filled, tmp_path / "live.dump", NOON)
    finally:
        done.set()
        writer.join()
    assert restoring.restore(tmp_path / "live.dump", empty_database, replace=False) == 0


@pytest.mark.parametrize("damage", ["flipped", "cut", "no manifest", "broken manifest"])
def test_a_damaged_backup_is_refused_before_anything_is_touched(
    file: Path, empty_database: str, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    content = bytearray(file.read_bytes())
    if damage == "flipped":
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    elif damage == "cut":
        file.write_bytes(content[:-1])
    elif damage == "no manifest":
        beside(file).unlink()
    else:
        beside(file).write_text("{}")
    assert main(["restore", str(file), "--into", empty_database]) == 1
    assert "another copy of the backup" in capsys.readouterr().err or damage == "no manifest"
    assert tables(empty_database) == []


def test_an_existing_file_is_not_overwritten(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = file.read_bytes()
    assert main(["backup", str(file)]) == 1
    assert "is not overwritten" in capsys.readouterr().err
    assert file.read_bytes() == before


def test_a_failed_backup_leaves_no_file(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = programs.Program(fake(tmp_path / "bin", "99.0") / "pg_dump", "99.0")
    monkeypatch.setattr(programs, "find", lambda *_: program)
    (tmp_path / "kept").mkdir()
    with pytest.raises(StackError, match="the backup failed and nothing was kept: pg_dump: error: no"):
        making.backup(database, tmp_path / "kept" / "herd.dump", NOON)
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_locked_table_is_not_waited_for_without_end(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "LOCK_PATIENCE_S", 1)
    with psycopg.connect(database) as other:
        other.execute("LOCK TABLE loan IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(StackError, match="somebody has locked a table"):
            making.backup(database, tmp_path / "herd.dump", NOON)
    assert list(tmp_path.iterdir()) == []


def test_a_full_database_is_kept_unless_it_may_be_replaced(
    filled: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(filled)
    committed(filled, Load(readings=[row(READINGS)]))
    assert main(["restore", str(file)]) == 1
    assert "nothing was changed" in capsys.readouterr().err
    assert contents(filled)["reading"][0] == READINGS + 1
    assert main(["restore", str(file), "--replace"]) == 0
    assert contents(filled) == before
    # What came back can be backed up again, and once more replaced.
    assert main(["backup", str(file.with_name("second.dump"))]) == 0
    assert main(["restore", str(file.with_name("second.dump")), "--replace"]) == 0
    assert contents(filled) == before


def test_a_database_in_use_is_not_replaced(filled: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with psycopg.connect(filled, application_name="ingest"):
        assert main(["restore", str(file), "--replace"]) == 1
    assert "in use by postgres (ingest)" in capsys.readouterr().err
    assert contents(filled)["reading"][0] == READINGS


def test_a_missing_role_is_made(file: Path, empty_database: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(beside(file).read_bytes())
    told["roles"].append("made_by_restore")
    beside(file).write_text(json.dumps(told))
    try:
        assert main(["restore", str(file), "--into", empty_database]) == 0
        assert "Made the role made_by_restore" in capsys.readouterr().out
    finally:
        with psycopg.connect(empty_database) as connection:
            connection.execute("DROP ROLE made_by_restore")


@pytest.fixture
def programs_role(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """A role as the programs of a bank have it: no superuser, no member of herdlien_person."""
    name = "herdlien_programs"
    with psycopg.connect(postgres_server.dsn, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'x'")  # type: ignore[arg-type]
        yield name
        for (other,) in connection.execute("SELECT datname FROM pg_database WHERE datname ~ '^test_'").fetchall():
            with psycopg.connect(postgres_server.dsn_of(other), autocommit=True) as there:
                there.execute(f"REASSIGN OWNED BY {name} TO postgres; DROP OWNED BY {name}")  # type: ignore[arg-type]
        connection.execute(f"DROP ROLE {name}")  # type: ignore[arg-type]


@pytest.mark.parametrize("known", [True, False])
def test_tables_go_back_to_their_owner_where_that_role_exists(
    filled: str, programs_role: str, empty_database: str, tmp_path: Path, known: bool
) -> None:
    with psycopg.connect(filled) as connection:
        for table in ("loan", "reading", "supervision_case"):
            connection.execute(f"ALTER TABLE {table} OWNER TO {programs_role}")  # type: ignore[arg-type]
    making.backup(filled, tmp_path / "herd.dump", NOON)
    told = json.loads(beside(tmp_path / "herd.dump").read_bytes())
    assert told["owners"] == [programs_role, "postgres"]
    if not known:
        told["owners"].append("of_another_server")
        beside(tmp_path / "herd.dump").write_text(json.dumps(told))
    assert restoring.restore(tmp_path / "herd.dump", empty_database, replace=False) == 0
    with psycopg.connect(empty_database) as connection:
        owners = connection.execute(
            "SELECT tableowner FROM pg_tables WHERE tablename IN ('loan', 'reading')"
        ).fetchall()
        assert owners == [(programs_role if known else "postgres",)] * 2
        may_act = connection.execute("SELECT pg_has_role(%s, 'herdlien_person', 'MEMBER')", [programs_role]).fetchone()
        assert may_act == (True,)


def test_rows_that_do_not_come_back_are_told(
    file: Path, empty_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = json.loads(beside(file).read_bytes())
    told["rows"]["public.loan"] = 3
    beside(file).write_text(json.dumps(told))
    assert main(["restore", str(file), "--into", empty_database]) == 1
    assert "public.loan has 2 of 3" in capsys.readouterr().err


def test_a_backup_of_the_other_kind_of_server_is_refused(
    file: Path, empty_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = json.loads(beside(file).read_bytes())
    told["timescale"], told["licence"] = (None, None) if told["timescale"] else ("2.19.3", "apache")
    beside(file).write_text(json.dumps(told))
    assert main(["restore", str(file), "--into", empty_database]) == 1
    said = capsys.readouterr().err
    assert "it is of plain PostgreSQL" in said or "add timescaledb to shared_preload_libraries" in said
    assert tables(empty_database) == []


def a_manifest(**changes: Any) -> Manifest:
    usual: dict[str, Any] = {
        "made_at": NOON, "database": "d", "server": "17.2", "timescale": "2.19.3", "licence": "apache",
        "dumped_with": "17.2", "migrations": [], "owners": [], "roles": [], "rows": {}, "size_bytes": 0, "sha256": "",
    }  # fmt: skip
    return Manifest(**{**usual, **changes})


@pytest.mark.parametrize(
    ("kept", "offered", "reason"),
    [
        (None, (), None),
        ("2.19.3", ("2.18.0", "2.19.3"), None),
        ("2.19.3", ("2.9.0",), "2.9.0, which is older: upgrade it to 2.19.3"),
        ("2.19.3", ("2.20.0",), "ALTER EXTENSION timescaledb UPDATE"),
        ("2.19.3", (), "shared_preload_libraries"),
        (None, ("2.19.3",), "it is of plain PostgreSQL"),
    ],
)
def test_a_backup_fits_a_server_with_its_own_timescaledb(
    kept: str | None, offered: tuple[str, ...], reason: str | None
) -> None:
    found = fitting.obstacle(a_manifest(timescale=kept), server.Server("17.2", None, None, True, offered))
    assert found is None if reason is None else reason in str(found)


def test_timescaledb_lets_only_a_superuser_restore() -> None:
    found = server.Server("17.2", None, None, False, ("2.19.3",))
    assert "only a superuser" in str(fitting.obstacle(a_manifest(), found))
    assert fitting.obstacle(a_manifest(timescale=None), server.Server("17.2", None, None, False, ())) is None


def test_a_community_backup_needs_the_community_edition() -> None:
    with pytest.raises(StackError, match=r"timescaledb\.license"):
        restoring.check_licence(a_manifest(licence="timescale"), server.Server("17.2", "2.19.3", "apache", True, ()))


def fake(folder: Path, version: str) -> Path:
    """A pg_dump that says a version, or writes down how it was called."""
    folder.mkdir()
    program = folder / "pg_dump"
    program.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && echo "pg_dump (PostgreSQL) {version}" && exit\n'
        'printf "%s\\n" "$@" >"$0.arguments"; printf "%s" "$PGPASSWORD" >"$0.password"\n'
        "echo 'pg_dump: error: no'; exit 3\n"
    )
    program.chmod(0o755)
    return folder


def test_the_program_nearest_to_the_server_and_not_older_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [fake(tmp_path / version, version) for version in ("21.1", "9.6.3", "20.0", "22.4")]
    monkeypatch.setattr(programs, "folders", lambda: [tmp_path / "nowhere", *made])
    assert programs.find("pg_dump", 20).version == "20.0"
    assert programs.find("pg_dump", 21).version == "21.1"
    with pytest.raises(StackError, match=r"pg_dump 30 or newer is needed; found: 21\.1 in .*postgresql-client-30"):
        programs.find("pg_dump", 30)


def test_the_password_is_not_on_the_command_line(tmp_path: Path) -> None:
    program = programs.Program(fake(tmp_path / "bin", "20.0") / "pg_dump", "20.0")
    ended = programs.run(program, ["--x"], "postgresql://u:s3cret@127.0.0.1:5/d", lambda: None)
    assert (ended.status, ended.errors) == (3, ["pg_dump: error: no"])
    arguments = (tmp_path / "bin" / "pg_dump.arguments").read_text()
    assert "s3cret" not in arguments
    assert "host=127.0.0.1" in arguments
    assert (tmp_path / "bin" / "pg_dump.password").read_text() == "s3cret"


def test_only_the_extensions_own_circles_are_passed_over() -> None:
    circle = "pg_dump: warning: there are circular foreign-key constraints on this table:\npg_dump: detail: {}\npg_dump: hint: x"
    said = "\n".join([circle.format("hypertable"), circle.format("loan"), "pg_dump: warning: other"])
    assert programs.remarks(said.splitlines()) == [circle.format("loan"), "pg_dump: warning: other"]


def test_a_full_disk_is_seen_beforehand(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="free some space"):
        making.check_room(tmp_path, 10**18, 0)


def test_an_unnamed_database_is_not_guessed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    write(a_manifest(), beside(tmp_path / "x"))
    assert main(["restore", str(tmp_path / "x")]) == 1
    assert "HERDLIEN_DATABASE_URL is not set" in capsys.readouterr().err


class OlderPostgres(EmbeddedPostgres):
    """The oldest server of the package."""

    def prepare(self) -> None:
        super().prepare()
        newest = postgres.packaged_binaries()
        assert newest is not None
        oldest = min(newest.parent.glob("pginstall*"))
        if not account.others_may_enter(oldest) and self._account is not None:
            pytest.skip(f"the servers' account cannot enter {oldest}")
        self._bin = oldest / "bin"

    def command(self, program: str, arguments: Sequence[str]) -> list[str]:
        unknown_to_it = {"--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"}
        return super().command(program, [each for each in arguments if each not in unknown_to_it])


@pytest.fixture
def older_server(tmp_path_factory: pytest.TempPathFactory, service_folder: Path) -> Iterator[EmbeddedPostgres]:
    with OlderPostgres(service_folder / "older", durable=False) as running:
        if running.version() >= "PostgreSQL 17":
            pytest.skip("the package has no server older than 17")
        yield running


def test_an_older_server_is_spared_settings_that_it_does_not_know(
    service_folder: Path, older_server: EmbeddedPostgres, tmp_path: Path
) -> None:
    with EmbeddedPostgres(service_folder / "newer", durable=False) as newer:
        migrate.migrate(newer.dsn)
        with psycopg.connect(newer.dsn) as connection:
            connection.execute(BOOK)
        making.backup(newer.dsn, tmp_path / "new.dump", NOON)
        assert restoring.restore(tmp_path / "new.dump", older_server.dsn, replace=False) == 0
        assert contents(older_server.dsn) == contents(newer.dsn)
