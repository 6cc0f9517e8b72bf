"""One running command, seen from the host: its three pipes, its deadline, its output limit and its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from typing import Any

from loopwright.core.running import Chunk, Exit, Limits, Reason, Stream, Usage
from loopwright.sandbox.ending import Ending, Output
from loopwright.sandbox.launch import settle

_PIECE = 1 << 16


class Command:
    """Implements the Process port. Output is read as it comes, up to the limit, so a full pipe never stops it."""

    def __init__(self, limits: Limits, end_tree: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._limits = limits
        self._output = Output(limits.output)
        self._ending = Ending(end_tree)
        self._open: dict[int, Stream] = {}
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
        self._ending.begin(self._limits.timeout)

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

    def output(self) -> AsyncIterator[Chunk]:
        """Chunks in the order they were read, until both streams are closed or the output limit is reached."""
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

    def fail(self, reason: Reason, detail: str) -> None:
        """It ended for a reason outside; one given before stands."""
        self._ending.note(reason, detail)

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return self._ending.age

    @property
    def printed(self) -> int:
        """Bytes read so far."""
        return self._output.printed

    @property
    def reason(self) -> Reason:
        """Why it is ended, "" while nothing asks for it."""
        return self._ending.reason

    @property
    def running(self) -> bool:
        return not self._ending.ended.done()

    def end(self, status: int, usage: Usage) -> None:
        """The supervisor says that nothing is left: take what is still in the pipes and close them."""
        if not self.running:
            return
        self._close_input()
        for fd in list(self._open):
            while fd in self._open and self._read(fd):
                pass
            self._close(fd)
        self._ending.conclude(status, usage)

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
        if self._output.take(self._open[fd], data):
            return True
        for other in list(self._open):
            self._close(other)
        self.stop("output", f"more than {self._limits.output} bytes of output")
        return False

    async def _writable(self) -> None:
        ready: asyncio.Future[Any] = self._loop.create_future()
        fd = self._stdin
        self._loop.add_writer(fd, settle, ready)
        try:
            await asyncio.wait((ready, self._ending.ended), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._loop.remove_writer(fd)

    def _close(self, fd: int) -> None:
        if self._open.pop(fd, None):
            self._loop.remove_reader(fd)
            os.close(fd)
        if not self._open:
            self._output.close()

    def _close_input(self) -> None:
        if self._stdin >= 0:
            with contextlib.suppress(OSError):
                os.close(self._stdin)
            self._stdin = -1

    def _close_remote(self) -> None:
        for fd in self.remote:
            os.close(fd)
        self.remote = []
