"""A farm from above: fences, animals by state, gateways."""

from __future__ import annotations

from collections import Counter
from zoneinfo import ZoneInfo

import streamlit as st

from collateral.contract.http import FarmMap, HerdLine
from dashboard import frame, session
from dashboard.deck import COLOURS, FARM_PX, MOST_DOTS, farm_deck, state_of
from dashboard.figures import ago, clock, head
from dashboard.tables import DEVICE_STATES, SPECIES, called, mark
from dashboard.words import N_, _, named

REFRESH_S = 10
OUTSIDE_WORD = N_("Outside the fence")


def show() -> None:
    """The page; the farm stands in the URL."""
    frame.heading(_("Farm map"))
    frame.calmly(_choose_and_draw)


def _choose_and_draw() -> None:
    farms = session.api().herds()
    if not farms:
        st.info(_("There is no farm to show."), icon=":material/info:")
        return
    chosen = _choice(farms)
    # The map is a part of its own: this function runs once per page, the map again and again.
    frame.live(lambda: _draw(chosen), every_s=REFRESH_S)


def _choice(farms: list[HerdLine]) -> HerdLine:
    by_id = {line.farm.id: line for line in farms}
    names = {farm_id: named(line.farm) for farm_id, line in by_id.items()}
    asked = st.query_params.get("farm")
    chosen = st.segmented_control(
        _("Farm"), list(by_id), default=asked if asked in by_id else farms[0].farm.id,
        format_func=names.__getitem__, key="farm_choice", required=True,
    )  # fmt: skip
    line = by_id[chosen] if chosen else farms[0]
    if line.farm.id != asked:
        st.query_params["farm"] = line.farm.id
    return line


def _draw(line: HerdLine) -> None:
    farm, now = session.api().farm_map(line.farm.id), frame.now()
    zone = ZoneInfo(farm.timezone)
    herd = " · ".join(f"{called(SPECIES, name)} {head(n)}" for name, n in line.species.items())
    age = _("As of {clock}, {age}").format(clock=clock(farm.as_of, zone), age=ago(farm.as_of, now))
    st.caption(f"{herd} · {age}")
    _legend(farm)
    with st.container(border=True, key="farm_map"):
        st.pydeck_chart(farm_deck(farm, now), height=FARM_PX[1], key=f"deck_{farm.farm.id}", alt=_("Map of the farm"))
    st.caption(_("Positions are good to about ten metres; an animal counts as outside only well beyond its fence."))


def _legend(farm: FarmMap) -> None:
    counts = Counter(state_of(animal) for animal in farm.animals)
    parts = [_legend_part(state, counts[state]) for state in ("outside", "fresh", "stale", "silent")]
    signs = (("▢", _("Fence")), ("▲", _("Gateway")))
    parts += [f"<span><b style='color:#14507A'>{sign}</b> {word}</span>" for sign, word in signs]
    with st.container(key="map_legend"):
        st.html(f"<div class='legend'>{''.join(parts)}</div>")
    if len(farm.animals) > MOST_DOTS:
        text = _("More than {n} animals: those inside are drawn as hexagons, darker where there are more.")
        st.caption(text.format(n=head(MOST_DOTS)))


def _legend_part(state: str, number: int) -> str:
    red, green, blue = COLOURS[state]
    word = _(OUTSIDE_WORD) if state == "outside" else _(mark(DEVICE_STATES, state).word)
    size = "1.2rem" if state == "outside" else "0.9rem"
    return f"<span><b style='color:rgb({red},{green},{blue});font-size:{size}'>●</b> {word} {head(number)}</span>"
