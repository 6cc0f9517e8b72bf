"""Starting a supervisor process with its socket."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from loopwright.sandbox.bytecode import BOOT, bundle
from loopwright.sandbox.keeping import Kept

#: Where the programs of `loopwright/inside` stand in a sandbox.
INSIDE = "/run/loopwright/inside"


def settle(future: asyncio.Future[None]) -> None:
    """Set a future that may have been set before."""
    if not future.done():
        future.set_result(None)


@dataclass
class Launched:
    """A started supervisor process, our end of its socket, and the file that takes its complaints."""

    process: subprocess.Popen[bytes]
    socket: socket.socket
    errors: int
    first: int = -1  # a descriptor of the sandbox's own first process, once it is there
    _watched: int = -1
    _said: str = ""

    def complaint(self) -> str:
        """The last line it wrote to standard error."""
        if self.errors >= 0:
            text = os.pread(self.errors, 1 << 16, 0).decode(errors="replace").strip()
            self._said = text.splitlines()[-1] if text else ""
        return self._said

    def find_first(self, direct: bool) -> int | None:
        """The number of the sandbox's first process; None while it is not there yet."""
        number = self.process.pid
        if not direct:
            try:
                children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
                number = int(children[0])
            except (OSError, IndexError):
                return None
        if self.first < 0:
            with contextlib.suppress(OSError):
                self.first = os.pidfd_open(number)
        return number

    def watch(self, gone: Callable[[], None]) -> None:
        """Call `gone` when the process ends. Its child is told by nobody: the kernel does not let a process without
        rights signal one of another user, not even by PR_SET_PDEATHSIG."""
        self._watched = os.pidfd_open(self.process.pid)
        asyncio.get_running_loop().add_reader(self._watched, self._went, gone)

    def _went(self, gone: Callable[[], None]) -> None:
        asyncio.get_running_loop().remove_reader(self._watched)
        gone()

    def abandon(self) -> None:
        """End it before anything of it was awaited or watched."""
        self.process.kill()
        self.process.wait()
        self.socket.close()
        os.close(self.errors)

    def end(self) -> None:
        """Kill the process and the sandbox's first one; the kernel ends what that has started."""
        if self.first >= 0:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self.first, signal.SIGKILL)
        with contextlib.suppress(OSError):
            self.process.kill()

    async def wait(self) -> None:
        """Wait until the process is gone and let go of what it held here."""
        loop = asyncio.get_running_loop()
        while self.process.poll() is None:
            handle = os.pidfd_open(self.process.pid)
            try:
                await _until_gone(handle)
            finally:
                os.close(handle)
        if self.first >= 0:
            await _until_gone(self.first)  # it is gone when all of its pid namespace is
        self.complaint()
        if self._watched >= 0:
            loop.remove_reader(self._watched)
        for fd in (self.errors, self.first, self._watched):
            if fd >= 0:
                os.close(fd)
        self.errors = self.first = self._watched = -1


async def _until_gone(handle: int) -> None:
    loop = asyncio.get_running_loop()
    gone: asyncio.Future[None] = loop.create_future()
    loop.add_reader(handle, settle, gone)
    try:
        await gone
    finally:
        loop.remove_reader(handle)


class Launcher(Protocol):
    """Knows how to start one kind of sandbox over one mount."""

    inside: str  # as for Executor.inside
    root: str  # the workspace's path inside
    measured: str  # a directory inside on the file system whose end is the limit on disk and inodes, if one has it
    watched: tuple[str, ...]  # writable directories without an end of their own, as this process sees them
    limited: bool  # the file system of `measured` ends where the limits on disk and inodes do
    audits: bool  # system calls are told of, where the kernel can
    listens: bool  # there is a network, by way of a proxy
    kept: Kept
    direct: bool  # no namespaces: the started process is the first one itself
    own_users: bool  # the kernel counts the sandbox's processes apart from the caller's others
    environment: dict[str, str]

    def setup(self, processors: Sequence[int]) -> list[str | bytes | int]:
        """The fields of the first request to the supervisor: all runs on these processors only, none given: on any."""
        ...

    def launch(self) -> Launched:
        """Raises SandboxError where not even the program is there."""
        ...

    def explain(self, answer: str, complaint: str) -> str:
        """One line that says why it did not start and what to do."""
        ...

    def keep(self, layers: Sequence[int]) -> None:
        """The sandbox has ended: bring what was written into its layers to where it belongs."""
        ...

    def close(self) -> None:
        """Remove what was made on this side."""
        ...


def spawn(prefix: Sequence[str], python: str, inside: str, fds: Sequence[int], environment: dict[str, str]) -> Launched:
    """Start `prefix... python...` with the supervisor, whose programs stand in `inside`. Raises OSError."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    errors = os.memfd_create("errors", os.MFD_CLOEXEC)
    programs = memory_file(bundle())
    boot = [python, "-ISc", BOOT.format(directory=inside), str(programs), str(theirs.fileno())]
    try:
        process = subprocess.Popen(
            [*prefix, *boot],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            pass_fds=(theirs.fileno(), programs, *fds),
            env=environment,
            cwd="/",
            start_new_session=True,
        )
    except OSError:
        ours.close()
        os.close(errors)
        raise
    finally:
        theirs.close()
        os.close(programs)
    return Launched(process, ours, errors)


def memory_file(content: bytes) -> int:
    """A descriptor to read this content from."""
    fd = os.memfd_create("data", os.MFD_CLOEXEC)
    os.write(fd, content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd
