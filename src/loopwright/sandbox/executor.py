"""One warm sandbox: a supervisor that is kept running, and the commands it runs for us."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from loopwright.core.errors import SandboxError
from loopwright.core.running import Limits, Process, Usage
from loopwright.sandbox.cgroups import Group, Hierarchy, new_group
from loopwright.sandbox.channel import Channel
from loopwright.sandbox.command import Command
from loopwright.sandbox.launch import Launched, Launcher
from loopwright.sandbox.limits import check_limits, effective_limits
from loopwright.sandbox.monitor import Monitor, judge

#: Seconds a supervisor has to answer and a killed tree to be gone before the whole sandbox is ended.
_START_DEADLINE = 20.0
_KILL_DEADLINE = 3.0


@dataclass
class _Running:
    command: Command
    limits: Limits
    group: Group | None
    follow_up: asyncio.TimerHandle | None = None


@dataclass
class _Warm:
    """A started supervisor."""

    launched: Launched
    channel: Channel
    ready: asyncio.Future[str]
    running: dict[str, _Running] = field(default_factory=dict)


class WarmExecutor:
    """Implements OpenExecutor. A sandbox that ended is started anew for the next command, never gone without."""

    def __init__(self, launcher: Launcher, session: Limits, hierarchy: Hierarchy | None) -> None:
        self.inside = launcher.inside
        self._launcher = launcher
        self._session = session
        self._hierarchy = hierarchy
        self._warm: _Warm | None = None
        self._starting = asyncio.Lock()
        self._count = 0
        self._shut = False
        self._monitor = Monitor(launcher.view)

    async def open(self) -> None:
        """Start the sandbox. Raises SandboxError with what to do where it cannot start."""
        await self._alive()

    async def start(
        self,
        argv: Sequence[str],
        limits: Limits = Limits(),
        *,
        cwd: str = "",
        env: Mapping[str, str] | None = None,
    ) -> Process:
        """Start argv (see the Executor port)."""
        limits = effective_limits(limits, self._session)
        check_limits(limits, self._hierarchy)
        _check_words(argv, env)
        warm = await self._alive()
        self._count += 1
        ident = str(self._count)
        command = Command(limits, lambda: self._end_tree(warm, ident))
        group: Group | None = None
        try:
            fds = command.connect()
            if self._hierarchy:
                group = new_group(self._hierarchy)
                group.set_limits(limits)
                fds = [*fds, *group.doors]
            warm.channel.send(self._request(ident, argv, limits, cwd, env), fds)
        except OSError as error:
            command.abandon()
            if group:
                group.remove()
            raise SandboxError(f"the sandbox did not take the command: {error}") from None
        warm.running[ident] = _Running(command, limits, group)
        command.begin()
        self._monitor.watch(command, limits, group, warm.launched.process.pid)
        return command

    async def aclose(self) -> None:
        """End the sandbox and all that runs in it."""
        self._shut = True
        warm, self._warm = self._warm, None
        if warm:
            self._hang_up(warm)
            await warm.launched.wait()
        self._monitor.close()
        self._launcher.close()

    def _request(
        self, ident: str, argv: Sequence[str], limits: Limits, cwd: str, env: Mapping[str, str] | None
    ) -> list[str | bytes | int]:
        environment = {**self._launcher.environment, **(env or {})}
        processes = 0 if self._hierarchy and self._hierarchy.enforces("pids") else limits.pids or 0
        pairs = [f"{name}={value}" for name, value in environment.items()]
        place = os.path.normpath(os.path.join(self._launcher.root, cwd))
        return ["run", ident, place, processes, len(argv), *argv, *pairs]

    async def _alive(self) -> _Warm:
        async with self._starting:
            if self._shut:
                raise SandboxError("the sandbox is closed")
            if self._warm is None:
                self._warm = await self._start()
            return self._warm

    async def _start(self) -> _Warm:
        launched = self._launcher.launch()
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        holder: list[_Warm] = []
        channel = Channel(launched.socket, lambda fields: self._hear(holder[0], fields), lambda: self._lost(holder[0]))
        warm = _Warm(launched, channel, ready)
        holder.append(warm)
        try:
            channel.send(["setup", *self._launcher.setup])
            answer = await asyncio.wait_for(ready, _START_DEADLINE)
        except TimeoutError:
            answer = "it did not start in time"
        except OSError as error:
            answer = str(error)
        except BaseException:
            self._hang_up(warm)
            raise
        if answer:
            self._hang_up(warm)
            complaint = launched.complaint()
            await launched.wait()
            raise SandboxError(self._launcher.explain(answer, complaint))
        return warm

    def _hear(self, warm: _Warm, fields: list[bytes]) -> None:
        kind, *rest = fields
        if kind == b"ready" and not warm.ready.done():
            warm.ready.set_result("")
        elif kind == b"failed" and not warm.ready.done():
            warm.ready.set_result(rest[0].decode(errors="replace"))
        elif kind == b"exit" and len(rest) == 5:
            ident, status, user, system, peak = rest
            used = Usage(cpu=(int(user) + int(system)) / 1e6, memory=int(peak) << 10)
            self._finish(warm, ident.decode(), int(status), used)

    def _lost(self, warm: _Warm) -> None:
        """The supervisor is gone, and with it all it ran."""
        if self._warm is warm:
            self._warm = None
        if not warm.ready.done():
            warm.ready.set_result("it ended while it was starting")
        for ident, run in list(warm.running.items()):
            run.command.reason = run.command.reason or "sandbox"
            run.command.detail = run.command.detail or "the sandbox ended; the next command gets a new one"
            if run.group:
                run.group.kill()
            self._finish(warm, ident, 137, Usage())
        warm.launched.end()

    def _finish(self, warm: _Warm, ident: str, status: int, used: Usage) -> None:
        run = warm.running.pop(ident, None)
        if run is None:
            return
        if run.follow_up:
            run.follow_up.cancel()
        self._monitor.forget(run.command)
        if run.group:
            reading = run.group.read()
            used = Usage(cpu=max(used.cpu, reading.cpu), memory=reading.peak or used.memory, pids=used.pids)
            judge(run.command, reading, run.limits, status)
            if not run.group.remove():
                run.group.kill()
                run.group.remove()
        run.command.end(status, used)

    def _end_tree(self, warm: _Warm, ident: str) -> None:
        run = warm.running.get(ident)
        if run is None:
            return
        with contextlib.suppress(OSError):
            warm.channel.send(["kill", ident])
        if run.group:
            run.group.kill()
        loop = asyncio.get_running_loop()
        run.follow_up = loop.call_later(_KILL_DEADLINE, warm.launched.end)

    def _hang_up(self, warm: _Warm) -> None:
        warm.channel.close()
        warm.launched.end()
        self._lost(warm)


def _check_words(argv: Sequence[str], env: Mapping[str, str] | None) -> None:
    if not argv or not argv[0]:
        raise SandboxError("no command was given")
    for word in (*argv, *(env or {}), *(env or {}).values()):
        if "\0" in word:
            raise SandboxError("a command, its arguments and its environment cannot hold a NUL character")
