"""Where each camera's next record hangs, in a program that counts for several of them."""

from __future__ import annotations

from datetime import datetime

from collateral.evidence.chain import Link


class Chains:
    """One chain per camera. A program without a folder begins new ones each time it starts, and says since when."""

    def __init__(self, since: datetime, known: dict[str, Link] | None = None) -> None:
        self._since = since
        self._next: dict[str, Link] = dict(known or {})

    def link(self, camera: str) -> Link:
        """The place of the camera's next record."""
        return self._next.get(camera) or Link.first(self._since)

    def hung(self, camera: str, record: bytes) -> None:
        """This record, in its canonical bytes, now hangs there."""
        self._next[camera] = Link.after(record)
