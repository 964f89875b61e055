"""Whether loans together have more head of a group pledged than it has, once an enrolment is written. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from collateral.contract.enrolment import Enrolment
from collateral.store.enrolments import Existing


def over_pledged(e: Enrolment, there: Existing) -> Iterator[tuple[str, str]]:
    """Where in the file, and what is wrong. Movements alone say what is pledged of a group that they have changed."""
    where = {g.group_id: f"groups[{index}].head" for index, g in enumerate(e.groups)}
    claims: dict[str, dict[str, int]] = {group: dict(there.group_pledges.get(group, {})) for group in where}
    for index, p in enumerate(e.pledges):
        if p.group_id is not None:
            where[p.group_id] = f"pledges[{index}].head"
            claims.setdefault(p.group_id, dict(there.group_pledges.get(p.group_id, {})))[p.loan_id] = p.head
    heads = {group: head for group, (_, head) in there.groups.items()} | {g.group_id: g.head for g in e.groups}
    for group, of_loans in claims.items():
        pledged = sum(of_loans.values())
        # What one pledge alone claims too much is told of that pledge.
        alone = any(p.group_id == group and p.head > heads.get(group, p.head) for p in e.pledges)
        if group in heads and group not in there.moved_groups and pledged > heads[group] and not alone:
            yield where[group], _said(group, of_loans, pledged, heads[group])


def _said(group: str, of_loans: dict[str, int], pledged: int, head: int) -> str:
    names = sorted(of_loans)
    loans = f"{', '.join(names[:-1])} and {names[-1]} together" if len(names) > 1 else names[0]
    return f"{pledged} head are pledged to {loans}, of the {head} in {group}"
