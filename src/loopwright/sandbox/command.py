"""One running command, seen from the host: its three streams, its deadline, its output limit and its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

from loopwright.core.running import Chunk, Exit, Limits, Reason, Stream, Usage
from loopwright.sandbox.launch import settle

_PIECE = 1 << 16
_STATUS: dict[Reason, int] = {"timeout": 124}
_KILLED = 137


class Command:
    """Implements the Process port. Output is read as it comes, up to the limit, so a full pipe never stops it."""

    def __init__(self, limits: Limits, end_tree: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._limits = limits
        self._end_tree = end_tree
        self._chunks: deque[Chunk] = deque()
        self._news = asyncio.Event()
        self._left = limits.output
        self.printed = 0  # bytes read so far
        self._open: dict[int, Stream] = {}
        self._ended: asyncio.Future[Exit] = self._loop.create_future()
        self._started = time.monotonic()
        self._timer: asyncio.TimerHandle | None = None
        self.reason: Reason = ""
        self.detail = ""
        self._stdin = -1
        self.remote: list[int] = []  # the command's ends, to be sent and then closed here

    def connect(self) -> list[int]:
        """Make the three pipes; returns the command's ends: standard input, output, error."""
        theirs, self._stdin = os.pipe2(os.O_CLOEXEC)
        self.remote.append(theirs)
        streams: tuple[Stream, ...] = ("out", "err")
        for stream in streams:
            ours, theirs = os.pipe2(os.O_CLOEXEC)
            self._open[ours] = stream
            self.remote.append(theirs)
        for fd in (self._stdin, *self._open):
            os.set_blocking(fd, False)
        return self.remote

    def begin(self) -> None:
        """The request is sent: let go of the command's ends, start reading and the clock."""
        self._close_remote()
        for fd in self._open:
            self._loop.add_reader(fd, self._read, fd)
        if self._limits.timeout is not None:
            said = f"longer than {self._limits.timeout:g} s"
            self._timer = self._loop.call_later(self._limits.timeout, self.stop, "timeout", said)

    def abandon(self) -> None:
        """It could not be started: close everything."""
        self._close_remote()
        self._close_input()
        for fd in list(self._open):
            self._close(fd)

    async def send(self, data: bytes) -> None:
        """Write to standard input; what nobody reads any more is dropped."""
        view = memoryview(data)
        while view and self._stdin >= 0:
            try:
                view = view[os.write(self._stdin, view) :]
            except BlockingIOError:
                await self._writable()
            except OSError:
                self._close_input()

    async def send_eof(self) -> None:
        """Close standard input."""
        self._close_input()

    async def output(self) -> AsyncIterator[Chunk]:
        """Chunks in the order they were read, until both streams are closed or the output limit is reached."""
        while True:
            while self._chunks:
                yield self._chunks.popleft()
            if not self._open:
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
        if self._ended.done() or self.reason:
            return
        self.reason, self.detail = reason, detail
        self._end_tree()

    def fail(self, reason: Reason, detail: str) -> None:
        """It ended for a reason outside; one given before stands."""
        if not self.reason:
            self.reason, self.detail = reason, detail

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self._started

    @property
    def running(self) -> bool:
        return not self._ended.done()

    def end(self, status: int, usage: Usage) -> None:
        """The supervisor says that nothing is left: take what is still in the pipes and close them."""
        if self._ended.done():
            return
        if self._timer:
            self._timer.cancel()
        self._close_input()
        for fd in list(self._open):
            while fd in self._open and self._read(fd):
                pass
            self._close(fd)
        if self.reason:
            status = _STATUS.get(self.reason, _KILLED)
        usage = Usage(wall=time.monotonic() - self._started, cpu=usage.cpu, memory=usage.memory, pids=usage.pids)
        self._ended.set_result(Exit(status, self.reason, self.detail, usage))

    def _read(self, fd: int) -> bool:
        """Take one piece; False when there is nothing more at the moment."""
        try:
            data = os.read(fd, _PIECE)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self._close(fd)
            return False
        stream = self._open[fd]
        self.printed += len(data)
        if self._left is not None and len(data) > self._left:
            data, over = data[: self._left], True
        else:
            over = False
        if self._left is not None:
            self._left -= len(data)
        if data:
            self._chunks.append(Chunk(stream, data))
        self._news.set()
        if over:
            for other in list(self._open):
                self._close(other)
            if self._ended.done() or not self.reason:
                self.stop("output", f"more than {self._limits.output} bytes of output")
            return False
        return True

    async def _writable(self) -> None:
        ready: asyncio.Future[Any] = self._loop.create_future()
        fd = self._stdin
        self._loop.add_writer(fd, settle, ready)
        try:
            await asyncio.wait((ready, self._ended), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._loop.remove_writer(fd)

    def _close(self, fd: int) -> None:
        if self._open.pop(fd, None):
            self._loop.remove_reader(fd)
            os.close(fd)
            self._news.set()

    def _close_input(self) -> None:
        if self._stdin >= 0:
            with contextlib.suppress(OSError):
                os.close(self._stdin)
            self._stdin = -1

    def _close_remote(self) -> None:
        for fd in self.remote:
            os.close(fd)
        self.remote = []
