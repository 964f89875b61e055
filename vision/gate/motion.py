"""Where tracked animals are going: a constant-velocity Kalman filter for all of them at once.

Both axes share one 2x2 covariance per animal, in pixels; noise is in body sizes, so near and far animals are alike.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
SEEN = 0.06  # spread of a box's middle, body sizes
RESTLESS = 0.9  # growth of the spread of speed, body sizes a second, in one second
STRANGER = 1.2  # spread of the speed of an animal seen for the first time, body sizes a second
RESIZING = 0.25  # share of the newest box in the remembered width and height


class Motion:
    """Columns: middle (N,2), speed (N,2), extent (N,2) width and height, spread (N,3) place, mixed, speed."""

    __slots__ = ("extent", "middle", "speed", "spread")

    def __init__(self) -> None:
        self.middle, self.speed, self.extent = np.zeros((0, 2)), np.zeros((0, 2)), np.zeros((0, 2))
        self.spread = np.zeros((0, 3))

    @property
    def size(self) -> Float:
        """(N,) body sizes: root of the box's area, pixels."""
        return np.asarray(np.sqrt(self.extent[:, 0] * self.extent[:, 1]))

    def predict(self, dt: float) -> None:
        """Let `dt` seconds pass."""
        place, mixed, speed = self.spread.T
        grown = (RESTLESS * self.size) ** 2 * dt
        self.middle = self.middle + dt * self.speed
        self.spread = np.stack(
            [
                place + dt * (2 * mixed + dt * speed) + grown * dt * dt / 3,
                mixed + dt * speed + grown * dt / 2,
                speed + grown,
            ],
            axis=1,
        )

    def correct(self, rows: NDArray[np.intp], middle: Float, extent: Float) -> None:
        """Take in what was seen of the animals `rows`."""
        place, mixed, speed = self.spread[rows].T
        total = place + (SEEN * self.size[rows]) ** 2
        gain, gain_speed = place / total, mixed / total
        surprise = middle - self.middle[rows]
        self.middle[rows] += gain[:, None] * surprise
        self.speed[rows] += gain_speed[:, None] * surprise
        self.extent[rows] += RESIZING * (extent - self.extent[rows])
        self.spread[rows] = np.stack([(1 - gain) * place, (1 - gain) * mixed, speed - gain_speed * mixed], axis=1)

    def add(self, middle: Float, extent: Float) -> None:
        """Begin to follow animals that have just been seen for the first time."""
        size = np.sqrt(extent[:, 0] * extent[:, 1])
        spread = np.stack([(SEEN * size) ** 2, np.zeros(len(size)), (STRANGER * size) ** 2], axis=1)
        self.middle = np.concatenate([self.middle, middle])
        self.speed = np.concatenate([self.speed, np.zeros_like(middle)])
        self.extent = np.concatenate([self.extent, extent])
        self.spread = np.concatenate([self.spread, spread])

    def keep(self, rows: NDArray[np.bool_]) -> None:
        """Forget the others."""
        self.middle, self.speed = self.middle[rows], self.speed[rows]
        self.extent, self.spread = self.extent[rows], self.spread[rows]
