"""The canned system that screens are opened against."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from tests.dashboard.canned_api import build, serving


@pytest.fixture
def pilot() -> FastAPI:
    return build()


@pytest.fixture
def api(pilot: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with serving(pilot) as url:
        monkeypatch.setenv("HERDLIEN_API_URL", url)
        yield url
