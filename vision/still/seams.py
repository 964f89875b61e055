"""One box per animal where neighbouring tiles both saw it.

Suppression by overlap counts an animal on a seam twice, because the half that one tile saw overlaps too little with
the whole that the other saw. Here two tiles are compared only in the part that both of them see: there a half and its
whole look the same. A box that its tile's edge cuts then yields to its whole twin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from vision.detector import Boxes, Float
from vision.still.tiles import Tile
from vision.suppression import area, inside, overlap

Found = tuple[Tile, Boxes]
_LIKE = 0.4  # least overlap of twins in the shared part, lower than elsewhere: each animal has one twin at most
_WITHIN = 0.6  # a cut box with this share inside a whole one of the next tile is its part
_MARGIN = 0.008  # of a tile's side: a detector ends a cut box a few pixels off the edge


@dataclass(slots=True, eq=False)
class _Heap:
    """All boxes of all tiles in one row of columns; `twin` points to the box that stands for this one."""

    boxes: Boxes
    cut: NDArray[np.bool_]
    twin: NDArray[np.intp]

    def head(self, row: int) -> int:
        while self.twin[row] != row:
            row = int(self.twin[row])
        return row

    def join(self, first: int, second: int) -> None:
        """One animal: whole before cut, then surer before less sure."""
        a, b = self.head(first), self.head(second)
        rank = [(not self.cut[row], self.boxes.score[row]) for row in (a, b)]
        keep, give = (a, b) if rank[0] >= rank[1] else (b, a)
        self.twin[give] = keep


def merge(found: Sequence[Found], width: int, height: int) -> Boxes:
    """The animals of a picture, best first, from what each of its tiles found, in pixels of the picture."""
    heap, rows = _heap(found, width, height)
    for (first, (tile, _)), (second, (other, _)) in combinations(enumerate(found), 2):
        shared = tile.shared(other)
        if shared is not None:
            _pair(heap, rows[first], rows[second], shared)
    return _animals(heap)


def _heap(found: Sequence[Found], width: int, height: int) -> tuple[_Heap, list[NDArray[np.intp]]]:
    ends = np.cumsum([0, *(len(boxes) for _, boxes in found)])
    rows = [np.arange(a, b) for a, b in pairwise(ends)]
    cut = [tile.cuts(boxes.xyxy, width, height, _MARGIN * (tile.right - tile.left)) for tile, boxes in found]
    xyxy = np.concatenate([np.zeros((0, 4), np.float32), *(boxes.xyxy for _, boxes in found)])
    score = np.concatenate([np.zeros(0, np.float32), *(boxes.score for _, boxes in found)])
    class_id = np.concatenate([np.zeros(0, np.int64), *(boxes.class_id for _, boxes in found)])
    columns = Boxes(xyxy, score, class_id)
    return _Heap(columns, np.concatenate([np.zeros(0, np.bool_), *cut]), np.arange(len(columns))), rows


def _pair(heap: _Heap, first: NDArray[np.intp], second: NDArray[np.intp], shared: Tile) -> None:
    """Join the twins of two tiles, one to one; then let pieces go into the whole boxes that hold them."""
    a, b = (shared.clip(heap.boxes.xyxy[rows]) for rows in (first, second))
    first, a = first[area(a) > 0], a[area(a) > 0]
    second, b = second[area(b) > 0], b[area(b) > 0]
    if not len(first) or not len(second):
        return
    taken = _one_to_one(overlap(a, b), _LIKE)
    for i, j in taken:
        heap.join(int(first[i]), int(second[j]))
    _take_in(heap, first, second, a, b, {i for i, _ in taken})
    _take_in(heap, second, first, b, a, {j for _, j in taken})


def _take_in(
    heap: _Heap, pieces: NDArray[np.intp], wholes: NDArray[np.intp], a: Float, b: Float, done: set[int]
) -> None:
    """A cut box without a twin that lies within a whole box of the other tile is a piece of that animal."""
    share = inside(b, a).T  # (pieces, wholes)
    share[:, heap.cut[wholes]] = 0
    for i in range(len(pieces)):
        j = int(share[i].argmax())
        if i not in done and heap.cut[pieces[i]] and share[i, j] >= _WITHIN:
            heap.join(int(pieces[i]), int(wholes[j]))


def _one_to_one(like: Float, least: float) -> list[tuple[int, int]]:
    """The most alike pairs, each row and column once."""
    order = np.dstack(np.unravel_index(np.argsort(-like, axis=None, kind="stable"), like.shape))[0]
    rows, columns, pairs = set[int](), set[int](), []
    for i, j in order.tolist():
        if like[i, j] < least:
            break
        if i not in rows and j not in columns:
            rows.add(i)
            columns.add(j)
            pairs.append((i, j))
    return pairs


def _animals(heap: _Heap) -> Boxes:
    """The boxes that stand for themselves, each as sure as the surest look at it.

    Where all of an animal's boxes are cut, it is the box around them all.
    """
    heads = np.array([heap.head(row) for row in range(len(heap.boxes))], np.intp)
    xyxy = heap.boxes.xyxy.copy()
    for row in np.flatnonzero(heap.cut & (heads != np.arange(len(heads)))):
        head = heads[row]
        if heap.cut[head]:
            xyxy[head, :2] = np.minimum(xyxy[head, :2], xyxy[row, :2])
            xyxy[head, 2:] = np.maximum(xyxy[head, 2:], xyxy[row, 2:])
    score = np.zeros(len(heads), np.float32)
    np.maximum.at(score, heads, heap.boxes.score)
    kept = np.unique(heads)
    joined = Boxes(xyxy, score, heap.boxes.class_id)[kept]
    return joined[np.argsort(-joined.score, kind="stable")]
