"""The only door to the system: HTTP calls that answer with the contract's shapes, a module for each thing asked for."""

from __future__ import annotations

from dashboard.client.cases import CaseCalls
from dashboard.client.door import ApiError, Away, LoggedOut, NotThere, Refused, api_url
from dashboard.client.herds import HerdCalls
from dashboard.client.inspections import InspectionCalls
from dashboard.client.ledger import LedgerCalls
from dashboard.client.loans import LoanCalls
from dashboard.client.login import LoginCalls
from dashboard.client.pledges import PledgeCalls
from dashboard.client.rules import RuleCalls

__all__ = ["Api", "ApiError", "Away", "LoggedOut", "NotThere", "Refused", "api_url"]


class Api(LoginCalls, LoanCalls, LedgerCalls, InspectionCalls, PledgeCalls, HerdCalls, CaseCalls, RuleCalls):
    """The system as one person sees it. `token` None: not logged in."""
