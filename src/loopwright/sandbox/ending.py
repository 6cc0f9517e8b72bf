"""What every running command has, whatever runs it: its output up to a limit, its deadline, and why it ends."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable

from loopwright.core.running import Chunk, Exit, Reason, Stream, Usage

_KILLED, _TIMED_OUT = 137, 124


class Output:
    """Keeps what a command prints until somebody takes it, and no more than `limit` bytes."""

    def __init__(self, limit: int | None) -> None:
        self.printed = 0  # bytes that came so far
        self._limit = limit
        self._open = True
        self._chunks: deque[Chunk] = deque()
        self._news = asyncio.Event()

    def take(self, stream: Stream, data: bytes) -> bool:
        """Keep a piece; False where it goes beyond the limit, which ends the output."""
        if not self._open:
            return True
        left = len(data) if self._limit is None else self._limit - self.printed
        self.printed += len(data)
        if kept := data[: max(0, left)]:
            self._chunks.append(Chunk(stream, kept))
        self._news.set()
        if len(data) > left:
            self.close()
            return False
        return True

    def close(self) -> None:
        """Nothing more will come."""
        self._open = False
        self._news.set()

    async def chunks(self) -> AsyncIterator[Chunk]:
        """The pieces in the order they came, until the output is closed."""
        while True:
            while self._chunks:
                yield self._chunks.popleft()
            if not self._open:
                return
            self._news.clear()
            await self._news.wait()


class Ending:
    """Why and how a command ends. `end_tree` asks for the end of its whole tree; the first reason given stands."""

    def __init__(self, end_tree: Callable[[], None]) -> None:
        self.reason: Reason = ""
        self.ended: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()
        self._detail = ""
        self._end_tree = end_tree
        self._started = time.monotonic()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self._started

    def begin(self, timeout: float | None) -> None:
        """Start the clock."""
        if timeout is not None:
            said = f"longer than {timeout:g} s"
            self._timer = asyncio.get_running_loop().call_later(timeout, self.stop, "timeout", said)

    def stop(self, reason: Reason, detail: str) -> None:
        """End the whole tree for this reason."""
        if not self.ended.done() and not self.reason:
            self.reason, self._detail = reason, detail
            self._end_tree()

    def note(self, reason: Reason, detail: str) -> None:
        """It is ending by itself, or from outside, for this reason."""
        if not self.reason:
            self.reason, self._detail = reason, detail

    def conclude(self, status: int, used: Usage) -> None:
        """Nothing of the tree is left; `used` but for the wall clock, which is this one's."""
        if self._timer:
            self._timer.cancel()
        if self.reason:
            status = _TIMED_OUT if self.reason == "timeout" else _KILLED
        usage = Usage(wall=self.age, cpu=used.cpu, memory=used.memory, pids=used.pids)
        self.ended.set_result(Exit(status, self.reason, self._detail, usage))

    async def wait(self) -> Exit:
        """Wait until nothing of the tree is left."""
        return await asyncio.shield(self.ended)
