"""python -m dashboard.catalog: bring both .po files in line with the source.

English is the message id and translates itself; a new message stands empty in Chinese until somebody writes it.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog

from collateral.ops import catalog_upkeep
from collateral.ops.catalog_upkeep import Message, is_translated
from dashboard.words import CATALOGS, LOCALES

__all__ = ["SOURCE", "Message", "is_translated", "messages", "read", "update"]

SOURCE = Path(__file__).parent
MARKERS = frozenset({"_", "N_", "ngettext"})


def messages() -> dict[Message, set[str]]:
    """Every message in the source, with the files it stands in."""
    return catalog_upkeep.messages(SOURCE.parent, [SOURCE.name], MARKERS)


def read(locale: str) -> Catalog:
    """The catalog as it is stored."""
    return catalog_upkeep.read(_path(locale), locale)


def update(locale: str) -> Catalog:
    """Write the catalog anew: what the source says, translated as far as it was."""
    return catalog_upkeep.update(_path(locale), locale, messages().items(), "The dashboard's words.")


def _path(locale: str) -> Path:
    return CATALOGS / locale / "LC_MESSAGES" / "dashboard.po"


if __name__ == "__main__":
    for name in LOCALES.values():
        empty = [message.id for message in catalog_upkeep.untranslated(update(name))]
        print(f"{name}: {len(empty)} messages without a translation", *empty, sep="\n  ")
