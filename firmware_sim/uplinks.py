"""Uplinks as columns, and as messages for a gateway."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Self

import numpy as np

from collateral.contract.messages import Uplink
from firmware_sim.herd import Floats, Ints

HEARD_AFTER_S = 1  # from the measurement to the gateway's ear


@dataclass(frozen=True, slots=True, kw_only=True)
class Uplinks:
    """What tags said, one entry per uplink, in order of time. NaN: the tag had nothing to say there.

    `row`: the herd's row. `measured_s`: epoch seconds. Units are in the names.
    """

    row: Ints
    sequence: Ints
    measured_s: Ints
    lat: Floats
    lon: Floats
    fix_error_m: Floats
    steps: Floats
    activity: Floats
    ear_temp_c: Floats
    rumination_min: Floats
    battery_pct: Floats
    rssi_dbm: Floats
    snr_db: Floats

    def __len__(self) -> int:
        return len(self.row)

    def where(self, chosen: np.ndarray) -> Self:
        """The entries that `chosen` (a mask or positions) picks."""
        return type(self)(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})

    def joined(self, other: Uplinks) -> Self:
        """Both, in order of time."""
        columns = {f.name: np.concatenate([getattr(self, f.name), getattr(other, f.name)]) for f in fields(self)}
        both = type(self)(**columns)
        return both.where(np.argsort(both.measured_s, kind="stable"))

    def messages(self, tags: tuple[str, ...], *, stamped: bool) -> list[Uplink]:
        """As a gateway takes them; `stamped` says when they were heard, else the gateway does."""
        known = ~np.isnan(self.lat)
        columns = zip(
            self.row.tolist(), self.sequence.tolist(), self.measured_s.tolist(), known.tolist(),
            np.round(self.lat, 6).tolist(), np.round(self.lon, 6).tolist(), np.round(self.fix_error_m, 1).tolist(),
            self.steps.astype(np.int64).tolist(), np.round(self.activity, 1).tolist(),
            np.round(self.ear_temp_c, 2).tolist(), np.round(self.battery_pct, 1).tolist(),
            np.round(self.rssi_dbm, 1).tolist(), np.round(self.snr_db, 1).tolist(),
            np.round(self.rumination_min, 1).tolist(), strict=True,
        )  # fmt: skip
        moment = datetime.fromtimestamp
        return [
            Uplink(
                tag=tags[row], seq=sequence, measured_at=moment(at, UTC),
                heard_at=moment(at + HEARD_AFTER_S, UTC) if stamped else None,
                lat=lat if has_fix else None, lon=lon if has_fix else None, fix_error_m=error if has_fix else None,
                steps=steps, activity=activity, ear_temp_c=ear, battery_pct=battery, rssi_dbm=rssi, snr_db=snr,
                rumination_min=chewed if chewed >= 0 else None,
            )
            for row, sequence, at, has_fix, lat, lon, error, steps, activity, ear, battery, rssi, snr, chewed in columns
        ]  # fmt: skip
