"""The rules of this room, in the order they are asked."""

from __future__ import annotations

from collateral.anomaly.health.breeding import BreedingLimits, calving, oestrus
from collateral.anomaly.health.feed_stop import FeedStopLimits, feed_stop
from collateral.anomaly.health.heat_stress import HeatLimits, heat_stress
from collateral.anomaly.health.mortality import MortalityLimits, mortality
from collateral.anomaly.health.outbreak import OutbreakLimits, outbreak
from collateral.anomaly.health.patients import PatientLimits, fever, low_activity
from collateral.anomaly.health.signs_of_death import DeathLimits
from collateral.anomaly.health.suspected_death import suspected_death
from collateral.anomaly.rule import HerdRule

RULES: tuple[HerdRule, ...] = (
    HerdRule("R11", suspected_death, DeathLimits()),
    HerdRule("R12", mortality, MortalityLimits()),
    HerdRule("R13", outbreak, OutbreakLimits()),
    HerdRule("R13", fever, PatientLimits()),
    HerdRule("R13", low_activity, PatientLimits()),
    HerdRule("R17", oestrus, BreedingLimits()),
    HerdRule("R17", calving, BreedingLimits()),
    HerdRule("R18", feed_stop, FeedStopLimits()),
    HerdRule("R19", heat_stress, HeatLimits()),
)
