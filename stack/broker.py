"""An MQTT broker of our own on the loopback address: Mosquitto where it can be had, else NATS."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from stack import mosquitto, nats
from stack.child import Child
from stack.errors import StackError
from stack.folders import check_space
from stack.ports import LOOPBACK, accepts, claim, free_port

KIND_VARIABLE = "HERDLIEN_BROKER_KIND"
FINDERS: Mapping[str, Callable[[], "Brand | str"]] = {"mosquitto": mosquitto.find, "nats": nats.find}
START_PATIENCE_S = 20.0


class Brand(Protocol):
    """What one kind of broker must say about itself."""

    @property
    def kind(self) -> str:
        """Its key in FINDERS."""

    def version(self) -> str:
        """Name and version."""

    def whole_environment(self) -> Mapping[str, str] | None:
        """The environment it runs in."""

    def command(self, folder: Path, port: int) -> list[str]:
        """How to start it with its data below `folder`."""


def missing(kind: str) -> str | None:
    """Why this kind cannot be had here; None when it can."""
    found = FINDERS[kind]()
    return found if isinstance(found, str) else None


def choose(kind: str = "auto") -> Brand:
    """The kind asked for; `auto` takes the first that can be had. The environment variable overrides."""
    asked = os.environ.get(KIND_VARIABLE, "auto")
    wanted = asked if asked != "auto" else kind
    if wanted not in ("auto", *FINDERS):
        raise StackError(f"no broker kind {wanted!r}: set {KIND_VARIABLE} to mosquitto, nats or auto")
    reasons = []
    for name, find in FINDERS.items():
        if wanted in ("auto", name):
            found = find()
            if not isinstance(found, str):
                return found
            reasons.append(found)
    raise StackError("no MQTT broker: " + "; ".join(reasons) + ". Install Mosquitto (apt install mosquitto).")


class Broker:
    """A running broker; `kill` and `restart` keep its data and its port."""

    def __init__(self, kind: str, workdir: Path, *, port: int | None = None) -> None:
        self._brand = choose(kind)
        self.kind = self._brand.kind
        self.host = LOOPBACK
        self.port = port or free_port()
        self.folder = workdir
        self.log = workdir / f"{self.kind}.log"
        self.child: Child | None = None

    @property
    def version(self) -> str:
        """Name and version."""
        return self._brand.version()

    def start(self) -> Self:
        """Start and wait until it accepts connections."""
        self.folder.mkdir(parents=True, exist_ok=True)
        check_space(self.folder)
        claim(self.port, self.kind, "port=")
        command = self._brand.command(self.folder.resolve(), self.port)
        self.child = Child(command, self.log, environment=self._brand.whole_environment())
        self._await_ready(self.child)
        return self

    def stop(self) -> None:
        """End it in good order; sessions and queued messages are saved."""
        if self.child is not None:
            self.child.stop()

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.child is not None:
            self.child.kill()

    def restart(self) -> None:
        """Stop if need be and start with the same data on the same port."""
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _await_ready(self, child: Child) -> None:
        deadline = time.monotonic() + START_PATIENCE_S
        while not accepts(self.port):
            if child.status() is not None or time.monotonic() > deadline:
                child.kill()
                last = (child.telling_lines() or ["it said nothing"])[-1]
                raise StackError(f"{self.kind} did not start: {last}\n  whole log: {self.log}")
            time.sleep(0.02)
