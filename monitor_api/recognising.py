"""Sayings that were kept as English text, recognised by the templates that they were made from. Pure.

The result of a count session is kept as it was said at its close. What the book says today may differ, so its reasons
are not made anew: they are read back.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable

from collateral.model.saying import Saying

LEAST_LETTERS = 8
"""A template with fewer letters of its own would fit too much [I]."""

Pattern = tuple[str, re.Pattern[str]]


def patterns(templates: Iterable[str]) -> list[Pattern]:
    """What recognises a text made from one of `templates`, those with most text of their own first."""
    found = [(_letters(template), template, pattern) for template in templates if (pattern := _pattern(template))]
    return [(template, pattern) for letters, template, pattern in sorted(found, key=lambda f: -f[0])
            if letters >= LEAST_LETTERS]  # fmt: skip


def recognised(text: str, among: Iterable[Pattern]) -> Saying | None:
    """The saying that `text` was, or None."""
    for template, pattern in among:
        if match := pattern.fullmatch(text):
            return Saying(template, match.groupdict())
    return None


def _pattern(template: str) -> re.Pattern[str] | None:
    """None where a place has a format of its own, which a value once written as text no longer fits."""
    parts, seen = [], set[str]()
    for literal, name, spec, conversion in string.Formatter().parse(template):
        parts.append(re.escape(literal))
        if name is None:
            continue
        if spec or conversion:
            return None
        parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.+?)")
        seen.add(name)
    return re.compile("".join(parts), re.DOTALL) if seen else None


def _letters(template: str) -> int:
    return sum(map(str.isalpha, "".join(literal for literal, *_ in string.Formatter().parse(template))))
