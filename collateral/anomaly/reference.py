"""The page about all rules, made from what stands with each of them: its docstring and its limits."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

from collateral.anomaly.rule import HerdRule, LoanRule

LABELS = ("Cause", "Denominator", "Window", "Minimum sample", "Suppressed", "Source")
_HEAD = """# Rules

Made from the rules themselves, do not edit: `./run python -m collateral.anomaly rules --out docs/reference/rules.md`.
A number such as R3 is the row of the risk table that a rule stands for. Every limit can be set per bank and per farm;
what stands here is the default. [I] marks a figure that is ours and not from a source: tune it on pilot data.

Red needs two independent kinds of evidence; a finding with one is orange at most. Individual findings about an
animal's health go to the farm, what concerns the herd to the bank.
"""


class IncompleteRule(ValueError):
    """A rule's docstring lacks a labelled part; the message names rule and part."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a docstring tells: its first paragraph, and the text behind each label."""

    what: str
    parts: dict[str, str]


def page(rules: Sequence[HerdRule | LoanRule]) -> str:
    """The reference page in Markdown, in the order of the rules' numbers."""
    listed = ordered(rules)
    return "\n".join([_HEAD, _index(listed), *(_section(rule) for rule in listed)])


def ordered(rules: Sequence[HerdRule | LoanRule]) -> list[HerdRule | LoanRule]:
    """The rules by their number in the risk table, then by name."""
    return sorted(rules, key=lambda rule: (int(rule.number[1:]), rule.name))


def told(rule: HerdRule | LoanRule) -> Told:
    """What a rule's docstring tells. Raises IncompleteRule."""
    text = " ".join((inspect.getdoc(rule.judge) or "").split("\n"))
    found = re.split(rf"(?:^|(?<=\s))({'|'.join(LABELS)}): ", text)
    parts = {label: body.strip() for label, body in zip(found[1::2], found[2::2], strict=True)}
    for label in LABELS:
        if not parts.get(label):
            raise IncompleteRule(f"{rule.name}: its docstring does not say '{label}: ...'")
    return Told(found[0].strip(), parts)


def _index(rules: Sequence[HerdRule | LoanRule]) -> str:
    rows = [
        f"| {rule.number} | [{rule.name}](#{rule.number.lower()}-{rule.name}) | {told(rule).what} |" for rule in rules
    ]
    return "\n".join(["| no. | rule | it says |", "|---|---|---|", *rows, ""])


def _section(rule: HerdRule | LoanRule) -> str:
    said = told(rule)
    lines = [f"## {rule.number} {rule.name}", "", said.what, ""]
    lines += [f"- **{label}**: {said.parts[label]}" for label in LABELS]
    limits = fields(rule.limits)
    if limits:
        lines += [
            "",
            " ".join((inspect.getdoc(type(rule.limits)) or "").split()),
            "",
            "| limit | default |",
            "|---|---|",
        ]
        lines += [f"| `{field.name}` | {_shown(getattr(rule.limits, field.name))} |" for field in limits]
    return "\n".join([*lines, ""])


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
