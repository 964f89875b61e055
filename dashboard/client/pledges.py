"""Calls about the pledge check."""

from __future__ import annotations

from datetime import date

from collateral.contract import pledge_match
from dashboard.client.door import Door


class PledgeCalls(Door):
    """Pledges held against other banks' lists, and blocks of drawing."""

    def pledge_overview(self) -> pledge_match.PledgeOverview:
        return self._get("/v1/pledge-check", pledge_match.PledgeOverview)

    def own_pledge_list(self) -> bytes:
        """What this bank holds as keyed hashes, CSV."""
        return self._send("GET", "/v1/pledge-list").content

    def take_partner_list(
        self, data: bytes, partner: str, as_of: date, *, dry_run: bool
    ) -> pledge_match.PartnerListAnswer:
        asked = {"partner": partner, "as_of": as_of.isoformat(), "dry_run": dry_run}
        return self._upload("/v1/partner-lists", data, pledge_match.PartnerListAnswer, **asked)

    def check_pledges(self, loan_id: str) -> pledge_match.PledgeCheckAnswer:
        """Compare what secures the loan with every partner's newest list."""
        return self._post(f"/v1/loans/{loan_id}/pledge-check", None, pledge_match.PledgeCheckAnswer)

    def pledge_matches(self, loan_id: str) -> list[pledge_match.MatchShape]:
        return self._get(f"/v1/loans/{loan_id}/pledge-matches", list[pledge_match.MatchShape])

    def drawdown(self, loan_id: str) -> pledge_match.DrawdownAnswer:
        return self._get(f"/v1/loans/{loan_id}/drawdown", pledge_match.DrawdownAnswer)

    def ask_override(self, loan_id: str, asked: pledge_match.OverrideAsked) -> None:
        self._post(f"/v1/loans/{loan_id}/drawdown/override", asked, pledge_match.DrawdownAnswer)

    def decide_override(self, loan_id: str, verdict: str, asked: pledge_match.OverrideAsked) -> None:
        """`verdict`: confirm or decline."""
        self._post(f"/v1/loans/{loan_id}/drawdown/override/{verdict}", asked, pledge_match.DrawdownAnswer)
