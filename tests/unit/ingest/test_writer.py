"""The writer's promises, against a store that refuses, goes away and comes back."""

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collateral.store.progress import Progress
from collateral.store.telemetry import Away, Committed, Load, Refused
from ingest.batch import Batch
from ingest.committer import Committer
from ingest.inbox import Inbox
from ingest.receipts import Announcer
from ingest.writer import Writer
from tests.unit.ingest.made import NOON, acknowledge, delivery, unpack


class FakeStore:
    """Keeps what is committed; refuses loads with a poison number, and is away for the first `away` times."""

    def __init__(self, poison: set[int], away: int = 0) -> None:
        self.poison, self.away = poison, away
        self.numbers: list[int] = []
        self.aside: list[str] = []
        self.staged: list[bool] = []
        self.duplicates = 0

    def pack(self, load: Load) -> None:
        pass

    def commit(self, load: Load, now: datetime, *, staged: bool = False) -> Committed:
        if self.away:
            self.away -= 1
            raise Away("gone")
        numbers = [number for each in load.numbers.values() for number in each]
        if load.readings and self.poison & set(numbers):
            raise Refused("out of range")
        self.numbers += numbers
        self.aside += [row.reason for row in load.quarantined]
        self.staged.append(staged)
        stored = {"readings": len(load.readings), "quarantined": len(load.quarantined)}
        progress = {spool: Progress().with_numbers(self.numbers) for spool in load.numbers}
        return Committed(stored=stored, duplicates=self.duplicates, staged=staged, progress=progress)


def working(
    store: FakeStore, numbers: range, act: Callable[[Committer], None] | None = None, most_rows: int = 1000
) -> tuple[list[int], int]:
    """Run a writer over these messages until all are acknowledged; the acknowledgements and receipts."""
    acknowledged: list[int] = []
    receipts: list[bytes] = []
    inbox, stop = Inbox(lambda: NOON, acknowledge, most_bytes=10**8), threading.Event()
    for number in numbers:
        inbox.put(delivery(number, log=acknowledged))
    announcer = Announcer(lambda _, payload: receipts.append(payload), lambda: NOON)
    committer = Committer(inbox, store, announcer, now=lambda: NOON, stop=stop)
    writer = Writer(inbox, committer, Batch(most_rows, 0.0), unpack, stop=stop)
    if act is not None:
        act(committer)
    thread = threading.Thread(target=writer.run)
    thread.start()
    while inbox.depth and thread.is_alive():
        thread.join(0.001)
    stop.set()
    thread.join(10)
    return acknowledged, len(receipts)


@settings(deadline=None)  # two threads wait for one another
@given(st.sets(st.integers(1, 40), max_size=5))
def test_poison_is_put_aside_and_everything_else_goes_on(poison: set[int]) -> None:
    store = FakeStore(poison)
    acknowledged, _ = working(store, range(1, 41))
    assert acknowledged == list(range(1, 41))
    assert store.numbers == list(range(1, 41))
    assert store.aside == ["out of range"] * len(poison)


def test_while_the_database_is_away_nothing_is_put_aside_or_acknowledged(capsys: pytest.CaptureFixture[str]) -> None:
    store = FakeStore(set(), away=3)
    acknowledged, _ = working(store, range(1, 11))
    assert acknowledged == list(range(1, 11))
    assert store.aside == []
    said = capsys.readouterr()
    assert (said.out + said.err).count("database_away") == 1
    assert (said.out + said.err).count("database_back") == 1


def test_stopping_while_the_database_is_away_acknowledges_nothing() -> None:
    store = FakeStore(set(), away=10**6)
    acknowledged, receipts = working(store, range(1, 11), lambda committer: committer._stop.set())
    assert (acknowledged, receipts) == ([], 0)


def test_stopping_commits_what_is_in_hand() -> None:
    store = FakeStore(set())
    acknowledged, receipts = working(store, range(1, 11), lambda committer: committer._stop.set())
    assert acknowledged == list(range(1, 11))
    assert receipts == 1


def test_after_known_rows_the_straight_copy_is_skipped_for_a_while() -> None:
    store = FakeStore(set())
    store.duplicates = 1
    working(store, range(1, 4), most_rows=1)
    assert store.staged == [False, True, True]


def test_the_metrics_say_what_happened() -> None:
    committers: list[Committer] = []
    working(FakeStore({3}), range(1, 11), committers.append)
    figures = committers[0].metrics.figures()
    assert (figures["received"], figures["readings"], figures["quarantined"]) == (10, 9, 1)
    assert b"herdlien_ingest_batch_seconds_bucket" in committers[0].metrics.exposition()
