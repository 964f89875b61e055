"""Receipts are few, newest first, and never dropped."""

from collateral.contract import codec
from collateral.contract.messages import Receipt
from collateral.store.progress import Progress
from ingest.receipts import Announcer
from tests.unit.ingest.made import NOON

SPOOL = ("gw", "s")
FARMS = {"gw": "farm"}


def announcer() -> tuple[Announcer, list[tuple[str, Receipt]]]:
    sent: list[tuple[str, Receipt]] = []
    made = Announcer(lambda topic, payload: sent.append((topic, codec.decode(payload, Receipt))), lambda: NOON)
    return made, sent


def test_a_receipt_goes_to_the_gateways_own_topic_at_once() -> None:
    made, sent = announcer()
    made.note({SPOOL: Progress(5, (7,))}, FARMS)
    made.flush(0.0)
    assert sent[0][0] == "herdlien/v1/farm/gw/receipt"
    assert (sent[0][1].committed_up_to, sent[0][1].missing) == (5, [6])


def test_many_commits_make_few_receipts_and_the_last_one_counts() -> None:
    made, sent = announcer()
    for step in range(100):
        made.note({SPOOL: Progress(step + 1)}, FARMS)
        made.flush(step / 100)
    made.flush(10.0)
    assert len(sent) <= 6
    assert sent[-1][1].committed_up_to == 100


def test_a_spool_that_is_asked_about_again_is_answered_again() -> None:
    made, sent = announcer()
    for at in (0.0, 1.0):
        made.note({SPOOL: Progress(5)}, FARMS)
        made.flush(at)
    assert len(sent) == 2


def test_nothing_is_published_when_nothing_is_due() -> None:
    made, sent = announcer()
    made.flush(0.0)
    assert sent == []


def test_at_the_end_everything_goes_out() -> None:
    made, sent = announcer()
    made.note({SPOOL: Progress(1)}, FARMS)
    made.flush(0.0)
    made.note({SPOOL: Progress(2)}, FARMS)
    made.flush(0.01, everything=True)
    assert [receipt.committed_up_to for _, receipt in sent] == [1, 2]
    assert not made.waiting
