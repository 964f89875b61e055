"""The risk desk's stand-in."""

import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.ports import LOOPBACK
from stack.webhook import SIGNATURE_HEADER, Receiver, is_genuine, signature

SECRET = "between us"
BODY = json.dumps({"loan": "L-1", "说明": "夜间少了三头"}, ensure_ascii=False).encode()


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with Receiver(0, SECRET, tmp_path / "deliveries.jsonl") as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def deliver(receiver: Receiver, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection(LOOPBACK, receiver.server_port, timeout=5)
    connection.request("POST", "/alerts", BODY, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_signed_delivery_is_thanked_and_written_down(receiver: Receiver) -> None:
    assert deliver(receiver, {SIGNATURE_HEADER: signature(SECRET, BODY)}) == 200
    line = json.loads(receiver.out.read_text(encoding="utf-8"))
    assert (line["ok"], line["path"], line["body"]["说明"]) == (True, "/alerts", "夜间少了三头")


@pytest.mark.parametrize("headers", [{}, {SIGNATURE_HEADER: signature("guess", BODY)}, {SIGNATURE_HEADER: "sha256=é"}])
def test_a_wrong_signature_is_refused_and_still_written_down(receiver: Receiver, headers: dict[str, str]) -> None:
    assert deliver(receiver, headers) == 401
    assert json.loads(receiver.out.read_text(encoding="utf-8"))["ok"] is False


def test_one_flipped_byte_breaks_the_signature() -> None:
    assert is_genuine(SECRET, BODY, signature(SECRET, BODY))
    assert not is_genuine(SECRET, BODY[:-1] + b"]", signature(SECRET, BODY))
