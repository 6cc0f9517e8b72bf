"""An executor without any sandbox, for tests of what runs commands: never registered, never a fallback."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from loopwright.core.running import Chunk, Exit, Limits, Reason, Usage


class HostProcess:
    """One process group on this machine, held to its timeout and output limit."""

    def __init__(self, process: asyncio.subprocess.Process, limits: Limits) -> None:
        self._process, self._limits = process, limits
        self._began = time.monotonic()
        self._reason: Reason = ""

    async def send(self, data: bytes) -> None:
        """Write to its standard input."""
        if self._process.stdin is not None:
            self._process.stdin.write(data)
            await self._process.stdin.drain()

    async def send_eof(self) -> None:
        """Close its standard input."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    async def output(self) -> AsyncIterator[Chunk]:
        """Both streams as one, as `out`, until the end, the deadline or the output limit."""
        stream, size = self._process.stdout, 0
        while stream is not None:
            left = None if self._limits.timeout is None else self._began + self._limits.timeout - time.monotonic()
            try:
                data = await asyncio.wait_for(stream.read(65536), left)
            except TimeoutError:
                await self._stop("timeout")
                break
            if not data:
                break
            size += len(data)
            yield Chunk("out", data)
            if self._limits.output is not None and size > self._limits.output:
                await self._stop("output")
                break

    async def wait(self) -> Exit:
        """Its exit status, 128+N for signal N."""
        status = await self._process.wait()
        usage = Usage(wall=time.monotonic() - self._began)
        return Exit(status if status >= 0 else 128 - status, self._reason, usage=usage)

    async def kill(self) -> None:
        """End its process group now."""
        await self._stop("stopped")

    async def _stop(self, reason: Reason) -> None:
        if self._process.returncode is None:
            self._reason = reason
            os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()


class HostExecutor:
    """Starts processes in a directory; a program that is not there ends with status 127."""

    inside = ""

    def __init__(self, root: str, path: str | None = None) -> None:
        self._root, self._path = Path(root), path

    async def start(
        self,
        argv: Sequence[str],
        limits: Limits = Limits(),
        *,
        cwd: str = "",
        env: Mapping[str, str] | None = None,
    ) -> HostProcess:
        """Start argv with `path` as its PATH, this process's own where that is None."""
        environment = {"PATH": self._path or os.defpath, **(env or {})}
        known = any(os.access(Path(folder, argv[0]), os.X_OK) for folder in environment["PATH"].split(":"))
        process = await asyncio.create_subprocess_exec(
            *(argv if known or "/" in argv[0] else ("/bin/sh", "-c", "exit 127")),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=self._root / cwd,
            env=environment,
            start_new_session=True,
        )
        return HostProcess(process, limits)
