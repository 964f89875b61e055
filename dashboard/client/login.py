"""Calls about the person."""

from __future__ import annotations

from datetime import datetime

from collateral.contract import http as shapes
from dashboard.client.door import Door


class LoginCalls(Door):
    """Who one is, and what time it is at the system."""

    def login(self, login: str, password: str) -> shapes.LoginAnswer:
        """Raises LoggedOut when login or password is wrong."""
        return self._post("/v1/login", shapes.LoginRequest(login=login, password=password), shapes.LoginAnswer)

    def me(self) -> shapes.Me:
        return self._get("/v1/me", shapes.Me)

    def now(self) -> datetime:
        """The system's own time, which ages are measured against."""
        return self._get("/health", shapes.Health).now
