"""What a detector would find in one window of a herd whose boxes are known: the same for everybody's slicer.

The picture holds no animals; its pixels say where they are (column in green, row in blue and red), so that a slicer's
callback knows which window it was given. Standard library and numpy alone: peers' processes use it too.
"""

import numpy as np

_GRAIN = 16  # pixels that share a value


def chart(width, height):
    """The picture whose pixels tell where they are. At most 4096 pixels a side."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, :, 1] = (np.arange(width) // _GRAIN)[None]
    picture[:, :, 0] = picture[:, :, 2] = (np.arange(height) // _GRAIN)[:, None]
    return picture


def whereabouts(window):
    """(left, top, right, bottom) of a window of the chart."""
    left, top = _start(window[0, :, 1]), _start(window[:, 0, 0])
    return left, top, left + window.shape[1], top + window.shape[0]


def _start(values):
    changes = np.flatnonzero(values != values[0])
    until_next = int(changes[0]) if len(changes) else _GRAIN
    return int(values[0]) * _GRAIN + _GRAIN - until_next


def look(window, animals, seed):
    """(N,5) boxes with scores, in pixels of the window, best first.

    animals: (M,4) in pixels of the picture. A tenth of an animal is never found, half of it nearly always; a box ends
    at the window's edge; scores rise with what is seen. The same window and seed always give the same.
    """
    left, top, right, bottom = window
    rng = np.random.default_rng([seed, left, top, right, bottom])
    animals = np.asarray(animals, float).reshape(-1, 4)
    seen = np.clip(animals, [left, top] * 2, [right, bottom] * 2)
    share = _area(seen) / _area(animals)
    chance = np.clip((share - 0.1) / 0.4, 0, 1)
    jitter = rng.normal(0, 0.02, animals.shape) * np.tile(animals[:, 2:] - animals[:, :2], 2)
    boxes = np.clip(seen + jitter, [left, top] * 2, [right, bottom] * 2)
    boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + 1)
    score = np.clip(0.25 + 0.6 * share + rng.normal(0, 0.06, len(animals)), 0.05, 0.99)
    found = rng.random(len(animals)) < chance
    rows = np.column_stack([boxes - [left, top] * 2, score])[found]
    return rows[np.argsort(-rows[:, 4], kind="stable")]


def _area(boxes):
    return (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
