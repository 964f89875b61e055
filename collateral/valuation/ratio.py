"""How much may be lent on a value, and what is too much. Amounts in whole fen, shares in whole hundredths of a percent.

The ceiling of a value is rounded down to whole fen, so that a cure is never a fen too small.
"""

from __future__ import annotations

from collateral.valuation.terms import WHOLE_BP


def basis_points(share: float) -> int:
    """A share 0-1 in whole hundredths of a percent, as contracts write it."""
    return round(share * WHOLE_BP)


def allowed_minor(value_minor: int, share_bp: int) -> int:
    """The highest balance on a value."""
    return value_minor * share_bp // WHOLE_BP


def cure_minor(balance_minor: int, value_minor: int, ceiling_bp: int) -> int:
    """The cash to be returned so that the ratio is back at its ceiling; 0 when it is not above it."""
    return max(0, balance_minor - allowed_minor(value_minor, ceiling_bp))


def available_minor(limit_minor: int, base_minor: int, advance_bp: int, balance_minor: int) -> int:
    """min(limit, base x advance rate) - balance (domain 3.1): what can still be drawn; below 0 it is a deficit."""
    return min(limit_minor, allowed_minor(base_minor, advance_bp)) - balance_minor
