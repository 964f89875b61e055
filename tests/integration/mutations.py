"""Payloads as links, bugs and attackers change them. Seeded: the same numbers give the same payloads."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from collateral.contract import codec
from collateral.contract.evidence import EvidenceMade, read_record
from collateral.contract.messages import VERSION, CountMade, Frame, GatewayState, HeadRange, Status
from collateral.contract.topics import Kind
from collateral.evidence.chain import Kept
from tests.unit.collateral.records import chain
from tests.unit.ingest.made import NOON, readings, topic

PAYLOADS = Path(__file__).parents[1] / "unit" / "ingest" / "payloads"
DEEP: Any = []
for _ in range(40):
    DEEP = [DEEP]
ODD: list[Any] = [
    None, True, False, 0, -1, 255, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**30, 0.5, -1e-300, 1e39, 1e308,
    "", "x", "NaN", "1503", "\x00", "a\x00b", "\uffff", "羊" * 300, "x" * 70_000, [], {}, [[]], {"": {}}, DEEP,
    "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-14:00",
    "0000-00-00T00:00:00Z", "2026-02-30T00:00:00Z", "1969-12-31T23:59:59Z", "2300-01-01T00:00:00Z",
]  # fmt: skip
ODD_BYTES = (b"\x00", b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b'"', b"{", b"}", b"[" * 300, b"\\u0000", b"9" * 40, b"e9")


@dataclass(frozen=True, slots=True)
class Seed:
    """A payload that is, or nearly is, right, and where it comes from."""

    adapter: str
    topic: str
    payload: bytes


def seeds() -> dict[str, list[Seed]]:
    """What is right or nearly right, by adapter: the payloads of its tables, and for gateways some of each kind."""
    found: dict[str, list[Seed]] = {}
    for seed in [*map(_seed, sorted(PAYLOADS.glob("*/*.json"))), *_of_gateways()]:
        found.setdefault(seed.adapter, []).append(seed)
    # A tag's bytes come as they are, too.
    found["hkt"] += [Seed("hkt", "hkt", bytes.fromhex(each.payload.decode())) for each in found["hkt"] if _is_hex(each)]
    return found


def _is_hex(seed: Seed) -> bool:
    return all(character in b"0123456789abcdef " for character in seed.payload)


def _of_gateways() -> Iterator[Seed]:
    status = Status(v=VERSION, gateway="gw", state=GatewayState.ONLINE, at=NOON, unsent=3, oldest_unsent_at=NOON)
    count = CountMade(
        v=VERSION, camera="cam", gateway="gw", sequence=1, captured_at=NOON, counted_at=NOON, frame_sha256="0" * 64,
        count=HeadRange(low=1, best=2, high=3), method="m", model_version="1", boxes=[(1, 2, 3, 4, 0.5)], took_ms=12.5,
    )  # fmt: skip
    for rows in (1, 2, 20):
        yield Seed("herdlien", topic(), codec.encode(readings(rows=rows)))
    yield Seed("herdlien", topic(Kind.STATUS), codec.encode(status))
    yield Seed("herdlien", topic(Kind.COUNT), codec.encode(count))
    yield from (Seed("herdlien", topic(Kind.FRAME), _frame(number)) for number in range(1, 41))
    yield from (Seed("herdlien", topic(Kind.EVIDENCE), _evidence(kept)) for kept in chain(40))


def _frame(number: int) -> bytes:
    jpeg = b"not quite a picture, number %d" % number
    return codec.encode_frame(Frame(
        v=VERSION, gateway="gw", spool="s", number=number, camera="cam", sequence=number, captured_at=NOON,
        sha256=hashlib.sha256(jpeg).hexdigest(), jpeg=jpeg,
    ))  # fmt: skip


def _evidence(kept: Kept) -> bytes:
    jpeg = b"picture %d" % read_record(kept.content).number
    return codec.encode_evidence(EvidenceMade(v=VERSION, gateway="gw", record=kept.content, jpeg=jpeg))


def _seed(path: Path) -> Seed:
    case = json.loads(path.read_text("utf-8"))
    payload = case["payload"]
    text = payload if isinstance(payload, str) else json.dumps(payload, separators=(",", ":"))
    return Seed(path.parent.name, case["topic"], text.encode())


def mutated(rng: random.Random, seeds_of: dict[str, list[Seed]]) -> Seed:
    """A seed of any adapter, changed once to three times, or sometimes not; now and then on the topic of another."""
    seed = rng.choice(seeds_of[rng.choice(list(seeds_of))])
    payload = seed.payload
    for _ in range(rng.choice((0, 1, 1, 1, 1, 1, 1, 2, 2, 3))):
        payload = rng.choice(_WAYS)(rng, payload)
    return Seed(seed.adapter, _topic(rng, seed, seeds_of), payload)


def _topic(rng: random.Random, seed: Seed, seeds_of: dict[str, list[Seed]]) -> str:
    chance = rng.random()
    if chance < 0.02:
        return rng.choice(seeds_of[rng.choice(list(seeds_of))]).topic
    if chance < 0.03:
        return seed.topic[: rng.randrange(len(seed.topic))]
    return seed.topic


# -- bytes ----------------------------------------------------------------------------------------------------------


def _flipped(rng: random.Random, payload: bytes) -> bytes:
    changed = bytearray(payload)
    for _ in range(min(len(changed), rng.randint(1, 4))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _cut(rng: random.Random, payload: bytes) -> bytes:
    return payload[: rng.randrange(len(payload) + 1)]


def _put_in(rng: random.Random, payload: bytes) -> bytes:
    at = rng.randrange(len(payload) + 1)
    return payload[:at] + rng.choice(ODD_BYTES) + payload[at:]


def _lost_or_twice(rng: random.Random, payload: bytes) -> bytes:
    first, last = sorted((rng.randrange(len(payload) + 1), rng.randrange(len(payload) + 1)))
    return payload[:first] + payload[last:] if rng.random() < 0.5 else payload[:last] + payload[first:]


# -- JSON -----------------------------------------------------------------------------------------------------------


def _in_json(change: Callable[[random.Random, Any], None]) -> Callable[[random.Random, bytes], bytes]:
    """A change to what the JSON says; bytes that are none are flipped."""

    def way(rng: random.Random, payload: bytes) -> bytes:
        try:
            found = msgspec.json.decode(payload)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return _flipped(rng, payload)
        if not isinstance(found, dict):
            return msgspec.json.encode(rng.choice(ODD))
        change(rng, found)
        return msgspec.json.encode(found)

    return way


def _places(found: Any) -> Iterator[tuple[Any, Any]]:
    members = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for key, value in list(members):
        yield found, key
        yield from _places(value)


def _place(rng: random.Random, found: Any) -> tuple[Any, Any] | None:
    places = list(_places(found))
    return rng.choice(places) if places else None


def _without(rng: random.Random, found: Any) -> None:
    if place := _place(rng, found):
        del place[0][place[1]]


def _odd(rng: random.Random, found: Any) -> None:
    if place := _place(rng, found):
        place[0][place[1]] = rng.choice(ODD)


def _swapped(rng: random.Random, found: Any) -> None:
    one, other = _place(rng, found), _place(rng, found)
    if (
        one
        and other
        and not isinstance(one[0][one[1]], dict | list)
        and not isinstance(other[0][other[1]], dict | list)
    ):
        one[0][one[1]], other[0][other[1]] = other[0][other[1]], one[0][one[1]]


def _renumbered(rng: random.Random, found: Any) -> None:
    """Other numbers in the same places: most of these are good payloads."""
    numbers = [(at, key) for at, key in _places(found) if type(at[key]) in (int, float)]
    for at, key in rng.sample(numbers, min(3, len(numbers))):
        at[key] = rng.choice((rng.randrange(100), rng.randrange(70_000), round(rng.uniform(-200, 200), 3)))


def _counted_on(rng: random.Random, found: Any) -> None:
    """Another uplink, reading or object of the same device."""
    for at, key in _places(found):
        if key in ("fCnt", "f_cnt", "seq", "sequence", "number"):
            at[key] = rng.randrange(2**17)
        elif key == "id":
            at[key] = f"1772366400.{rng.randrange(10**6)}-abcdef"
        elif key in ("deduplicationId", "session_key_id") and rng.random() < 0.5:
            at[key] = f"{rng.randrange(10**9):012x}"


def _payload_changed(rng: random.Random, found: Any) -> None:
    """The tag's own bytes, inside their base64."""
    for at, key in _places(found):
        if key in ("data", "frm_payload") and isinstance(at[key], str):
            try:
                inner = base64.b64decode(at[key])
            except ValueError:
                continue
            at[key] = base64.b64encode(rng.choice((_flipped, _cut, _put_in))(rng, inner)).decode()


def _key_twice(rng: random.Random, payload: bytes) -> bytes:
    """The same member twice, with another value."""
    if not payload.startswith(b"{") or b":" not in payload:
        return _flipped(rng, payload)
    key = payload[1 : payload.index(b":")]
    return b"{" + key + b":" + msgspec.json.encode(rng.choice(ODD)) + b"," + payload[1:]


_WAYS: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    _flipped, _cut, _put_in, _lost_or_twice, _key_twice, _in_json(_without), _in_json(_odd), _in_json(_odd),
    _in_json(_swapped), _in_json(_renumbered), _in_json(_counted_on), _in_json(_counted_on), _in_json(_payload_changed),
)  # fmt: skip
