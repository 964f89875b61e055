"""A TCP line that can be cut or fall silent, as a farm's mobile link does: a proxy in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine
from typing import Any, Self

from stack.ports import LOOPBACK

_CHUNK = 64 * 1024
_CALL_S = 30.0
_RESET_AT_ONCE = struct.pack("ii", 1, 0)


class Cuttable:
    """Carries connections to `host`:`port`; use it as a context manager, then connect to `port` of this one.

    `cut` resets every connection, losing what was under way, and refuses new ones. `silence` accepts and carries
    nothing, not even the end of a connection, which neither side can tell from a slow line. `mend` ends both.
    """

    def __init__(self, host: str, port: int) -> None:
        self._far = (host, port)
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name=f"line to {port}")
        self._passing = asyncio.Event()
        self._refusing = False
        self._talks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        self._wait_for(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self._wait_for(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> None:
        """Reset all connections and refuse new ones until mended."""
        self._wait_for(self._cut())

    def silence(self) -> None:
        """Carry nothing until mended."""
        self._wait_for(self._set(passing=False, refusing=False))

    def mend(self) -> None:
        """Carry again, also what has waited in silence."""
        self._wait_for(self._set(passing=True, refusing=False))

    @property
    def connections(self) -> int:
        """How many there are now."""
        return len(self._talks)

    # -- in the thread of the loop --------------------------------------------------------------------------

    def _wait_for(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_CALL_S)

    async def _open(self) -> None:
        self._passing.set()
        self._server = await asyncio.start_server(self._accept, LOOPBACK, 0)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        self._server.close()
        await self._cut()
        await asyncio.sleep(0.05)  # transports close one turn of the loop after they are told to

    async def _set(self, *, passing: bool, refusing: bool) -> None:
        self._refusing = refusing
        if passing:
            self._passing.set()
        else:
            self._passing.clear()

    async def _cut(self) -> None:
        self._refusing = True
        talks = list(self._talks)
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        self._passing.set()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            _reset(writer)
            return
        talk = self._loop.create_task(self._talk(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = [writer]
        try:
            await self._passing.wait()
            far_reader, far_writer = await asyncio.open_connection(*self._far)
            ends.append(far_writer)
            await _first_of(self._carry(reader, far_writer), self._carry(far_reader, writer))
        except OSError:
            pass  # nobody answers there: hang up, as the far end would
        except asyncio.CancelledError:
            for end in ends:
                _reset(end)
        finally:
            for end in ends:
                end.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(_CHUNK):
                await self._passing.wait()
                writer.write(data)
                await writer.drain()
        await self._passing.wait()


async def _first_of(*work: Coroutine[Any, Any, None]) -> None:
    """Run all until one ends, then end the others."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close so that the other side sees a reset and what was under way is gone."""
    with contextlib.suppress(OSError):  # the other side may have gone already
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_ONCE)
    writer.transport.abort()
