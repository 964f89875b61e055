"""Calls about count sessions."""

from __future__ import annotations

from collateral.contract import inspection
from dashboard.client.door import Door


class InspectionCalls(Door):
    """Count sessions, and what an inspector does in one."""

    def count_sessions(self, loan_id: str | None = None) -> list[inspection.SessionLine]:
        """The newest first."""
        return self._get("/v1/count-sessions", list[inspection.SessionLine], loan_id=loan_id)

    def count_session(self, session_id: str) -> inspection.SessionReport:
        """As it stands, or its result once closed."""
        return self._get(f"/v1/count-sessions/{session_id}", inspection.SessionReport)

    def open_count_session(self, loan_id: str, asked: inspection.SessionAsked) -> inspection.SessionReport:
        return self._post(f"/v1/loans/{loan_id}/count-sessions", asked, inspection.SessionReport)

    def add_reads_file(
        self, session_id: str, data: bytes, pen_id: str | None, *, dry_run: bool
    ) -> inspection.ReadsFileAnswer:
        """`pen_id`: the pen of rows that name none."""
        path = f"/v1/count-sessions/{session_id}/reads-file"
        return self._upload(path, data, inspection.ReadsFileAnswer, pen_id=pen_id, dry_run=dry_run)

    def add_heads(self, session_id: str, asked: inspection.HeadsAsked) -> inspection.Recorded:
        return self._post(f"/v1/count-sessions/{session_id}/heads", asked, inspection.Recorded)

    def draw_sample(self, session_id: str) -> None:
        self._send("POST", f"/v1/count-sessions/{session_id}/sample")

    def add_photos(self, session_id: str, asked: inspection.PhotosAsked) -> inspection.Recorded:
        return self._post(f"/v1/count-sessions/{session_id}/photos", asked, inspection.Recorded)

    def close_count_session(self, session_id: str) -> None:
        self._send("POST", f"/v1/count-sessions/{session_id}/close")
