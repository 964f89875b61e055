"""Who may import whom, as pyproject.toml says it."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from stack.folders import REPOSITORY

CONTRACTS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]


def test_every_import_contract_is_kept() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run(
        [str(linter), "--no-cache"], cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=100
    )
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-1000:]


@pytest.mark.parametrize("package", CONTRACTS["root_packages"])
def test_every_package_is_under_contract(package: str) -> None:
    assert (REPOSITORY / package / "__init__.py").is_file()
