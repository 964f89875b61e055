"""A graver or wider cause silences what it explains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from collateral.model.finding import Finding, Witness

# rule -> the rules it explains. Where both name animals, those that the cause does not name are kept.
EXPLAINS: dict[str, frozenset[str]] = {
    # Nothing is heard: what is read off silence is no finding (R14; hierarchical silence, domain 2.2).
    "farm_blackout": frozenset({
        "gateway_silence", "tag_silence", "tag_removed", "suspected_death", "fleet_decay", "feed_stop", "low_activity",
    }),
    "recount_after_blackout": frozenset({"tag_silence"}),
    # Only for the animals it names: the others' gateways work.
    "gateway_silence": frozenset({"tag_silence", "tag_removed", "suspected_death"}),
    "group_removal": frozenset({"left_fence", "tag_silence", "count_gap", "tag_removed", "suspected_death"}),
    "mortality": frozenset({"suspected_death"}),
    # A carcass no more moves its tag than a tag in the mud does.
    "suspected_death": frozenset({"tag_removed"}),
    # Heat lowers rumination and movement of the whole herd (A13).
    "heat_stress": frozenset({"feed_stop", "low_activity"}),
    # Nobody is told twice; but the farm hears of its single animals also while the bank hears of the outbreak (A10).
    "outbreak": frozenset({"fever"}),
    "camera_blinded": frozenset({"count_gap"}),
    "camera_replayed": frozenset({"count_gap"}),
    # Head that does not exist is short by itself.
    "ghost_animals": frozenset({"count_gap", "suspected_death", "tag_removed"}),
    "tag_cloned": frozenset({"left_fence"}),
}  # fmt: skip

SLACK = 0.05  # a gap this much larger than the named animals, as a share of the book, is a matter of its own
_ALL_OF_IT = frozenset({"farm_blackout", "heat_stress", "camera_blinded", "camera_replayed"})


def inhibit(findings: list[Finding]) -> list[Finding]:
    """The findings that remain when each explained one is dropped, or reduced to what is not explained."""
    possible = [finding for finding in findings if finding.rule in EXPLAINS]
    remaining = []
    for finding in findings:
        causes = [c for c in possible if _explains(c, finding)]
        kept = _beyond(finding, causes) if causes else finding
        if kept is not None:
            remaining.append(kept)
    return remaining


def _explains(cause: Finding, finding: Finding) -> bool:
    """A cause that touches no loan speaks for the whole farm, so for every loan there."""
    return (
        finding.rule in EXPLAINS[cause.rule]
        and cause.farm_id == finding.farm_id
        and cause.loan_id in {None, finding.loan_id}
        and _ONLY_IF.get(cause.rule, _always)(cause, finding)
    )


def _always(cause: Finding, finding: Finding) -> bool:  # noqa: ARG001
    return True


def _same_audience(cause: Finding, finding: Finding) -> bool:
    return cause.audience is finding.audience


def _only_witness(cause: Finding, finding: Finding) -> bool:
    """Whether the finding rests on cameras alone, and names none that is not under suspicion: who covers one camera
    must not silence what the others saw."""
    spoken = _cameras(finding)
    return {t.witness for t in finding.testimonies} == {Witness.CAMERA} and bool(spoken) and spoken <= _cameras(cause)


def _cameras(finding: Finding) -> set[str]:
    said = [t.particulars for t in finding.testimonies]
    return {str(p["camera"]) for p in said if "camera" in p} | {str(c) for p in said for c in p.get("cameras", ())}


_ONLY_IF: dict[str, Callable[[Finding, Finding], bool]] = {
    "outbreak": _same_audience,
    "camera_blinded": _only_witness,
    "camera_replayed": _only_witness,
}


def _beyond(finding: Finding, causes: list[Finding]) -> Finding | None:
    """What of a finding its causes leave over: nothing, or what names animals that they do not name."""
    if any(c.rule in _ALL_OF_IT for c in causes):
        return None
    explained = {animal for cause in causes for animal in cause.animals}
    if finding.rule == "count_gap":
        # While a removal goes on the camera runs ahead of the tags; that is the same event, not a second one.
        beyond = finding.figures["short"] - len(explained)
        return finding if beyond > SLACK * finding.figures["book"] else None
    left = tuple(animal for animal in finding.animals if animal not in explained)
    if not explained or left == finding.animals:
        return finding
    return replace(finding, animals=left) if left else None
