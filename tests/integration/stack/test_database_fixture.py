"""The `database` fixture itself: migrated, fresh for each test, cheap."""

import psycopg
import pytest


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_finds_the_schema_and_none_of_the_others_rows(database: str, turn: int) -> None:
    with psycopg.connect(database) as connection:
        tables = connection.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_name = 'loan' OR table_name = 'loans'"
        ).fetchone()
        assert tables is not None
        assert tables[0] > 0
        connection.execute("CREATE TABLE mark (id int)")
