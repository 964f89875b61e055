"""The rules of this room, in the order they are asked."""

from __future__ import annotations

from collateral.anomaly.lending import arrears, concentration, double_pledge, insurance_gap, price_ltv, registration
from collateral.anomaly.rule import LoanRule

RULES: tuple[LoanRule, ...] = (
    LoanRule("R7", double_pledge.double_pledge, double_pledge.LIMITS),
    LoanRule("R20", price_ltv.price_ltv, price_ltv.LIMITS),
    LoanRule("R21", insurance_gap.insurance_gap, insurance_gap.LIMITS),
    LoanRule("R22", arrears.arrears, arrears.LIMITS),
    LoanRule("R23", registration.registration, registration.LIMITS),
    LoanRule("R24", concentration.concentration, concentration.LIMITS),
)
