"""A sentence that a person may read, with what it is made of, so that it can be said in another language.

A `Saying` is its English text and works wherever text does; it also remembers its template and values. Whoever shows it
asks a `Tongue`. Programs, logs and commands go on in English without knowing of this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


class Saying(str):
    """English text that remembers its template and values. Made by `say`. `str()` gives it back as it is."""

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, values: Mapping[str, Any]) -> Self:
        made = super().__new__(cls, ENGLISH.filled(template, values))
        made.template, made.values = template, values
        return made

    def __str__(self) -> str:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.template, dict(self.values)))


def say(template: str, /, **values: Any) -> Saying:
    """`template` with its `{places}` filled in, as `str.format` does it.

    The template is a literal, for it is the message id of the catalogs. A member of an enumeration, another saying and
    a list are said in the reader's language too; every other value is shown as it is.
    """
    return Saying(template, values)


class Refusal(ValueError):
    """Something cannot be done; `said` tells why and what to do next."""

    def __init__(self, said: Saying) -> None:
        super().__init__(said)
        self.said = said


@dataclass(frozen=True, slots=True)
class Tongue:
    """How one language says a template and a member of an enumeration, and what stands between the items of a list:
    `comma` between names, `semicolon` between sentences."""

    sentence: Callable[[str], str]
    word: Callable[[StrEnum], str]
    comma: str
    semicolon: str

    def filled(self, template: str, values: Mapping[str, Any]) -> str:
        """A template and its values as one text."""
        return self.sentence(template).format(**{name: self.shown(value) for name, value in values.items()})

    def shown(self, value: Any) -> Any:
        """One value as it is to stand in a sentence; numbers and times stay what they are, for their format to say."""
        match value:
            case Saying():
                return self.filled(value.template, value.values)
            case StrEnum():
                return self.word(value)
            case tuple() | list():
                between = self.semicolon if any(isinstance(item, Saying) for item in value) else self.comma
                return between.join(str(self.shown(item)) for item in value)
            case _:
                return value


def plain_word(word: StrEnum) -> str:
    """An enumeration's member as English text."""
    return word.value.replace("_", " ")


ENGLISH = Tongue(sentence=str, word=plain_word, comma=", ", semicolon="; ")
