"""Bringing a message catalog in line with the source: find what is said, keep what is translated, mark what is not.

Reads the syntax tree, because Babel's own extraction does not look inside f-strings on Python 3.11.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as BabelMessage
from babel.messages.pofile import read_po, write_po

Message = str | tuple[str, str]
"""A text, or its forms for one and for many."""


@dataclass(frozen=True, slots=True)
class Word:
    """A message that is told apart by what it is a word of (msgctxt)."""

    context: str
    text: str


def messages(root: Path, folders: Iterable[str], markers: frozenset[str]) -> dict[Message, set[str]]:
    """Every text below `folders` of `root` that a call of one of `markers` names first, with the files it stands in.
    A call of `ngettext` names two."""
    found: dict[Message, set[str]] = {}
    for path in sorted(path for folder in folders for path in (root / folder).rglob("*.py")):
        for message in _messages_of(ast.parse(path.read_text("utf-8")), markers):
            found.setdefault(message, set()).add(path.relative_to(root).as_posix())
    return found


def read(path: Path, locale: str) -> Catalog:
    """The catalog as it is stored."""
    with path.open("rb") as text:
        return read_po(text, locale=locale)


def update(path: Path, locale: str, said: Iterable[tuple[Message | Word, set[str]]], header: str) -> Catalog:
    """Write the catalog anew: what the source says, translated as far as it was. English translates itself; elsewhere
    a new message stands empty until somebody writes it."""
    before = read(path, locale) if path.exists() else Catalog(locale=locale)
    after = Catalog(
        locale=locale, project="HerdLien", version="0.1.0", fuzzy=False, header_comment=f"# {header}",
        creation_date=before.creation_date,
    )  # fmt: skip
    for message, files in said:
        context, ids = (message.context, message.text) if isinstance(message, Word) else (None, message)
        known = before.get(ids if isinstance(ids, str) else ids[0], context)
        text = known.string if known and known.string else (ids if locale == "en" else "")
        after.add(ids, text, locations=[(name, 0) for name in sorted(files)], context=context)
    with path.open("wb") as target:
        write_po(target, after, width=110, sort_output=True, include_lineno=False)
    return after


def is_translated(message: BabelMessage) -> bool:
    """Whether every form of the message is written and nobody doubts it."""
    said = message.string
    return bool(said) and not message.fuzzy and (isinstance(said, str) or all(said or ()))


def untranslated(catalog: Catalog) -> list[BabelMessage]:
    """What somebody still has to write."""
    return [message for message in catalog if message.id and not is_translated(message)]


def _messages_of(tree: ast.AST, markers: frozenset[str]) -> Iterator[Message]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in markers:
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if texts:
                yield (texts[0], texts[1]) if node.func.id == "ngettext" else texts[0]
