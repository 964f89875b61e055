"""The rules of this room, in the order they are asked."""

from __future__ import annotations

from collateral.anomaly.devices.camera_blinded import CameraBlindedLimits, camera_blinded
from collateral.anomaly.devices.camera_replayed import CameraReplayedLimits, camera_replayed
from collateral.anomaly.devices.fleet_decay import FleetDecayLimits, fleet_decay
from collateral.anomaly.devices.hush import SilenceLimits
from collateral.anomaly.devices.recount import RecountLimits, recount_after_blackout
from collateral.anomaly.devices.silence import farm_blackout, gateway_silence, tag_silence
from collateral.anomaly.rule import HerdRule

RULES: tuple[HerdRule, ...] = (
    HerdRule("R14", farm_blackout, SilenceLimits()),
    HerdRule("R14", gateway_silence, SilenceLimits()),
    HerdRule("R14", recount_after_blackout, RecountLimits()),
    HerdRule("R15", camera_blinded, CameraBlindedLimits()),
    HerdRule("R16", camera_replayed, CameraReplayedLimits()),
    HerdRule("R26", tag_silence, SilenceLimits()),
    HerdRule("R26", fleet_decay, FleetDecayLimits()),
)
