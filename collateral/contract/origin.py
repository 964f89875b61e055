"""Who sent a message, as far as its topic tells: a gateway of ours, or a device behind somebody else's server. Pure."""

from __future__ import annotations

from collateral.contract import topics


def device_of(topic: str) -> str | None:
    """The gateway, or the device as its network server names it; None where the topic names nobody."""
    try:
        return topics.parse(topic).gateway
    except topics.TopicError:
        return _behind_a_server(topic.split("/"))


def _behind_a_server(parts: list[str]) -> str | None:
    match parts:
        case ["application", _, "device", eui, *_] if eui:  # ChirpStack v4
            return eui.lower()
        case ["v3", _, "devices", device, *_] if device:  # The Things Stack v3
            return device
    return None
