"""Maps without the internet: fences, animals and gateways drawn on plain ground.

`Deck(map_provider=None)` and nothing about a map style: passing `map_style=None` would make the browser fall
back to a map service outside.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import pydeck as pdk

from collateral.contract.http import FarmMap, MapAnimal, MapGateway, MapPen, NamedAnimal
from dashboard.figures import ago
from dashboard.tables import DEVICE_STATES, mark
from dashboard.words import _

MOST_DOTS = 5_000
METRES_PER_DEGREE = 111_320.0
FONT = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
OUTSIDE = (179, 38, 30)
COLOURS: dict[str, tuple[int, int, int]] = {
    "fresh": (30, 110, 69), "stale": (140, 150, 160), "silent": (194, 87, 0), "outside": OUTSIDE,
}  # fmt: skip

Point = tuple[float, float]
FARM_PX, CASE_PX = (960, 470), (420, 330)


def state_of(animal: MapAnimal) -> str:
    """What colours an animal: outside the fence before anything else."""
    return "outside" if animal.outside_fence else animal.freshness


def farm_deck(farm: FarmMap, now: datetime) -> pdk.Deck:
    """The whole farm."""
    points = [corner for pen in farm.pens for corner in ring(pen)]
    points += [(a.longitude, a.latitude) for a in farm.animals if a.outside_fence]
    points = points or [(farm.longitude, farm.latitude)]
    layers = [_fences(farm.pens), *_animals(farm.animals, now), _names(farm.pens), *_gateways(farm), *_scale(points)]
    return _deck(layers, points, FARM_PX)


def case_deck(animals: Iterable[NamedAnimal], farm: FarmMap | None, now: datetime) -> pdk.Deck:
    """Where the named animals were last, with the fences around; only the pens they left are named."""
    animals = list(animals)
    left = {animal.pen_id for animal in animals}
    rows = [_named_dot(a, now) for a in animals if a.latitude is not None and a.longitude is not None]
    pens = farm.pens if farm else []
    points = [tuple(row["at"]) for row in rows] + [corner for pen in pens for corner in ring(pen)]
    names = _names([pen for pen in pens if pen.pen_id in left])
    return _deck([_fences(pens), _dots(rows), names, *_scale(points)], points, CASE_PX)


def ring(pen: MapPen) -> list[Point]:
    """The corners of a pen's fence, (longitude, latitude) each."""
    return [(longitude, latitude) for longitude, latitude in pen.fence]


def _deck(layers: list[Any], points: Sequence[Any], size_px: tuple[int, int]) -> pdk.Deck:
    tip = {"html": "{tip}", "style": {"fontSize": "13px", "background": "#1B2733", "color": "#FFFFFF"}}
    return pdk.Deck(map_provider=None, layers=layers, initial_view_state=_view(points, *size_px), tooltip=tip)


def _view(points: Sequence[Any], width_px: float, height_px: float) -> pdk.ViewState:
    """A view that holds every point, with a margin for the labels."""
    longitudes, latitudes = [p[0] for p in points], [p[1] for p in points]
    middle = ((min(longitudes) + max(longitudes)) / 2, (min(latitudes) + max(latitudes)) / 2)
    wide = max(max(longitudes) - min(longitudes), 1e-4)
    high = max(max(latitudes) - min(latitudes), 1e-4) / math.cos(math.radians(middle[1]))
    zoom = math.log2(min(width_px / wide, height_px / high) * 360 / 512) - 0.3
    return pdk.ViewState(longitude=middle[0], latitude=middle[1], zoom=min(zoom, 18.5), pitch=0, bearing=0)


def _fences(pens: Sequence[MapPen]) -> Any:
    rows = [_fence_row(pen) for pen in pens if pen.fence]
    return pdk.Layer(
        "PolygonLayer", rows, get_polygon="ring", get_fill_color=[20, 80, 122, 16], get_line_color=[20, 80, 122, 220],
        line_width_min_pixels=2, stroked=True, filled=True, pickable=True,
    )  # fmt: skip


def _names(pens: Sequence[MapPen]) -> Any:
    """The pens' names, inside the fence and above the dots: beside it they would cover one another."""
    rows = [_fence_row(pen) for pen in pens if pen.fence]
    return _texts(rows, "name", "middle", colour=(27, 39, 51), size=14)


def _fence_row(pen: MapPen) -> dict[str, Any]:
    corners = ring(pen)
    middle = [sum(axis) / len(corners[:-1]) for axis in zip(*corners[:-1], strict=True)]  # the last is the first again
    tip = _("Pen {pen}: {seen} of {book} heard by tag").format(pen=pen.name, seen=pen.tags_seen, book=pen.book)
    return {"ring": corners, "name": pen.name, "middle": middle, "tip": tip}


