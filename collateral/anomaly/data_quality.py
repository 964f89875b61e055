"""Which tags speak of no living animal of this herd: looked at before anything is concluded about health.

Of 59 real neck tags two were such: one that had come off, and one that measured three times what all others did. They
would raise most of the alerts.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from collateral.anomaly.common_mode import LEAST_MATES, Ints
from collateral.facts.series import Floats

MAD_TO_SIGMA = 1.4826
STILL_SHARE = 0.15  # of its usual activity over a day: a tag off its animal, or a dead one, but no patient [I]
OUT_OF_RANGE = 5.0  # robust deviations of the herd's levels [I]

Flags = npt.NDArray[np.bool_]


def lies_still(activity: Floats, level: Floats) -> Flags:
    """Whose mean `activity` of a day is next to nothing beside its usual `level`; both (animals,)."""
    still: Flags = np.less(activity, STILL_SHARE * level)
    return still


def is_out_of_range(level: Floats, kind: Ints) -> Flags:
    """Whose usual `level` (animals,) is not of its kind."""
    out = np.zeros(level.size, np.bool_)
    for number in range(int(kind.max()) + 1 if kind.size else 0):
        members = (kind == number) & np.isfinite(level)
        if np.count_nonzero(members) >= LEAST_MATES:
            middle = np.median(level[members])
            wide = MAD_TO_SIGMA * np.median(np.abs(level[members] - middle))
            out[members] = np.abs(level[members] - middle) > OUT_OF_RANGE * wide
    return out
