"""Official ear tag numbers, as people know them, for the ids that the system goes by; and back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import streamlit as st

from dashboard import session
from dashboard.client import Api, Refused, api_url

BETWEEN = re.compile(r"[\s,;，；、]+")


def numbers_of(loan_id: str) -> Mapping[str, str]:
    """Ear tag number by animal id: animals with a known position on the loan's farms, and those not seen."""
    return _numbers(api_url(), session.token() or "", loan_id)


@st.cache_data(ttl=300, max_entries=16, show_spinner=False)
def _numbers(url: str, token: str, loan_id: str) -> dict[str, str]:
    # The token is part of the key: one person's sight is never another's.
    api = Api(token, url)
    try:
        detail = api.loan(loan_id)
        known = {animal.animal_id: animal.identity for animal in detail.unseen}
        for farm in detail.loan.farms:
            known |= {animal.animal_id: animal.identity for animal in api.farm_map(farm.id).animals}
    except Refused:
        return {}
    return known


def named(animals: Iterable[str], numbers: Mapping[str, str]) -> list[str]:
    """Each animal by its ear tag number; one whose number is not known, by its id."""
    return [numbers.get(animal, animal) for animal in animals]


def meant(text: str, numbers: Mapping[str, str]) -> list[str]:
    """The ids of the animals in a pasted list: by line, blank, comma or the Chinese comma; unknown ones as they are."""
    ids = {number: animal for animal, number in numbers.items()}
    return [ids.get(part, part) for part in BETWEEN.split(text) if part]
