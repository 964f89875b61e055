"""The structure that ARCHITECTURE.md promises, checked."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = ("edge", "ingest", "vision", "monitor_api", "dashboard", "firmware_sim", "stack")
PACKAGES = ("collateral", *PROGRAMS)
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("blocked", ["torch", "ultralytics", "psycopg", "fastapi", "streamlit", "numpy", "cv2"])
def test_a_gateway_installs_without(blocked: str) -> None:
    """Every module of edge is imported in a fresh interpreter in which `blocked` does not exist."""
    modules = [
        f"edge.{path.stem}" for path in (ROOT / "edge").glob("*.py") if path.stem not in {"__init__", "__main__"}
    ]
    assert modules
    script = f"import sys; sys.modules[{blocked!r}] = None\nfor name in {modules!r}: __import__(name)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_topics_are_spelled_in_one_place() -> None:
    spelled = [path for path in SOURCES if "herdlien/v1" in path.read_text("utf-8")]
    assert names(spelled) == ["collateral/contract/topics.py"]


SQL = re.compile(r"\b(SELECT\s.+\sFROM|INSERT\s+INTO|DELETE\s+FROM|UPDATE\s+\w+\s+SET|CREATE\s+TABLE)\b", re.DOTALL)


def strings(path: Path) -> list[str]:
    """The string constants of a module, docstrings included."""
    tree = ast.parse(path.read_text("utf-8"))
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def test_sql_for_the_system_database_stands_in_the_store_alone() -> None:
    # A gateway's spool is a file of its own with SQL of its own; the launcher makes the database itself, and a
    # backup asks what it is, whatever the schema.
    own = {"edge/spool.py", "stack/postgres.py", "stack/backup/server.py"}
    found = [
        path for path in SOURCES
        if not path.is_relative_to(ROOT / "collateral" / "store") and any(SQL.search(text) for text in strings(path))
    ]  # fmt: skip
    assert set(names(found)) <= own


def test_no_module_is_named_for_nothing_in_particular() -> None:
    nothing = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
    assert [name for name in names(SOURCES) if Path(name).stem in nothing] == []


def test_every_program_is_in_the_compose_file_and_the_architecture_page() -> None:
    compose, page = (ROOT / "docker-compose.yml").read_text("utf-8"), (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    for program in PROGRAMS:
        assert f"`{program}`" in page
        assert program == "stack" or program in compose
