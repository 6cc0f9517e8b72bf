"""This process's own streams and those of a command in the sandbox."""

from __future__ import annotations

import os
import stat
import sys
from typing import TextIO

import anyio
import anyio.lowlevel
import anyio.to_thread

from loopwright.core.running import Process

_PIECE = 1 << 16
_INPUT = 0


async def pass_output(process: Process, errors_only: bool) -> None:
    """Write what the command prints to our own streams, in the order it came. Raises BrokenPipeError.

    A reader that is slow holds up the command's output, not its deadline.
    """
    async for chunk in process.output():
        stream: TextIO = sys.stderr if errors_only or chunk.stream == "err" else sys.stdout
        await anyio.to_thread.run_sync(_write, stream, chunk.data, abandon_on_cancel=True)


def _write(stream: TextIO, data: bytes) -> None:
    stream.buffer.write(data)
    stream.flush()


async def pass_input(process: Process) -> None:
    """Hand our standard input on until it ends; one that stays open never holds anything up."""
    try:
        kind = os.fstat(_INPUT).st_mode
    except OSError:
        await process.send_eof()
        return
    while True:
        if not stat.S_ISREG(kind):
            await _readable()
        try:
            data = os.read(_INPUT, _PIECE)
        except OSError:
            data = b""
        if not data:
            await process.send_eof()
            return
        await process.send(data)


async def _readable() -> None:
    try:
        await anyio.wait_readable(_INPUT)
    except (OSError, ValueError):  # /dev/null and the like cannot be waited for and never block
        await anyio.lowlevel.checkpoint()
