"""A few calls to monitor_api, as a person would make them. The launcher needs no typed client."""

import json
import urllib.error
import urllib.request
from typing import Any

from stack.errors import StackError

PATIENCE_S = 10.0


class ApiClient:
    """Logged in as one person."""

    def __init__(self, url: str, login: str, password: str) -> None:
        self._url = url
        self._token = ""
        self._token = self.post("/v1/login", {"login": login, "password": password})["token"]

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """The answer's JSON."""
        return self._call("GET", path, None)

    def post(self, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """The answer's JSON."""
        return self._call("POST", path, json.dumps(body).encode())

    def _call(self, method: str, path: str, body: bytes | None) -> Any:  # noqa: ANN401 - JSON
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        request = urllib.request.Request(self._url + path, data=body, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise StackError(
                f"{method} {path}: HTTP {error.code}: {error.read().decode(errors='replace')[:300]}"
            ) from error
        except OSError as error:
            raise StackError(f"{method} {path}: {error}") from error
