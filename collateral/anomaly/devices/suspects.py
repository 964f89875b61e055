"""Cameras under suspicion: what they say of themselves in counts that are unknown, and whose loans they watch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collateral.facts.herd import CameraState, HerdFacts
from collateral.model.finding import Testimony, Witness
from collateral.model.herd import CameraCount
from collateral.model.ids import LoanId


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A camera, what is held against it (`vision.camera`'s word), and the pictures that show it, oldest first."""

    camera: CameraState
    because: str
    pictures: tuple[CameraCount, ...]

    @property
    def since(self) -> datetime:
        return self.pictures[0].captured_at

    def testimony(self) -> Testimony:
        particulars: dict[str, Any] = {
            "camera": self.camera.camera_id, "pen": self.camera.pen_id, "because": self.because,
            "pictures": len(self.pictures),
            "frames": list(dict.fromkeys((self.pictures[0].frame_sha256, self.pictures[-1].frame_sha256))),
        }  # fmt: skip
        return Testimony(witness=Witness.CAMERA, since=self.since, particulars=particulars)


def loans_watched(facts: HerdFacts, suspects: list[Suspect]) -> dict[LoanId | None, list[Suspect]]:
    """The suspects by the loans whose animals they watch; None for those that watch no pledged animal."""
    found: dict[LoanId | None, list[Suspect]] = {}
    for suspect in suspects:
        pen = suspect.camera.pen_id
        loans: set[LoanId | None] = {t.loan_id for t in facts.of_pen.get(pen, ()) if t.loan_id}
        loans |= {g.loan_id for g in facts.groups if g.pen.pen_id == pen}
        for loan in loans or {None}:
            found.setdefault(loan, []).append(suspect)
    return dict(sorted(found.items(), key=lambda item: item[0] or ""))
