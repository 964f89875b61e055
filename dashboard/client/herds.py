"""Calls about what stands on farms."""

from __future__ import annotations

from collateral.contract import http as shapes
from dashboard.client.door import Door


class HerdCalls(Door):
    """Herds, farms, cameras, devices, and the pictures that counts rest on."""

    def herds(self) -> list[shapes.HerdLine]:
        return self._get("/v1/herds", list[shapes.HerdLine])

    def farm_map(self, farm_id: str) -> shapes.FarmMap:
        return self._get(f"/v1/farms/{farm_id}/map", shapes.FarmMap)

    def counts(self, camera_id: str, limit: int = 50) -> list[shapes.CountRecord]:
        """The newest counts of one camera, newest first."""
        records = self._get("/v1/counts", list[shapes.CountRecord], camera_id=camera_id, limit=limit)
        return sorted(records, key=lambda record: record.captured_at, reverse=True)

    def count_series(self, camera_id: str, days: int = 3) -> shapes.CountSeries:
        """How one camera's counts went, oldest first."""
        return self._get(f"/v1/cameras/{camera_id}/counts", shapes.CountSeries, days=days)

    def devices(self) -> shapes.Devices:
        return self._get("/v1/devices", shapes.Devices)

    def evidence(self, sha256: str) -> bytes:
        """The bytes of one picture."""
        return self._send("GET", f"/v1/evidence/{sha256}").content
