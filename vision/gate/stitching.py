"""Which tracklets are one animal: the cheapest set of joins over gaps of up to `GAP_S`.

A join costs what is odd about it: a detour from where the animal was going, a change of size, a long absence. Not
joining costs, too: animals do not appear and vanish in the middle of the scene, at its border they do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from vision.gate.assignment import assign
from vision.gate.scene import Scene
from vision.gate.sight import Float
from vision.gate.tracklet import End, Tracklet

GAP_S = 4.0
INSIDE, BORDER = 9.0, 0.75  # prices of a loose end inside the scene and at its border
PLACE = 0.22  # spread of a middle beside an occluder, body sizes
WANDER = 0.55  # spread of the mean speed over the gap, body sizes a second
TURN = 4.0  # price of walking back afterwards
ABSENCE = 1.0  # price of a second out of sight
OVERLAP_S = 0.8  # an animal may be followed twice for this long, when a box beside it was taken for it
TWICE = 2.0  # price of that
GHOST, SEEN_S, MOVED = 2.0, 22.0, 4.0  # price of calling a tracklet no animal: at least, a second seen, a size moved


def stitch(tracklets: Sequence[Tracklet], scene: Scene) -> list[list[Tracklet]]:
    """Chains of tracklets, one for each animal, each in order of time; what is no animal is in none."""
    joins = find_joins(tracklets, scene, typical_score(tracklets))
    ghosts = {i for i, j in joins if i == j}
    follower = {i: j for i, j in joins if i != j}
    followed = set(follower.values())
    chains = []
    for row in range(len(tracklets)):
        if row not in followed and row not in ghosts:
            chain, at = [tracklets[row]], row
            while at in follower:
                at = follower[at]
                chain.append(tracklets[at])
            chains.append(chain)
    return chains


def find_joins(
    tracklets: Sequence[Tracklet], scene: Scene, typical: float, placed: Collection[int] = ()
) -> list[tuple[int, int]]:
    """Pairs (i, j): j follows i. One that follows itself is no animal, or one that nobody can place.

    typical: the middle score of an animal's boxes here, against which a tracklet's own are weak or strong.
    placed: tracklets whose beginning was decided before; they follow nobody any more.
    """
    leaving = [BORDER if scene.lets_out(part.last) else INSIDE for part in tracklets]
    coming = [BORDER if scene.lets_in(part.first) else INSIDE for part in tracklets]
    prices = {(i, j): join_cost(tracklets[i], tracklets[j]) for i, j in _possible(tracklets)}
    prices |= {(i, i): ghost_price(part, typical) for i, part in enumerate(tracklets)}
    worth = {
        (i, j): price - coming[j]
        for (i, j), price in prices.items()
        if j not in placed and price - coming[j] < leaving[i]
    }
    return [pair for group in _groups(list(worth)) for pair in _cheapest(group, worth, leaving)]


def _cheapest(
    group: list[tuple[int, int]], worth: dict[tuple[int, int], float], leaving: list[float]
) -> Iterator[tuple[int, int]]:
    rows, columns = sorted({i for i, _ in group}), sorted({j for _, j in group})
    table = np.full((len(rows), len(columns)), np.inf)
    for i, j in group:
        table[rows.index(i), columns.index(j)] = worth[i, j]
    for row, column in assign(table, np.array([leaving[i] for i in rows])):
        yield rows[row], columns[column]


def ghost_price(part: Tracklet, typical: float) -> float:
    """How odd it would be if this were no animal: long, sure and moving things are animals."""
    return GHOST + SEEN_S * part.weight / typical**2 + MOVED * min(part.travel, 3.0)


def is_weak(path: Tracklet, typical: float) -> bool:
    """Whether so little was seen that it may be no animal; at the border nothing else tells the two apart."""
    return ghost_price(path, typical) < 2 * INSIDE


def typical_score(tracklets: Sequence[Tracklet]) -> float:
    """The middle score of boxes, those of long tracklets above all."""
    scores = [part.score for part in tracklets if len(part) >= 3]
    return max(float(np.median(np.concatenate(scores))), 0.05) if scores else 1.0


def _possible(tracklets: Sequence[Tracklet]) -> list[tuple[int, int]]:
    """Pairs (i, j) where j begins within `GAP_S` after i has ended, or a little before."""
    if not tracklets:
        return []
    begins = np.array([part.t[0] for part in tracklets])
    order = np.argsort(begins, kind="stable")
    pairs = []
    for i, part in enumerate(tracklets):
        early = max(part.t[-1] - OVERLAP_S, part.t[0])
        low, high = np.searchsorted(begins[order], [early, part.t[-1] + GAP_S], side="right")
        pairs += [(i, int(j)) for j in order[low:high] if j != i and tracklets[j].t[-1] > part.t[-1]]
    return pairs


def join_cost(before: Tracklet, after: Tracklet) -> float:
    """How odd it would be if the animal of `before` had gone on as `after`."""
    gap = after.t[0] - before.t[-1]
    if gap <= 1e-6:
        return _cost_of_overlap(before, after)
    end, begin = before.last, after.first
    size = (end.size * begin.size) ** 0.5
    unseen = gap + end.guessed + begin.guessed
    detour = _detour((begin.middle - end.middle) / gap, end.speed, begin.speed) * gap
    spread = size * (PLACE**2 + (WANDER * unseen) ** 2 / (1 + unseen)) ** 0.5
    change = np.log(begin.size / end.size)
    return float((detour / spread) ** 2 + 8 * min(change**2, 0.5) + ABSENCE * gap + _turn(end, begin, size))


def _turn(end: End, begin: End, size: float) -> float:
    """Price of having turned round meanwhile, for animals that were plainly walking."""
    along = float(end.speed @ begin.speed) / (np.hypot(*end.speed) * np.hypot(*begin.speed) + 1e-9)
    walking = min(float(np.hypot(*end.speed)), float(np.hypot(*begin.speed))) / size
    return float(TURN * (1 - along) / 2 * min(walking / 0.4, 1.0))


def _cost_of_overlap(before: Tracklet, after: Tracklet) -> float:
    """`after` begins on the animal itself, while `before` hangs on to something beside it."""
    row = int(np.searchsorted(before.t, after.t[0]))
    apart = np.hypot(*(before.middle[min(row, len(before) - 1)] - after.middle[0]))
    size = (before.last.size * after.first.size) ** 0.5
    return float((apart / (2 * PLACE * size)) ** 2 + TWICE + 4 * (before.t[-1] - after.t[0]))


def _detour(needed: Float, before: Float, after: Float) -> float:
    """How far the mean speed that the gap needs is from any mixture of before, after and standing still."""
    corners = (np.zeros(2), before, after)
    if _within(needed, *corners):
        return 0.0
    return min(_from_segment(needed, corners[i], corners[(i + 1) % 3]) for i in range(3))


def _within(point: Float, a: Float, b: Float, c: Float) -> bool:
    turns = [_cross(b - a, point - a), _cross(c - b, point - b), _cross(a - c, point - c)]
    return abs(_cross(b - a, c - a)) > 1e-9 and (min(turns) >= 0 or max(turns) <= 0)


def _cross(first: Float, second: Float) -> float:
    return float(first[0] * second[1] - first[1] * second[0])


def _from_segment(point: Float, a: Float, b: Float) -> float:
    way = b - a
    share = float(np.clip((point - a) @ way / max(float(way @ way), 1e-12), 0, 1))
    return float(np.hypot(*(point - a - share * way)))


def _groups(pairs: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Pairs that compete, directly or through others, together."""
    parent: dict[tuple[str, int], tuple[str, int]] = {}

    def root(node: tuple[str, int]) -> tuple[str, int]:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for i, j in pairs:
        parent[root(("end", i))] = root(("begin", j))
    groups: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for i, j in pairs:
        groups.setdefault(root(("end", i)), []).append((i, j))
    return list(groups.values())
