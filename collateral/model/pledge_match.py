"""That another bank says to hold what secures one of our loans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

FARM_SCHEME = "farm"


@dataclass(frozen=True, slots=True, kw_only=True)
class PledgeMatch:
    """`subject`: our animal whose number (`scheme`) stands on the partner's list; or, with scheme "farm", our farm,
    where farm, species and time agree but no number does. `partner`: the other bank's code; its customer is not known
    here. `listed_on`: the day the list speaks of. `heard_at`: when our animal's tag was last heard. `is_overridden`:
    two people of the bank have let it pass."""

    match_id: int
    scheme: str
    subject: str
    partner: str
    listed_on: date
    found_at: datetime
    heard_at: datetime | None = None
    is_overridden: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether a number matches, not only a farm."""
        return self.scheme != FARM_SCHEME
