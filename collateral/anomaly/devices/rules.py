"""The rules of this room, in the order they are asked."""

from __future__ import annotations

from collateral.anomaly.devices.silence import SilenceLimits, farm_blackout, gateway_silence, tag_silence
from collateral.anomaly.rule import HerdRule

RULES: tuple[HerdRule, ...] = (
    HerdRule("R14", farm_blackout, SilenceLimits()),
    HerdRule("R14", gateway_silence, SilenceLimits()),
    HerdRule("R26", tag_silence, SilenceLimits()),
)
