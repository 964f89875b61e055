"""What an adapter is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from collateral.contract.codec import Unreadable
from collateral.store.counts import EvidenceRow, FrameRow, HeadCountRow
from collateral.store.device_events import DeviceEventRow
from collateral.store.gateways import StatusRow
from collateral.store.readings import ReadingRow
from collateral.store.uplinks import JoinRow, UplinkRow

Rows = list[ReadingRow] | FrameRow | HeadCountRow | EvidenceRow | StatusRow | UplinkRow | JoinRow | DeviceEventRow
"""What one message stands for."""
Number = tuple[str, str, int]
"""The place of a message in its gateway's spool: gateway, spool, number."""
Understood = tuple[Rows, Number | None]


@dataclass(frozen=True, slots=True)
class Policy:
    """What whoever runs ingest has decided. `hkt_scale` None: tags must say it, or be clear without.

    keep_originals: keep the bytes of frames, on which people can be recognised.
    """

    accept_simulated: bool = False
    keep_originals: bool = False
    hkt_scale: int | None = None


Read = Callable[[bytes, datetime], Understood]
"""Understand the payload that came at this moment. Raises Unreadable with the reason."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """One protocol.

    `filters` are the MQTT subscriptions it needs; none: its payloads come inside others' alone.
    `reader` gives what reads a topic's messages, or None where the topic is not this protocol's. It is asked once per
    topic, so whatever is in the topic is taken apart there. Raises Unreadable for a topic that is, but is broken.
    `topic_of` guesses the topic of a captured payload that came without one. Raises Unreadable when it cannot.
    """

    name: str
    filters: tuple[str, ...]
    reader: Callable[[str, Policy], Read | None]
    topic_of: Callable[[bytes], str]
    aliases: tuple[str, ...] = ()


def refuse_simulated(policy: Policy, *, simulated: bool) -> None:
    """Raise Unreadable where `simulated` data are not welcome: nothing made up may become evidence."""
    if simulated and not policy.accept_simulated:
        raise Unreadable("says that it is simulated; set HERDLIEN_SIMULATED=accept where simulators are welcome")
