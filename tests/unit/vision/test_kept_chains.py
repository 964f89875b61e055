"""A chain goes on over a restart, wherever the program was killed; where it cannot, it says why it begins."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Self

import pytest

from collateral.contract import codec
from collateral.contract.evidence import EvidenceMade, canonical, fingerprint, read_record
from collateral.evidence.chain import Kept, Verified, verify
from tests.unit.vision.builders import jpeg, sunny_pen
from tests.unit.vision.test_service import (
    NOW,
    THEN,
    TOPIC,
    FakeDelivery,
    FakePublisher,
    counter_seeing,
    frame_of,
)
from vision.camera.watches import Watches
from vision.commands import serve
from vision.errors import VisionError
from vision.evidence.chains import NOT_KEPT, Chains
from vision.service import answer_frame
from vision.state.chain_keeper import KIND, NEW_CAMERA, NOT_WRITTEN, Hung, KeptChains, hung_file, read_hung
from vision.state.envelope import Unusable
from vision.state.folder import StateFolder

EVIDENCE = TOPIC.replace("/frame", "/evidence")
CAMERA = "cam-1"


class Run:
    """One life of a counter with this folder."""

    def __init__(self, root: Path, published: list[bytes]) -> None:
        self.folder = StateFolder(root)
        self.chains = KeptChains(self.folder, lambda: NOW + timedelta(seconds=len(published)))
        self.published = published
        published.extend(codec.decode_evidence(hung.payload)[0].record for hung in self.chains.recall())

    def hang(self, *, publish: bool = True) -> EvidenceMade:
        made = answer_frame(frame_of(jpeg(sunny_pen())), counter_seeing(16), self.chains, Watches(), NOW).evidence
        made = self.chains.hang(CAMERA, EVIDENCE, made)
        if publish:
            self.published.append(made.record)
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Killed: the lock goes with the process, and nothing else is done."""
        self.folder.close()


def judged(published: list[bytes]) -> Verified:
    """As the database has them: each once, in their order."""
    records = {fingerprint(content): content for content in published}
    order = sorted(
        records.values(), key=lambda content: (read_record(content).chain_since, read_record(content).number)
    )
    return verify(Kept(fingerprint(content), content) for content in order)


@pytest.mark.parametrize("published_before", [True, False], ids=["after publishing", "before publishing"])
def test_a_program_killed_over_a_record_goes_on_after_it(tmp_path: Path, published_before: bool) -> None:
    published: list[bytes] = []
    for _ in range(3):
        with Run(tmp_path, published) as run:
            run.hang()
            run.hang(publish=published_before)
    with Run(tmp_path, published):
        pass
    whole = judged(published)
    (chain,) = whole.chains
    assert (whole.faults, chain.first, chain.last, chain.begins) == ((), 1, 6, NEW_CAMERA)


@pytest.mark.parametrize("harm", ["cut", "other version", "other camera"])
def test_a_chain_whose_end_is_lost_begins_anew_and_says_why(tmp_path: Path, harm: str) -> None:
    published: list[bytes] = []
    with Run(tmp_path, published) as run:
        run.hang()
    file = tmp_path / f"{CAMERA}.{KIND}"
    content = file.read_bytes()
    if harm == "other camera":
        file.rename(tmp_path / f"cam-2.{KIND}")
    else:
        file.write_bytes(content[:-1] if harm == "cut" else content.replace(b"chain 1", b"chain 2", 1))
    with Run(tmp_path, published) as run:
        run.hang()
    whole = judged(published)
    begins = {"cut": "state damaged", "other version": "state other-version", "other camera": NEW_CAMERA}[harm]
    assert (whole.faults, [chain.begins for chain in whole.chains]) == ((), [NEW_CAMERA, begins])
    assert len(list(tmp_path.glob("*.chain.*"))) == 1


def test_while_nothing_can_be_written_records_hang_in_a_chain_of_their_own_and_none_is_forked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published: list[bytes] = []
    with Run(tmp_path, published) as run:
        run.hang()
        with monkeypatch.context() as full:
            full.setattr(run.folder, "write", refused)
            run.hang()
            run.hang()
    with Run(tmp_path, published) as run:
        run.hang()  # goes on with the first chain: the second was never written down
        with monkeypatch.context() as full:
            full.setattr(run.folder, "write", refused)
            run.hang()
        run.hang()  # room again: now the third chain is the one that goes on
    with Run(tmp_path, published) as run:
        run.hang()
    whole = judged(published)
    assert (whole.faults, [(chain.last, chain.begins) for chain in whole.chains]) == (
        (), [(2, NEW_CAMERA), (2, NOT_WRITTEN), (3, NOT_WRITTEN)],
    )  # fmt: skip


def refused(*_: object) -> None:
    raise VisionError("No space left on device: make room there")


def test_an_answer_that_never_got_out_lies_in_the_folder_with_its_picture(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    delivery, publisher = FakeDelivery(codec.encode_frame(frame_of(jpeg(sunny_pen())))), FakePublisher(failures=9)
    with StateFolder(tmp_path) as folder:
        chains = KeptChains(folder, lambda: THEN)
        serve.handle(delivery, counter_seeing(16), chains, Watches(), publisher, stop)  # type: ignore[arg-type]
    assert (delivery.acknowledged, publisher.evidence) == (False, [])
    with StateFolder(tmp_path) as folder:
        (hung,) = KeptChains(folder, lambda: NOW).recall()
    _, record = codec.decode_evidence(hung.payload)
    sent = codec.decode_frame(delivery.payload)
    assert (hung.topic, record.number, record.frame_sha256) == (EVIDENCE, 1, sent.sha256)


def test_a_file_of_a_chain_cut_off_anywhere_is_not_used() -> None:
    chains = Chains(THEN)
    made = answer_frame(frame_of(jpeg(sunny_pen(64, 36))), counter_seeing(2), chains, Watches(), NOW).evidence
    content = hung_file(Hung(EVIDENCE, codec.encode_evidence(made)))
    assert read_hung(CAMERA, content)[1].number == 2
    for length in [*range(300), *range(300, len(content), 97), len(content) - 1]:
        with pytest.raises(Unusable):
            read_hung(CAMERA, content[:length])


def test_a_counter_without_a_folder_says_in_its_first_records_that_none_is_kept() -> None:
    chains = Chains(THEN, because=NOT_KEPT)
    first, second = (
        chains.hang(
            CAMERA,
            EVIDENCE,
            answer_frame(frame_of(jpeg(sunny_pen())), counter_seeing(1), chains, Watches(), NOW).evidence,
        )
        for _ in range(2)
    )
    assert read_record(first.record).chain_begins == NOT_KEPT
    assert b"chain_begins" not in second.record
    assert canonical(read_record(first.record)) == first.record
