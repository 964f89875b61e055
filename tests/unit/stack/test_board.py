"""What stands on the terminal."""

import io

from rich.console import Console

from stack.board import PlainBoard, Row, State, TableBoard


def test_plain_lines_name_program_state_and_health() -> None:
    stream = io.StringIO()
    board = PlainBoard(stream)
    row = Row("ingest")
    board.changed(row)
    row.enter(State.RUNNING, "ready in 0.4 s")
    board.changed(row)
    assert [line.split() for line in stream.getvalue().splitlines()] == [
        ["ingest", "starting"],
        ["ingest", "running", "ready", "in", "0.4", "s"],
    ]


def test_the_table_shows_each_program_once_and_notes_above_it() -> None:
    stream = io.StringIO()
    with TableBoard(Console(file=stream, force_terminal=True, width=80)) as board:
        row = Row("ingest")
        board.changed(row)
        row.enter(State.FAILED, "the database refused the password")
        board.changed(row)
        board.note("Dashboard: http://127.0.0.1:8501")
    last = stream.getvalue().rsplit("Dashboard", 1)[1]
    assert last.count("ingest") >= 1
    assert "failed" in last
    assert "the database refused the password" in last


def test_age_is_minutes_and_seconds() -> None:
    row = Row("ingest")
    row.since -= 75
    assert row.age() == "1:15"
