"""What the stages and findings of a count session are called."""

from __future__ import annotations

from collateral.contract.http import LoanSummary
from collateral.contract.inspection import SessionLine
from dashboard.tables import Mark
from dashboard.words import N_, named

STAGES: dict[str, Mark] = {
    "reading": Mark(N_("Tags are being read"), ":material/barcode_reader:", "orange"),
    "photographing": Mark(N_("Sample to photograph"), ":material/photo_camera:", "violet"),
    "passed": Mark(N_("Passed"), ":material/verified:", "green"),
    "refused": Mark(N_("Closed, did not pass"), ":material/gpp_bad:", "red"),
}

FOUND: dict[str, tuple[str, str]] = {
    "booked": (N_("In the book, read once"), "#14507A"),
    "numbered": (N_("Pledged by number"), "#9DB4C8"),
    "others": (N_("Of this farm, not in this book"), "#8A97A3"),
    "twice": (N_("Read in another pen too"), "#E08A00"),
    "foreign": (N_("Foreign tag"), "#B3261E"),
    "untagged": (N_("Without an ear tag"), "#6B4FA0"),
    "absent": (N_("Absent"), "#E4EAF0"),
}
"""What the head of a pen turned out to be, and who was not there, in the order of drawing, with colours."""


def stage_of(line: SessionLine) -> str:
    """The stage, and of a closed session its result."""
    return line.stage if line.passed is None else "passed" if line.passed else "refused"


def farm_name(line: SessionLine, loan: LoanSummary | None) -> str:
    """The farm as people know it."""
    farms = [farm for farm in loan.farms if farm.id == line.farm_id] if loan else []
    return named(farms[0]) if farms else line.farm_id
