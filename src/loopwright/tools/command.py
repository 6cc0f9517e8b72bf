"""Running one shell line in the sandbox: its argument vector, its time, and how its end is told."""

from __future__ import annotations

import codecs
from collections.abc import Callable

import anyio

from loopwright.core.calls import Delta
from loopwright.core.fact import JsonValue
from loopwright.core.ports import Emit
from loopwright.core.running import DEFAULT_LIMITS, Executor, Exit, Limits, Process, run

_LOOK = 10.0  # seconds to look for a shell
_NO_LIMIT = ("stopped", "sandbox", "anomaly")  # reasons that are not the name of a limit


class Shells:
    """Bash where a sandbox has it, else the POSIX shell: looked for inside, once for each sandbox in use."""

    def __init__(self) -> None:
        self._known: tuple[Executor, str] | None = None

    async def argv(self, executor: Executor, command: str) -> tuple[str, ...]:
        """Return what to run for a line of shell. Raises SandboxError as `start` does."""
        known = self._known
        if known is None or known[0] is not executor:
            looked = await run(executor, ("sh", "-c", "command -v bash"), Limits(timeout=_LOOK))
            known = self._known = (executor, "bash" if looked.ok else "sh")
        return (known[1], "-c", command)


def bounded(asked: float | None, session: Limits) -> float:
    """Return the seconds a command may take: what was asked for, within the session's limit."""
    limit = session.timeout or DEFAULT_LIMITS.timeout or 120.0
    return limit if asked is None else min(asked, limit)


async def collect(process: Process, take: Callable[[bytes], None]) -> Exit:
    """Hand every piece of output to take and return how the process ended; cancelled, it is killed first."""
    try:
        await process.send_eof()
        async for chunk in process.output():
            take(chunk.data)
        return await process.wait()
    except BaseException:
        with anyio.CancelScope(shield=True):
            await process.kill()
        raise


def streaming(call: str, emit: Emit, kept: bytearray) -> Callable[[bytes], None]:
    """Return what keeps output and shows it as it comes, characters cut between pieces made whole."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def take(data: bytes) -> None:
        kept.extend(data)
        if text := decoder.decode(data):
            emit(Delta("output", text, call))

    return take


def ending(ended: Exit, timeout: float) -> str:
    """Say in a line how a command ended, for the engine."""
    took = f"{ended.usage.wall:.2f} s"
    if ended.reason == "timeout":
        return f"[killed: timeout after {timeout:g} s; if it needs longer raise timeout, or run it in the background]"
    if ended.reason:
        detail = f" ({ended.detail})" if ended.detail else ""
        what = ended.reason if ended.reason in _NO_LIMIT else f"{ended.reason} limit"
        return f"[killed: {what}{detail}, exit {ended.status}, {took}]"
    return f"[exit {ended.status}, {took}]"


def facts(command: str, ended: Exit, size: int) -> dict[str, JsonValue]:
    """Return the end of a command as data for front ends and the analyser.

    `seconds` of wall clock, `cpu` seconds, `memory` bytes and `pids` at their peak, `bytes` printed.
    """
    return {
        "command": command,
        "exit": ended.status,
        "reason": ended.reason,
        "detail": ended.detail,
        "cpu": round(ended.usage.cpu, 3),
        "memory": ended.usage.memory,
        "pids": ended.usage.pids,
        "seconds": round(ended.usage.wall, 3),
        "bytes": size,
    }
