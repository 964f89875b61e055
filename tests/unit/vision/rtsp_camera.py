"""A small RTSP camera for tests, run as a process: JPEG frames over RTP inside the RTSP connection (RFC 2326, 2435).

Prints its port, then plays to one reader at a time. --frames: after so many it hangs up, and plays again to the next.
--silent: it says it plays and sends nothing. --password: readers must name `farm:PASSWORD`. --visits: stop after them.
"""

from __future__ import annotations

import argparse
import base64
import socket
import struct
import time

import cv2
import numpy as np

_WIDTH, _HEIGHT, _PIECE = 160, 120, 1200
_SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=pen\r\nt=0 0\r\nm=video 0 RTP/AVP 26\r\na=control:track1\r\n"


def main() -> None:
    options = _options()
    with socket.create_server(("127.0.0.1", options.port)) as server:
        print(server.getsockname()[1], flush=True)
        visits = 0
        while options.visits is None or visits < options.visits:
            connection, _ = server.accept()
            with connection:
                connection.settimeout(20)
                try:
                    visits += _serve(connection, options)
                except OSError:  # the reader left
                    visits += 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--fps", type=float, default=50)
    parser.add_argument("--visits", type=int)
    parser.add_argument("--silent", action="store_true")
    parser.add_argument("--password")
    return parser.parse_args()


def _serve(connection: socket.socket, options: argparse.Namespace) -> int:
    """Answer one reader; 1 when it came to playing, 0 when it only knocked."""
    while True:
        method, sequence, headers = _request(connection)
        if method is None:
            return 0
        token = base64.b64encode(f"farm:{options.password}".encode()).decode()
        if options.password and method != "OPTIONS" and token not in headers.get("authorization", ""):
            _answer(connection, sequence, "401 Unauthorized", 'WWW-Authenticate: Basic realm="pen"\r\n')
            continue
        extra, body = "", ""
        if method == "OPTIONS":
            extra = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        if method == "DESCRIBE":
            body, extra = _SDP, "Content-Type: application/sdp\r\n"
        if method == "SETUP":
            extra = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n"
        _answer(connection, sequence, "200 OK", extra, body)
        if method == "PLAY":
            _play(connection, options)
            return 1
        if method == "TEARDOWN":
            return 1


def _request(connection: socket.socket) -> tuple[str | None, str, dict[str, str]]:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(4096)
        if not piece:
            return None, "", {}
        data += piece
    first, *lines = data.decode().split("\r\n\r\n")[0].split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return first.split()[0], headers.get("cseq", "0"), headers


def _answer(connection: socket.socket, sequence: str, status: str, extra: str, body: str = "") -> None:
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    connection.sendall(f"RTSP/1.0 {status}\r\nCSeq: {sequence}\r\n{extra}{length}\r\n{body}".encode())


def _play(connection: socket.socket, options: argparse.Namespace) -> None:
    if options.silent:
        connection.recv(1)
        time.sleep(20)
        return
    number = 0
    for frame in range(options.frames):
        pieces = _pieces(_jpeg(frame))
        for row, piece in enumerate(pieces):
            mark = 0x80 if row == len(pieces) - 1 else 0
            head = struct.pack(">BBHLL", 0x80, 26 | mark, number & 0xFFFF, int(frame * 90_000 / options.fps), 7)
            packet = head + piece
            connection.sendall(b"$\0" + struct.pack(">H", len(packet)) + packet)
            number += 1
        time.sleep(1 / options.fps)


def _jpeg(frame: int) -> bytes:
    image = np.full((_HEIGHT, _WIDTH, 3), 60, np.uint8)
    cv2.rectangle(image, (frame % 100, 30), (frame % 100 + 40, 70), (0, 200, 255), -1)
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 80])[1])


def _pieces(jpeg: bytes) -> list[bytes]:
    """RTP payloads of one frame: the scan in pieces, the quantisation tables before the first."""
    tables, scan = b"", b""
    at = 2
    while True:
        marker, length = struct.unpack(">HH", jpeg[at : at + 4])
        segment = jpeg[at + 4 : at + 2 + length]
        at += 2 + length
        if marker == 0xFFDB:
            tables += segment[1:65] + (segment[66:130] if len(segment) > 65 else b"")
        if marker == 0xFFDA:
            scan = jpeg[at:-2]
            break
    quantiser = struct.pack(">BBH", 0, 0, len(tables)) + tables
    pieces = []
    for offset in range(0, len(scan), _PIECE):
        head = struct.pack(">LBBBB", offset, 1, 255, _WIDTH // 8, _HEIGHT // 8)
        pieces.append(head + (b"" if offset else quantiser) + scan[offset : offset + _PIECE])
    return pieces


if __name__ == "__main__":
    main()
