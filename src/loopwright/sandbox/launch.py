"""Starting a supervisor process with its socket."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

#: Where the programs of `loopwright/inside` stand in a sandbox.
INSIDE = "/run/loopwright/inside"
#: What its interpreter runs: imported, not run as a file, so that compiled bytecode is used.
SERVE = "import sys;sys.path.insert(0,{!r});import supervisor;supervisor.main()"


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

    def complaint(self) -> str:
        """The last line it wrote to standard error."""
        text = os.pread(self.errors, 1 << 16, 0).decode(errors="replace").strip()
        return text.splitlines()[-1] if text else ""

    def end(self) -> None:
        """Kill the process; what it started dies with it."""
        with contextlib.suppress(OSError):
            self.process.kill()

    async def wait(self) -> None:
        """Wait until the process is gone and let go of what it held here."""
        loop = asyncio.get_running_loop()
        while self.process.poll() is None:
            gone: asyncio.Future[None] = loop.create_future()
            handle = os.pidfd_open(self.process.pid)
            loop.add_reader(handle, settle, gone)
            try:
                await gone
            finally:
                loop.remove_reader(handle)
                os.close(handle)
        if self.errors >= 0:
            os.close(self.errors)
            self.errors = -1


class Launcher(Protocol):
    """Knows how to start one kind of sandbox over one mount."""

    inside: str  # as for Executor.inside
    root: str  # the workspace's path inside
    view: str  # the workspace's path as this process sees it, "" where it cannot
    limited: bool  # its file system ends where the limits on disk and inodes do
    direct: bool  # no namespaces: the started process is the first one itself
    own_users: bool  # the kernel counts the sandbox's processes apart from the caller's others
    environment: dict[str, str]
    setup: list[str | bytes | int]

    def launch(self) -> Launched:
        """Raises SandboxError where not even the program is there."""
        ...

    def explain(self, answer: str, complaint: str) -> str:
        """One line that says why it did not start and what to do."""
        ...

    def close(self) -> None:
        """Remove what was made on this side."""
        ...


def spawn(
    prefix: Sequence[str], supervisor: Sequence[str], fds: Sequence[int], environment: dict[str, str]
) -> Launched:
    """Start `prefix supervisor... FD`, where FD is the supervisor's end of a new socket. Raises OSError."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    errors = os.memfd_create("errors", os.MFD_CLOEXEC)
    try:
        process = subprocess.Popen(
            [*prefix, *supervisor, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            pass_fds=(theirs.fileno(), *fds),
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
    return Launched(process, ours, errors)
