"""Message catalogs: read from .po as they stand in the source, compiled in memory when first needed."""

from __future__ import annotations

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


@cache
def stored(source: Path) -> Catalog:
    """The messages of one .po file."""
    with source.open("rb") as text:
        return read_po(text)


@cache
def compiled(source: Path) -> gettext.GNUTranslations:
    """The translations of one .po file."""
    binary = BytesIO()
    write_mo(binary, stored(source))
    binary.seek(0)
    return gettext.GNUTranslations(binary)
