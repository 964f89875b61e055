"""Words in the reader's language: gettext catalogs, compiled from .po when first needed.

`_` translates now; `N_` only marks a word that stands in a table and is translated when shown.
"""

from __future__ import annotations

import gettext
from contextvars import ContextVar
from pathlib import Path
from typing import Literal

from babel import Locale

from collateral.ops.catalogs import compiled

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
# How each language calls itself: never translated.
OWN_NAMES: dict[str, str] = {"zh": "中文", "en": "English"}
LOCALES: dict[str, str] = {"zh": "zh_CN", "en": "en"}
CATALOGS = Path(__file__).with_name("locale")

_spoken: ContextVar[Language] = ContextVar("spoken", default="zh")


def speak(language: Language) -> None:
    """From here on, in this thread, words are in `language`."""
    _spoken.set(language)


def language() -> Language:
    """The language spoken now."""
    return _spoken.get()


def locale() -> Locale:
    """The Babel locale of the language spoken now."""
    return Locale.parse(LOCALES[language()])


def _(message: str) -> str:
    """`message` in the language spoken now."""
    return _catalog(language()).gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """The right form for `count`, in the language spoken now."""
    return _catalog(language()).ngettext(one, many, count)


def N_(message: str) -> str:  # noqa: N802 - the name every gettext tool knows
    """Mark for extraction; translated later with `_`."""
    return message


def named(thing: object) -> str:
    """The name of something with name_zh and name_en."""
    return str(getattr(thing, f"name_{language()}"))


def _catalog(spoken: str) -> gettext.GNUTranslations:
    return compiled(CATALOGS / LOCALES[spoken] / "LC_MESSAGES" / "dashboard.po")
