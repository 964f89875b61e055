"""The topic grammar of contract version 1. Nowhere else is a topic spelled.

herdlien/v1/{farm}/{gateway}/{kind}
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

ROOT = "herdlien/v1"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Kind(StrEnum):
    READINGS = "readings"
    STATUS = "status"
    COUNT = "count"
    FRAME = "frame"
    EVIDENCE = "evidence"
    RECEIPT = "receipt"
    COMMAND = "command"
    ANSWER = "answer"


class TopicError(ValueError):
    """A topic must read herdlien/v1/{farm}/{gateway}/{kind}, names in letters, digits, '-' and '_'."""


@dataclass(frozen=True, slots=True)
class Topic:
    farm: str
    gateway: str
    kind: Kind

    def __post_init__(self) -> None:
        if not (is_name(self.farm) and is_name(self.gateway)):
            raise TopicError(f"{TopicError.__doc__} Got farm {self.farm!r}, gateway {self.gateway!r}.")

    def __str__(self) -> str:
        return f"{ROOT}/{self.farm}/{self.gateway}/{self.kind}"


def is_name(text: str) -> bool:
    """Whether farms, gateways, cameras and groups may be called so."""
    return _NAME.fullmatch(text) is not None


def parse(text: str) -> Topic:
    """The topic that `text` spells; TopicError when it is not one of ours."""
    parts = text.split("/")
    if len(parts) != 5 or "/".join(parts[:2]) != ROOT or parts[4] not in list(Kind):
        raise TopicError(f"{TopicError.__doc__} Got {text!r}.")
    return Topic(parts[2], parts[3], Kind(parts[4]))


def every(kind: Kind) -> str:
    """The subscription filter for one kind from all gateways."""
    return f"{ROOT}/+/+/{kind}"
