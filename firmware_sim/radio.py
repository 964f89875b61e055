"""The radio between tag and gateway: strength, loss, and hours in which a tag is not heard at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmware_sim.herd import Floats

# LoRa in a cluttered yard (anomaly.md, "Real data says"); beyond 250 m extrapolated [I].
_METRES = (0.0, 50.0, 100.0, 150.0, 200.0, 250.0, 600.0)
_DELIVERED = (0.99, 0.982, 0.975, 0.961, 0.939, 0.831, 0.0)
_RSSI_DBM = (-60.0, -72.0, -92.0, -112.0, -127.0, -137.0, -150.0)
RSSI_SD_DB = 3.9
NOISE_FLOOR_DBM, BEST_SNR_DB = -117.0, 10.0  # 125 kHz with a 6 dB receiver
RANDOM_LOSS = 0.05  # domain 4.2
OUTAGES_PER_HOUR = 0.11 / 24  # 0.11 gaps per animal-day, median 4 h (anomaly.md)
OUTAGE_MEDIAN_S, OUTAGE_SPREAD = 4 * 3600.0, 1.2
OUTAGE_S = (600.0, 86_400.0)  # 10 min to 24 h (domain 4.2); a tag keeps nothing, so these readings are lost


@dataclass(frozen=True, slots=True)
class Received:
    """How each uplink came in; what is not `heard` is lost for good."""

    heard: np.ndarray
    rssi_dbm: Floats
    snr_db: Floats


def receive(distance_m: Floats, rng: np.random.Generator) -> Received:
    """One uplink from each distance."""
    rssi = np.interp(distance_m, _METRES, _RSSI_DBM) + rng.normal(0, RSSI_SD_DB, len(distance_m))
    delivered = np.interp(distance_m, _METRES, _DELIVERED) * (1 - RANDOM_LOSS)
    heard = rng.random(len(distance_m)) < delivered
    return Received(heard, rssi, np.minimum(BEST_SNR_DB, rssi - NOISE_FLOOR_DBM))


def begin_outages(out_until_s: Floats, hour_s: float, rng: np.random.Generator) -> Floats:
    """The ends of outages (epoch seconds per tag) after some more have begun in the hour from `hour_s`."""
    begins = rng.random(len(out_until_s)) < OUTAGES_PER_HOUR
    length = OUTAGE_MEDIAN_S * np.exp(rng.normal(0, OUTAGE_SPREAD, len(out_until_s)))
    until = hour_s + np.clip(length, *OUTAGE_S)
    return np.where(begins, np.maximum(out_until_s, until), out_until_s)
