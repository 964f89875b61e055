"""Where each camera's next record hangs, in a program that counts for several of them."""

from __future__ import annotations

from datetime import datetime

from collateral.contract.evidence import EvidenceMade
from collateral.evidence.chain import Link

NOT_KEPT = "no state is kept"


class Chains:
    """One chain per camera. A program that keeps no state begins new ones each time it starts, and says since when."""

    def __init__(self, since: datetime, known: dict[str, Link] | None = None, because: str | None = None) -> None:
        self._since, self._because = since, because
        self._next: dict[str, Link] = dict(known or {})

    def link(self, camera: str) -> Link:
        """The place of the camera's next record."""
        return self._next.get(camera) or Link.first(self._since, self._why(camera))

    def hung(self, camera: str, record: bytes) -> None:
        """This record, in its canonical bytes, now hangs there."""
        self._next[camera] = Link.after(record)

    def hang(self, camera: str, topic: str, made: EvidenceMade) -> EvidenceMade:  # noqa: ARG002
        """Take in evidence before it is published on `topic`; what to publish."""
        self.hung(camera, made.record)
        return made

    def _why(self, camera: str) -> str | None:  # noqa: ARG002
        """Why the camera's chain begins, in at most 64 characters."""
        return self._because
