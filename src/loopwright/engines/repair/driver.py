"""The engine's end of the line to the driver inside the sandbox."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Literal

import anyio

from loopwright.core.running import Executor, Limits, Process
from loopwright.engines.repair.command import Command

Message = dict[str, Any]
OUTPUT = 1 << 30  # bytes: results of a long search are many small lines
_LEAVE = 1.0  # seconds a driver gets to go by itself
ENVIRONMENT = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}


class DriverDied(Exception):
    """The driver inside the sandbox is gone; the text says what it last said."""


@dataclass
class Driver:
    """A warm process in the sandbox. `ready` is what it found when it loaded the tests."""

    process: Process
    ready: Message
    _messages: AsyncIterator[Message]
    said: list[str] = field(default_factory=list)
    _next: asyncio.Future[Message] | None = None

    async def send(self, message: Message) -> None:
        """Raises DriverDied where nobody listens any more."""
        try:
            await self.process.send(json.dumps(message).encode() + b"\n")
        except Exception as error:
            raise DriverDied(str(error) or type(error).__name__) from error

    async def receive(self) -> Message:
        """The next message; who stops waiting for it takes nothing away. Raises DriverDied at the end of the line."""
        if self._next is None:  # an iterator that is cancelled while it waits has come to its end
            self._next = asyncio.ensure_future(anext(self._messages))
        await asyncio.wait({self._next})
        made, self._next = self._next, None
        try:
            return made.result()
        except StopAsyncIteration:
            said = "".join(self.said)[-400:].strip() or "the test process ended without a word"
        raise DriverDied(said)

    async def close(self) -> None:
        """End the driver and everything it started."""
        if self._next is not None:
            self._next.cancel()
            await asyncio.wait({self._next})
        with contextlib.suppress(Exception):  # it may have gone already
            await self.process.send_eof()
        with anyio.move_on_after(_LEAVE):  # it takes its temporary directory along
            await self.process.wait()
        await self.process.kill()
        with anyio.move_on_after(1.0):
            async for _ in self.process.output():
                pass  # what nobody reads keeps its pipe open
        await self.process.wait()


async def start(
    executor: Executor,
    command: Command,
    role: Literal["warm", "fresh"],
    *,
    seconds: float,
    patience: float,
    workers: int,
    more: Mapping[str, Any] | None = None,
) -> Driver:
    """Start a driver with the project's own Python and wait until it has loaded the tests.

    Raises DriverDied where it cannot, or where that takes longer than `patience` (seconds).
    """
    argv = [*command.python, f"{executor.inside}/repair_driver.py"]
    limits = Limits(timeout=seconds, output=OUTPUT)
    process = await executor.start(argv, limits, cwd=command.cwd, env={**ENVIRONMENT, **dict(command.env)})
    said: list[str] = []
    messages = _messages(process, said)
    config = {
        "role": role,
        "kind": command.kind,
        "args": list(command.args),
        "script": command.script,
        "path": list(command.path),
        "up": "/".join(".." for _ in PurePosixPath(command.cwd).parts) or ".",
        "workers": workers,
        **(more or {}),
    }
    await process.send(json.dumps(config).encode() + b"\n")
    driver = Driver(process, {}, messages, said)
    try:
        with anyio.move_on_after(patience) as scope:
            driver.ready = await driver.receive()
        if scope.cancelled_caught:
            raise DriverDied(f"loading them takes longer than {patience:.0f} s")
        if driver.ready["ev"] != "ready":
            raise DriverDied(str(driver.ready.get("text", "")))
    except BaseException:
        with anyio.CancelScope(shield=True):
            await driver.close()
        raise
    return driver


async def _messages(process: Process, said: list[str]) -> AsyncIterator[Message]:
    rest = b""
    async for chunk in process.output():
        if chunk.stream == "err":
            said.append(chunk.data.decode("utf-8", "replace"))
            del said[:-20]
            continue
        *lines, rest = (rest + chunk.data).split(b"\n")
        for line in lines:
            if line.startswith(b"{"):
                yield json.loads(line)


def jobs(items: Sequence[Message]) -> Message:
    """The message that asks for these jobs."""
    return {"op": "run", "jobs": list(items)}
