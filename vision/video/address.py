"""Addresses of live cameras, and how to show one without its secrets."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from vision.errors import VisionError

_PORTS = {"rtsp": 554, "rtsps": 322}


def is_address(where: str) -> bool:
    """Whether `where` is an address rather than a path."""
    return "://" in where


def host_and_port(address: str) -> tuple[str, int]:
    """The machine and port that an RTSP address names. VisionError when it names none, or is of another kind."""
    parts = _split(address)
    if parts.scheme not in _PORTS:
        raise VisionError(f"{shown(address)}: live cameras are read by rtsp:// or rtsps://, not {parts.scheme}://")
    try:
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise VisionError(f"{shown(address)}: {error}; write rtsp://user:password@host:port/path") from error
    if not host:
        raise VisionError(f"{shown(address)} names no camera: write rtsp://user:password@host:port/path")
    return host, port or _PORTS[parts.scheme]


def shown(address: str) -> str:
    """The address for messages and reports: no password, and nothing of the query, where some cameras put one."""
    parts = _split(address)
    user, at, host = parts.netloc.rpartition("@")
    name, colon, _ = user.partition(":")
    hidden = parts._replace(netloc=f"{name}{colon and ':***'}{at}{host}", query=parts.query and "***", fragment="")
    return hidden.geturl()


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError as error:  # its message may hold the address
        raise VisionError("not an address: write rtsp://user:password@host:port/path") from error
