"""Who belongs to whom at the least total cost, when staying alone has a price too."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Pairs = list[tuple[int, int]]


def assign(cost: Float, alone: Float | float) -> Pairs:
    """Pairs (row, column) that make the sum of their costs and of `alone` for every row left over the least.

    cost: (N,M), infinite where a pair cannot be. alone: one price for all rows, or (N,) one each.
    """
    rows, columns = cost.shape
    if not rows or not columns:
        return []
    price = np.broadcast_to(np.asarray(alone, np.float64), (rows,))
    worth = cost < price[:, None]
    wanted = np.flatnonzero(worth.any(axis=1))
    if not len(wanted):
        return []
    favourite = np.where(worth, cost, np.inf)[wanted].argmin(axis=1)
    if len(np.unique(favourite)) == len(favourite):  # everyone gets the cheapest: nothing can be better
        return list(zip(wanted.tolist(), favourite.tolist(), strict=True))
    return _contested(np.where(worth, cost, np.inf), price, wanted)


def _contested(cost: Float, price: Float, wanted: NDArray[np.intp]) -> Pairs:
    """Solve only the columns and rows that anybody wants."""
    columns = np.flatnonzero(np.isfinite(cost[wanted]).any(axis=0))
    table = cost[np.ix_(wanted, columns)]
    count = len(wanted)
    staying = np.full((count, count), np.inf)
    np.fill_diagonal(staying, price[wanted])
    chosen = shortest_paths(np.hstack([table, staying]))
    return [
        (int(wanted[row]), int(columns[column])) for row, column in enumerate(chosen.tolist()) if column < len(columns)
    ]


def shortest_paths(cost: Float) -> NDArray[np.intp]:
    """(N,) the column of each row in the cheapest assignment of all N rows to M >= N columns.

    Successive shortest augmenting paths with potentials. Some assignment with finite cost must exist.
    """
    rows, columns = cost.shape
    row_price, column_price = np.zeros(rows), np.zeros(columns)
    row_of = np.full(columns, -1, np.intp)
    column_of = np.full(rows, -1, np.intp)
    for start in range(rows):
        _augment(cost, row_price, column_price, row_of, column_of, start)
    return column_of


def _augment(
    cost: Float,
    row_price: Float,
    column_price: Float,
    row_of: NDArray[np.intp],
    column_of: NDArray[np.intp],
    start: int,
) -> None:
    columns = cost.shape[1]
    distance, before = np.full(columns, np.inf), np.full(columns, -1, np.intp)
    settled = np.zeros(columns, np.bool_)
    row, reached, visited = start, 0.0, [start]
    while True:
        through = reached + cost[row] - row_price[row] - column_price
        better = ~settled & (through < distance)
        distance[better], before[better] = through[better], row
        column = int(np.where(settled, np.inf, distance).argmin())
        reached = float(distance[column])
        settled[column] = True
        if row_of[column] < 0:
            break
        row = int(row_of[column])
        visited.append(row)
    row_price[start] += reached
    for other in visited[1:]:
        row_price[other] += reached - distance[column_of[other]]
    column_price[settled] -= reached - distance[settled]
    while True:
        row = int(before[column])
        row_of[column] = row
        column_of[row], column = column, int(column_of[row])
        if row == start:
            return
