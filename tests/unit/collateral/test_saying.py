"""A saying is its English text, and can be said in another language."""

import copy
import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum

import pytest

from collateral.model.saying import Refusal, Saying, Tongue, say


class Beast(StrEnum):
    COLD_COW = "cold_cow"


LATIN = Tongue(
    sentence={"{n:g} of {beast} in {pens}: {why}": "in {pens} {n:g} {beast}: {why}", "lost": "perditae"}.__getitem__,
    word=lambda word: f"<{type(word).__name__}.{word}>",
    comma=" et ",
    semicolon=" ac ",
)


def test_a_saying_is_its_english_text_wherever_text_is_wanted() -> None:
    said = say("{n:g} of {beast} in {pens}: {why}", n=2.0, beast=Beast.COLD_COW, pens=["p1", "p2"], why=say("lost"))
    assert said == "2 of cold cow in p1, p2: lost"
    assert json.dumps([said]) == '["2 of cold cow in p1, p2: lost"]'
    assert LATIN.shown(said) == "in p1 et p2 2 <Beast.cold_cow>: perditae"


def test_sentences_in_a_list_are_parted_more_than_names() -> None:
    assert say("{all}", all=[say("one, two"), say("three")]) == "one, two; three"
    assert say("{at:%H:%M} UTC", at=datetime(2026, 6, 1, 9, 5, tzinfo=UTC)) == "09:05 UTC"


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s)), str])
def test_a_copy_remembers_what_it_is_made_of(copied: Callable[[Saying], Saying]) -> None:
    said = say("lost")
    again = copied(said)
    assert (type(again), again, again.template, LATIN.shown(again)) == (Saying, "lost", "lost", "perditae")


def test_braces_in_a_value_are_no_places() -> None:
    assert say("not {name}", name="{0.__class__}") == "not {0.__class__}"


def test_a_refusal_keeps_its_saying_and_prints_it() -> None:
    with pytest.raises(Refusal, match="lost") as refused:
        raise Refusal(say("lost"))
    assert (str(refused.value), refused.value.said.template) == ("lost", "lost")
