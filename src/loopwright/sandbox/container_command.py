"""One command in a container, seen from the host: its streams, its deadline, its output limit and its end."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable

from loopwright.core.running import Chunk, Exit, Limits, Reason, Stream, Usage

#: Bytes of input on their way that the command has not read yet.
_WINDOW = 1 << 18
_KILLED, _TIMED_OUT = 137, 124


class ContainerCommand:
    """Implements the Process port over frames: `send` writes one of a kind, `end_tree` asks for the end of the tree."""

    def __init__(self, limits: Limits, send: Callable[[bytes, bytes], None], end_tree: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        self.limits = limits
        self.peak = self.pids = 0
        self._send, self._end_tree = send, end_tree
        self._chunks: deque[Chunk] = deque()
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._on_the_way = 0
        self._input_open = self._output_open = True
        self._left = limits.output
        self.printed = 0  # bytes that came so far
        self._ended: asyncio.Future[Exit] = loop.create_future()
        self._started = time.monotonic()
        self.reason: Reason = ""
        self._detail = ""
        self._timer: asyncio.TimerHandle | None = None
        if limits.timeout is not None:
            said = f"longer than {limits.timeout:g} s"
            self._timer = loop.call_later(limits.timeout, self.stop, "timeout", said)

    async def send(self, data: bytes) -> None:
        """Write to standard input; what nobody reads any more is dropped."""
        view = memoryview(data)
        while view and self._input_open:
            free = _WINDOW - self._on_the_way
            if free <= 0:
                self._room.clear()
                await self._room.wait()
                continue
            piece, view = view[:free], view[free:]
            self._on_the_way += len(piece)
            self._send(b"i", bytes(piece))

    async def send_eof(self) -> None:
        """Close standard input."""
        if self._input_open:
            self._input_open = False
            self._send(b"c", b"")

    async def output(self) -> AsyncIterator[Chunk]:
        """Chunks in the order they came, until the command has ended or the output limit is reached."""
        while True:
            while self._chunks:
                yield self._chunks.popleft()
            if not self._output_open:
                return
            self._news.clear()
            await self._news.wait()

    async def wait(self) -> Exit:
        """Wait until nothing of the tree is left."""
        return await asyncio.shield(self._ended)

    async def kill(self) -> None:
        """End the whole tree now, and wait until it is gone."""
        self.stop("stopped", "")
        await self.wait()

    def stop(self, reason: Reason, detail: str) -> None:
        """End the whole tree for this reason; the first one given stands."""
        if not self._ended.done() and not self.reason:
            self.reason, self._detail = reason, detail
            self._end_tree()

    def note(self, reason: Reason, detail: str) -> None:
        """It is ending for this reason; one given before stands."""
        if not self.reason:
            self.reason, self._detail = reason, detail

    def taken(self, count: int) -> None:
        """The command's pipe took so many bytes of input; 0 = nobody reads it any more."""
        self._on_the_way -= count
        self._input_open &= count > 0
        self._room.set()

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self._started

    def take(self, stream: Stream, data: bytes) -> None:
        """A piece of output came."""
        if not self._output_open:
            return
        self.printed += len(data)
        over = self._left is not None and len(data) > self._left
        if self._left is not None:
            data = data[: self._left]
            self._left -= len(data)
        if data:
            self._chunks.append(Chunk(stream, data))
        self._news.set()
        if over:
            self._output_open = False
            self.stop("output", f"more than {self.limits.output} bytes of output")

    def end(self, status: int, usage: Usage) -> None:
        """Nothing of the tree is left."""
        if self._ended.done():
            return
        if self._timer:
            self._timer.cancel()
        self._input_open = self._output_open = False
        self._room.set()
        self._news.set()
        if self.reason:
            status = _TIMED_OUT if self.reason == "timeout" else _KILLED
        wall = time.monotonic() - self._started
        peak = max(self.peak, usage.memory)
        self._ended.set_result(Exit(status, self.reason, self._detail, Usage(wall, usage.cpu, peak, self.pids)))
