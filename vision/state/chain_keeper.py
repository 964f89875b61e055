"""Chains that go on over a restart: the last record of each camera, with its picture, lies in the state folder.

It is written before it is published. So a program that is killed in between finds it there, publishes it again (the
same bytes, which ingest stores once) and goes on after it: no number is given twice, none is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec
from msgspec import Struct

from collateral.contract import codec, topics
from collateral.contract.evidence import EvidenceMade
from collateral.contract.topics import Kind
from collateral.evidence.chain import Link, rehung
from collateral.ops.logs import logger
from vision.errors import VisionError
from vision.evidence.chains import Chains
from vision.state.envelope import Fault, Unusable, opened, seal
from vision.state.folder import StateFolder

KIND, VERSION = "chain", 1
NEW_CAMERA, LOST, NOT_WRITTEN = "nothing kept of this camera", "state {fault}", "state cannot be written"


class Hung(Struct, forbid_unknown_fields=True):
    """A camera's newest evidence and the topic it goes to."""

    topic: str
    payload: bytes


def hung_file(hung: Hung) -> bytes:
    """The file of this evidence."""
    return seal(KIND, VERSION, msgspec.msgpack.encode(hung))


def read_hung(camera: str, content: bytes) -> tuple[Hung, Link]:
    """The camera's newest evidence, and where the next record hangs; Unusable when that cannot be said."""
    body = opened(KIND, VERSION, content)
    try:
        hung = msgspec.msgpack.decode(body, type=Hung)
        made, record = codec.decode_evidence(hung.payload)
        fits = topics.parse(hung.topic).kind is Kind.EVIDENCE and record.camera == camera
    except (msgspec.MsgspecError, topics.TopicError, codec.Unreadable) as error:
        raise Unusable(Fault.DAMAGED, f"what it holds makes no sense: {error}") from error
    if not fits:
        raise Unusable(Fault.DAMAGED, f"it holds a record of {record.camera} for {hung.topic}")
    return hung, Link.after(made.record)


class KeptChains(Chains):
    """Chains whose ends lie in a folder."""

    def __init__(self, folder: StateFolder, now: Callable[[], datetime]) -> None:
        super().__init__(now())
        self._folder, self._now = folder, now
        self._whys: dict[str, str] = {}
        self._kept: dict[str, datetime] = {}

    def recall(self) -> Iterator[Hung]:
        """Find where each chain hangs; its newest evidence, to be published again before anything else is."""
        for camera in self._folder.cameras(KIND):
            try:
                content = self._folder.read(camera, KIND)
                if content is None:
                    continue
                hung, link = read_hung(camera, content)
            except Unusable as error:
                self._begin_anew(camera, error)
                continue
            self._next[camera], self._kept[camera] = link, link.chain_since
            yield hung

    def hang(self, camera: str, topic: str, made: EvidenceMade) -> EvidenceMade:
        """Keep evidence before it is published. Where that fails, it is hung in a chain of its own.

        The folder then still ends the old chain where a next start will go on with it, so that none is ever forked.
        """
        since = self.link(camera).chain_since
        try:
            self._folder.write(camera, KIND, hung_file(Hung(topic, codec.encode_evidence(made))))
            self._kept[camera] = since
        except VisionError as error:
            if self._kept.get(camera) == since:
                made = msgspec.structs.replace(made, record=rehung(made.record, Link.first(self._now(), NOT_WRITTEN)))
                del self._kept[camera]
                logger().error("chain_begins", camera=camera, because=NOT_WRITTEN, reason=str(error))
        return super().hang(camera, topic, made)

    def _begin_anew(self, camera: str, error: Unusable) -> None:
        self._whys[camera] = LOST.format(fault=error.fault)
        logger().warning("chain_begins", camera=camera, because=self._whys[camera], reason=str(error))
        self._folder.put_aside(camera, KIND, error.fault)

    def _why(self, camera: str) -> str | None:
        return self._whys.get(camera, NEW_CAMERA)
