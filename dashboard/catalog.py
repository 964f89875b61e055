"""python -m dashboard.catalog: bring both .po files in line with the source.

Reads the syntax tree, because Babel's own extraction does not look inside f-strings on Python 3.11. English is
the message id and translates itself; a new message stands empty in Chinese until somebody writes it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as BabelMessage
from babel.messages.pofile import read_po, write_po

from dashboard.words import CATALOGS, LOCALES

SOURCE = Path(__file__).parent
MARKERS = frozenset({"_", "N_", "ngettext"})
Message = str | tuple[str, str]


def messages() -> dict[Message, set[str]]:
    """Every message in the source, with the files it stands in."""
    found: dict[Message, set[str]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for message in _messages_of(ast.parse(path.read_text("utf-8"))):
            found.setdefault(message, set()).add(path.relative_to(SOURCE.parent).as_posix())
    return found


def read(locale: str) -> Catalog:
    """The catalog as it is stored."""
    with _path(locale).open("rb") as text:
        return read_po(text, locale=locale)


def update(locale: str) -> Catalog:
    """Write the catalog anew: what the source says, translated as far as it was."""
    before = read(locale) if _path(locale).exists() else Catalog(locale=locale)
    after = Catalog(
        locale=locale, project="HerdLien", version="0.1.0", fuzzy=False, header_comment="# The dashboard's words."
    )
    for message, files in messages().items():
        known = before.get(message if isinstance(message, str) else message[0])
        said = known.string if known and known.string else (message if locale == "en" else "")
        after.add(message, said, locations=[(name, 0) for name in sorted(files)])
    with _path(locale).open("wb") as text:
        write_po(text, after, width=110, sort_output=True, include_lineno=False)
    return after


def is_translated(message: BabelMessage) -> bool:
    """Whether every form of the message is written and nobody doubts it."""
    said = message.string
    return bool(said) and not message.fuzzy and (isinstance(said, str) or all(said or ()))


def _path(locale: str) -> Path:
    return CATALOGS / locale / "LC_MESSAGES" / "dashboard.po"


def _messages_of(tree: ast.AST) -> Iterator[Message]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKERS:
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if texts:
                yield (texts[0], texts[1]) if node.func.id == "ngettext" else texts[0]


if __name__ == "__main__":
    for name in LOCALES.values():
        empty = [message.id for message in update(name) if message.id and not is_translated(message)]
        print(f"{name}: {len(empty)} messages without a translation", *empty, sep="\n  ")
