"""One command in a container, seen from the host: its streams in frames, its deadline, its output limit and its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from loopwright.core.running import Chunk, Exit, Limits, Reason, Stream, Usage
from loopwright.sandbox.ending import Ending, Output

#: Bytes of input on their way that the command has not read yet.
_WINDOW = 1 << 18


class ContainerCommand:
    """Implements the Process port over frames: `send` writes one of a kind, `end_tree` asks for the end of the tree."""

    def __init__(self, limits: Limits, send: Callable[[bytes, bytes], None], end_tree: Callable[[], None]) -> None:
        self.limits = limits
        self.peak = self.pids = 0
        self._output = Output(limits.output)
        self._ending = Ending(end_tree)
        self._send = send
        self._room = asyncio.Event()
        self._on_the_way = 0
        self._input_open = True
        self._ending.begin(limits.timeout)

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

    def output(self) -> AsyncIterator[Chunk]:
        """Chunks in the order they came, until the command has ended or the output limit is reached."""
        return self._output.chunks()

    async def wait(self) -> Exit:
        """Wait until nothing of the tree is left."""
        return await self._ending.wait()

    async def kill(self) -> None:
        """End the whole tree now, and wait until it is gone."""
        self.stop("stopped", "")
        await self.wait()

    def stop(self, reason: Reason, detail: str) -> None:
        """End the whole tree for this reason; the first one given stands."""
        self._ending.stop(reason, detail)

    def note(self, reason: Reason, detail: str) -> None:
        """It is ending for this reason; one given before stands."""
        self._ending.note(reason, detail)

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return self._ending.age

    @property
    def printed(self) -> int:
        """Bytes that came so far."""
        return self._output.printed

    @property
    def reason(self) -> Reason:
        """Why it is ended, "" while nothing asks for it."""
        return self._ending.reason

    def taken(self, count: int) -> None:
        """The command's pipe took so many bytes of input; 0 = nobody reads it any more."""
        self._on_the_way -= count
        self._input_open &= count > 0
        self._room.set()

    def take(self, stream: Stream, data: bytes) -> None:
        """A piece of output came."""
        if not self._output.take(stream, data):
            self.stop("output", f"more than {self.limits.output} bytes of output")

    def end(self, status: int, usage: Usage) -> None:
        """Nothing of the tree is left."""
        if self._ending.ended.done():
            return
        self._input_open = False
        self._room.set()
        self._output.close()
        peak = max(self.peak, usage.memory)
        self._ending.conclude(status, Usage(cpu=usage.cpu, memory=peak, pids=self.pids))
