"""A graver or wider cause silences what it explains."""

from __future__ import annotations

from dataclasses import replace

from collateral.model.finding import Finding

# rule -> the rules it explains. Those that name animals keep the animals it does not explain.
EXPLAINS: dict[str, frozenset[str]] = {
    "farm_blackout": frozenset({"gateway_silence", "tag_silence"}),
    "group_removal": frozenset({"left_fence", "tag_silence", "count_gap"}),
}


SLACK = 0.05  # a gap this much larger than the named animals, as a share of the book, is a matter of its own


def inhibit(findings: list[Finding]) -> list[Finding]:
    """The findings that remain when each explained one is dropped, or reduced to what is not explained."""
    remaining = []
    for finding in findings:
        causes = [c for c in findings if _explains(c, finding)]
        kept = _beyond(finding, causes) if causes else finding
        if kept is not None:
            remaining.append(kept)
    return remaining


def _explains(cause: Finding, finding: Finding) -> bool:
    return (
        finding.rule in EXPLAINS.get(cause.rule, frozenset())
        and cause.farm_id == finding.farm_id
        and cause.loan_id == finding.loan_id
    )


def _beyond(finding: Finding, causes: list[Finding]) -> Finding | None:
    """What of a finding its causes leave over. Whole-farm causes leave nothing."""
    if any(c.rule == "farm_blackout" for c in causes):
        return None
    explained = {animal for cause in causes for animal in cause.animals}
    if finding.rule == "count_gap":
        # While a removal goes on the camera runs ahead of the tags; that is the same event, not a second one.
        beyond = finding.figures["short"] - len(explained)
        return finding if beyond > SLACK * finding.figures["book"] else None
    left = tuple(animal for animal in finding.animals if animal not in explained)
    return replace(finding, animals=left) if left else None
