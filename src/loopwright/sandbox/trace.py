"""Every call on files, processes and the network, written down by strace from outside the sandbox."""

from __future__ import annotations

import asyncio
import os
import shutil
from asyncio.subprocess import DEVNULL, PIPE, Process

from loopwright.core.errors import SandboxError

_CALLS = "trace=%file,%process,%network"
_DEADLINE = 10.0


async def attach(pid: int, file: str) -> Process:
    """Trace a process and all it will start into `file`; returns when that has begun. Raises SandboxError.

    It ends with the process. Each traced call costs two switches to strace: commands take 2 to 25 times as long.
    """
    program = shutil.which("strace")
    if not program:
        raise SandboxError("--trace needs the program strace: install the package `strace`")
    words = ["-f", "-tt", "-y", "-s", "200", "-e", _CALLS, "-o", file, "-p", str(pid)]
    started = await asyncio.create_subprocess_exec(
        program, *words, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE, env={"PATH": os.defpath, "LANG": "C"}
    )
    said = b""
    if started.stderr is not None:
        try:
            async with asyncio.timeout(_DEADLINE):
                said = await started.stderr.readline()
        except TimeoutError:
            said = b"it did not attach in time"
    if b"attached" in said:
        return started
    if started.returncode is None:
        started.kill()
    await started.wait()
    reason = said.decode(errors="replace").strip()
    raise SandboxError(
        f"--trace: strace cannot watch the sandbox: {reason} (kernel.yama.ptrace_scope above 1 forbids it)"
    )
