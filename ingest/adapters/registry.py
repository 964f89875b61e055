"""All adapters. Whoever adds one names it here."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from collateral.contract.codec import Unreadable
from ingest.adapters import chirpstack, frigate, gateway_contract, hkt, things_stack
from ingest.adapters.adapter import Adapter, Policy, Read, Understood

ADAPTERS: tuple[Adapter, ...] = (
    gateway_contract.ADAPTER,
    chirpstack.ADAPTER,
    things_stack.ADAPTER,
    frigate.ADAPTER,
    hkt.ADAPTER,
)
MOST_TOPICS = 8192
"""Topics remembered: those of our gateways come again and again, and taking one apart costs as much as a reading."""
LONGEST_TOPIC = 512


def filters() -> tuple[str, ...]:
    """What ingest must subscribe to."""
    return tuple(each for adapter in ADAPTERS for each in adapter.filters)


def named(name: str) -> Adapter:
    """The adapter of this name or alias, however it is written. Raises LookupError, which lists them all."""
    plain = name.strip().lower().replace("_", "-").replace(" ", "-")
    for adapter in ADAPTERS:
        if plain in (adapter.name, *adapter.aliases):
            return adapter
    raise LookupError(f"no adapter {name!r}; there are {', '.join(adapter.name for adapter in ADAPTERS)}")


class Registry:
    """The adapters under one policy, with the topics that have been met."""

    def __init__(self, policy: Policy | None = None, adapters: tuple[Adapter, ...] = ADAPTERS) -> None:
        self.policy = policy or Policy()
        self._adapters = adapters
        self._reader = lru_cache(maxsize=MOST_TOPICS)(self._found)

    def read(self, topic: str, payload: bytes, received_at: datetime) -> Understood:
        """The rows that a message stands for. Raises Unreadable with the reason."""
        return self._reader(topic)(payload, received_at)

    def _found(self, topic: str) -> Read:
        if len(topic) > LONGEST_TOPIC:
            raise Unreadable(f"the topic has {len(topic)} characters, at most {LONGEST_TOPIC}")
        for adapter in self._adapters:
            reader = adapter.reader(topic, self.policy)
            if reader is not None:
                return reader
        raise Unreadable(f"no adapter reads the topic {topic!r}; ingest reads {', '.join(filters())}")
