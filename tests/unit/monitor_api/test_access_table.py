"""Every page asks who is calling, except those that cannot."""

from __future__ import annotations

from monitor_api.app import described

OPEN = {"/v1/login", "/v1/health", "/v1/metrics"}


def test_every_page_but_login_and_probes_asks_for_a_token() -> None:
    pages = [(path, operation) for path, methods in described()["paths"].items() for operation in methods.values()]
    without = {path for path, operation in pages if not operation.get("security")}
    assert without == OPEN


def test_every_page_that_asks_for_a_token_documents_what_happens_without() -> None:
    for path, methods in described()["paths"].items():
        for operation in methods.values():
            assert path in OPEN or "401" in operation["responses"], path