def _animals(animals: Sequence[MapAnimal], now: datetime) -> list[Any]:
    """Each animal a dot; beyond a browser's patience those inside become hexagons, those outside stay dots."""
    if len(animals) <= MOST_DOTS:
        return [_dots([_dot(a, now) for a in sorted(animals, key=lambda a: a.outside_fence)])]
    inside = [{"at": (a.longitude, a.latitude)} for a in animals if not a.outside_fence]
    hexagons = pdk.Layer(
        "HexagonLayer", inside, get_position="at", radius=12, extruded=False, coverage=0.92,
        color_range=[[214, 230, 222], [170, 205, 187], [120, 175, 146], [75, 143, 108], [30, 110, 69]],
    )  # fmt: skip
    return [hexagons, _dots([_dot(a, now) for a in animals if a.outside_fence])]


def _dot(animal: MapAnimal, now: datetime) -> dict[str, Any]:
    state = state_of(animal)
    word = _("Outside the fence") if state == "outside" else _(mark(DEVICE_STATES, state).word)
    return _row(animal.identity, word, animal.last_seen_at, now, (animal.longitude, animal.latitude), state)


def _named_dot(animal: NamedAnimal, now: datetime) -> dict[str, Any]:
    at = (animal.longitude or 0.0, animal.latitude or 0.0)
    return _row(animal.identity, _("Last position"), animal.last_seen_at, now, at, "outside")


def _row(identity: str, word: str, seen: datetime | None, now: datetime, at: Point, state: str) -> dict[str, Any]:
    colour = COLOURS.get(state, COLOURS["stale"])
    tip = f"{identity}<br/>{word} · {ago(seen, now)}"
    return {"at": at, "colour": [*colour, 215], "size": 6 if state == "outside" else 3.5, "tip": tip}


def _dots(rows: list[dict[str, Any]]) -> Any:
    return pdk.Layer(
        "ScatterplotLayer", rows, get_position="at", get_fill_color="colour", get_radius="size", stroked=True,
        radius_units=pdk.types.String("pixels"), get_line_color=[255, 255, 255, 200], line_width_min_pixels=0.6,
        line_width_max_pixels=1,
        pickable=True,
    )  # fmt: skip


def _gateway_label(gateway: MapGateway) -> str:
    """The word beside the sign: colour alone says nothing."""
    word = "" if gateway.state == "online" else f" {_(mark(DEVICE_STATES, gateway.state).word)}"
    return f"▲ {gateway.gateway_id}{word}"


def _gateways(farm: FarmMap) -> list[Any]:
    rows = [
        {"at": (g.longitude, g.latitude), "name": _gateway_label(g),
         "tip": f"{_('Gateway')} {g.gateway_id}<br/>{_(mark(DEVICE_STATES, g.state).word)}",
         "colour": [20, 80, 122, 255] if g.state == "online" else [*OUTSIDE, 255]}
        for g in farm.gateways
    ]  # fmt: skip
    return [_texts(rows, "name", "at", colour="colour", size=13)]


def _scale(points: Sequence[Any]) -> list[Any]:
    """A line of a round length at the lower left: without a base map nothing else tells the size."""
    west, south = min(p[0] for p in points), min(p[1] for p in points)
    east = max(p[0] for p in points)
    metre = 1 / (METRES_PER_DEGREE * math.cos(math.radians(south)))
    length = next((m for m in (500, 200, 100, 50, 20) if m * metre < (east - west) / 3), 20)
    south -= 25 / METRES_PER_DEGREE
    path = [{"path": [(west, south), (west + length * metre, south)], "tip": f"{length} m"}]
    text = [{"at": (west + length * metre / 2, south), "name": f"{length} m", "tip": ""}]
    line = pdk.Layer("PathLayer", path, get_path="path", get_color=[91, 104, 117], width_min_pixels=3)
    return [line, _texts(text, "name", "at", colour=(91, 104, 117), size=12)]


def _texts(rows: list[dict[str, Any]], text: str, at: str, *, colour: str | tuple[int, int, int], size: int) -> Any:
    return pdk.Layer(
        "TextLayer", rows, get_text=text, get_position=at, get_size=size, get_color=colour, pickable=True,
        get_alignment_baseline=pdk.types.String("bottom"), character_set=pdk.types.String("auto"),
        font_family=pdk.types.String(FONT), font_weight=600,
        outline_width=3, outline_color=[255, 255, 255, 230], font_settings={"sdf": True}, get_pixel_offset=[0, -3],
    )  # fmt: skip
