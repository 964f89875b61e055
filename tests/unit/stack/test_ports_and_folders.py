"""What the launcher says before it starts anything."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import folders
from stack.broker import KIND_VARIABLE, Broker
from stack.errors import StackError
from stack.ports import LOOPBACK, accepts, claim, free_port, has_connection_to, is_free


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as server:
        server.bind((LOOPBACK, 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_free_port_can_be_claimed() -> None:
    port = free_port()
    assert claim(port, "the dashboard", "--dashboard-port") == port
    assert not accepts(port)


def test_a_taken_port_is_named_with_its_holder_and_the_option(taken: int) -> None:
    assert not is_free(taken)
    with pytest.raises(StackError) as caught:
        claim(taken, "the dashboard", "--dashboard-port")
    message = str(caught.value)
    assert str(taken) in message
    assert "--dashboard-port" in message
    assert f"process {os.getpid()}" in message


def test_a_connection_is_seen_by_the_port_it_leads_to(taken: int) -> None:
    assert not has_connection_to(taken)
    with socket.create_connection((LOOPBACK, taken)):
        assert has_connection_to(taken)


def test_a_full_disk_is_named_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=rf"MB free in {tmp_path}, 999999999 MB are needed: free some space"):
        folders.check_space(tmp_path, needed_mb=999_999_999)


def test_an_unknown_broker_kind_says_which_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KIND_VARIABLE, "rabbit")
    with pytest.raises(StackError, match="set HERDLIEN_BROKER_KIND to mosquitto, nats or auto"):
        Broker("auto", tmp_path)


def test_a_run_folder_lets_the_servers_pass_but_not_list() -> None:
    folder = folders.run_folder("test")
    try:
        assert folder.stat().st_mode & 0o777 == 0o711
    finally:
        folder.rmdir()
