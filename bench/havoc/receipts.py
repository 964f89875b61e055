"""Counts the receipts that ingest publishes, as heard at the broker itself."""

from __future__ import annotations

from typing import Self

from collateral.contract import topics
from collateral.contract.topics import Kind
from collateral.ops.mqtt import Connection, Delivery
from collateral.settings.fragments import BrokerSettings
from stack.broker import Broker


class Receipts:
    """Listens until left; a broker that comes back is listened to again."""

    def __init__(self, broker: Broker) -> None:
        self.heard = 0
        settings = BrokerSettings(broker_host=broker.host, broker_port=broker.port)
        filters = [topics.every(Kind.RECEIPT)]
        self._connection = Connection("chaos-receipts", settings, subscribe=filters, on_delivery=self._hear)

    def __enter__(self) -> Self:
        self._connection.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def _hear(self, delivery: Delivery) -> None:
        self.heard += 1
        delivery.acknowledge()
