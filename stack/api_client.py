"""A few calls to monitor_api, as a person would make them. The launcher needs no typed client."""

from typing import Any

import httpx

from stack.errors import StackError


class ApiClient:
    """Logged in as one person."""

    def __init__(self, url: str, login: str, password: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=10.0)
        token = self.post("/v1/login", {"login": login, "password": password})["token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str) -> Any:
        """The answer's JSON."""
        return self._call("GET", path, None)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """The answer's JSON."""
        return self._call("POST", path, body)

    def _call(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        try:
            answer = self._http.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise StackError(f"{method} {path}: {error}") from error
        if not answer.is_success:
            raise StackError(f"{method} {path}: HTTP {answer.status_code}: {answer.text[:300]}")
        return answer.json()
