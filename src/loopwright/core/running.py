"""Running one process: its limits, how it ended, and `run` over an Executor's `start`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Literal, Protocol

from loopwright.core.fact import Fact

Stream = Literal["out", "err"]
#: Why a process ended other than by itself. "" = by itself.
Reason = Literal["", "timeout", "memory", "pids", "cpu", "disk", "inodes", "output", "anomaly", "stopped", "sandbox"]


class Limits(Fact, frozen=True):
    """What one command and everything it starts may use. None leaves a limit to the session's."""

    memory: int | None = None  # bytes, whole tree
    cpus: float | None = None  # processors' worth of time
    pids: int | None = None  # processes and threads, whole tree
    disk: int | None = None  # bytes written to the view
    inodes: int | None = None  # files created in the view
    timeout: float | None = None  # seconds of wall clock
    output: int | None = None  # bytes of standard output and error together
    network: str = "none"  # none, ask, or allow:HOST[,HOST]


#: A session's limits where nothing else is said.
DEFAULT_LIMITS = Limits(
    memory=2 << 30, cpus=None, pids=512, disk=1 << 30, inodes=200_000, timeout=120.0, output=8 << 20, network="none"
)


class Usage(Fact, frozen=True):
    """What a process tree used."""

    wall: float = 0.0  # seconds
    cpu: float = 0.0  # seconds, user and system
    memory: int = 0  # bytes, peak
    pids: int = 0  # peak


class Exit(Fact, frozen=True):
    """How a process ended: its exit status (128+N for signal N), and the limit that killed it, if one did."""

    status: int
    reason: Reason = ""
    detail: str = ""
    usage: Usage = Usage()

    @property
    def said(self) -> str:
        """How it ended in words, and the setting that decides on it where a limit ended it."""
        if not self.reason:
            return f"exit status {self.status}"
        setting = f" (`-c limits.{self.reason}=…` sets it)" if self.reason in Limits.__struct_fields__ else ""
        return f"ended by the sandbox: {self.detail or self.reason}{setting}"


class Chunk(Fact, frozen=True):
    """A piece of output, in the order it was read."""

    stream: Stream
    data: bytes


class Process(Protocol):
    """A process running in the sandbox."""

    async def send(self, data: bytes) -> None:
        """Write to its standard input."""

    async def send_eof(self) -> None:
        """Close its standard input."""

    def output(self) -> AsyncIterator[Chunk]:
        """Its output until both streams are closed or the output limit is reached."""
        ...

    async def wait(self) -> Exit:
        """Wait until the whole tree has ended."""
        ...

    async def kill(self) -> None:
        """End the whole tree now: asked for before anything is awaited, so that a cancelled caller can."""


class Executor(Protocol):
    """Starts processes in one sandbox over one view of the workspace."""

    inside: str  # where the programs of `loopwright/inside` are readable for a process in the sandbox

    async def start(
        self,
        argv: Sequence[str],
        limits: Limits = Limits(),
        *,
        cwd: str = "",
        env: Mapping[str, str] | None = None,
    ) -> Process:
        """Start argv. `cwd` is relative to the workspace root; `env` is added to the clean environment.

        Raises SandboxError when the sandbox cannot be started or has failed.
        """
        ...


class Ran(Fact, frozen=True):
    """One finished command."""

    argv: tuple[str, ...]
    exit: Exit
    out: bytes = b""
    err: bytes = b""
    merged: bytes = b""  # both streams as they came

    @property
    def ok(self) -> bool:
        return self.exit.status == 0 and not self.exit.reason

    def text(self) -> str:
        """Both streams as text, undecodable bytes replaced."""
        return self.merged.decode("utf-8", "replace")


async def run(
    executor: Executor,
    argv: Sequence[str],
    limits: Limits = Limits(),
    *,
    cwd: str = "",
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
) -> Ran:
    """Run argv to its end and return what it printed; cancelled, it ends the tree. Raises SandboxError as `start`."""
    process = await executor.start(argv, limits, cwd=cwd, env=env)
    try:
        if stdin:
            await process.send(stdin)
        await process.send_eof()
        chunks: list[Chunk] = [chunk async for chunk in process.output()]
        ended = await process.wait()
    except BaseException:  # whoever waited is gone: so must be the tree
        await process.kill()
        raise
    return Ran(
        argv=tuple(argv),
        exit=ended,
        out=b"".join(c.data for c in chunks if c.stream == "out"),
        err=b"".join(c.data for c in chunks if c.stream == "err"),
        merged=b"".join(c.data for c in chunks),
    )
