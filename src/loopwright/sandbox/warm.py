"""One started supervisor: how it comes to stand, what it says of its commands, and what is given back at its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from loopwright.core.errors import SandboxError
from loopwright.core.oversight import Oversight
from loopwright.core.running import Limits, Usage
from loopwright.sandbox.accounts import Accounts
from loopwright.sandbox.audit import Audit
from loopwright.sandbox.cgroups import Hierarchy, Reading
from loopwright.sandbox.channel import Channel
from loopwright.sandbox.command import Command
from loopwright.sandbox.launch import Launched, Launcher
from loopwright.sandbox.limits import bound_processors, effective_limits, processor_share
from loopwright.sandbox.monitor import Monitor, Watched, judge, judge_disk
from loopwright.sandbox.network_rules import parse_network
from loopwright.sandbox.proxy import Proxy
from loopwright.sandbox.trace import attach

#: Seconds a supervisor has to answer and a killed tree to be gone before the whole sandbox is ended.
_START_DEADLINE = 20.0
_KILL_DEADLINE = 3.0


@dataclass
class Running:
    """A command that runs in it."""

    command: Command
    watched: Watched
    follow_up: asyncio.TimerHandle | None = None


@dataclass
class Warm:
    """A started supervisor. `ended` is called once, when it is gone; there is to `leave` then."""

    launcher: Launcher
    session: Limits
    oversight: Oversight
    monitor: Monitor
    ended: Callable[[Warm], None]
    launched: Launched = field(init=False)
    channel: Channel = field(init=False)
    ready: asyncio.Future[str] = field(init=False)
    hierarchy: Hierarchy | None = None
    accounts: Accounts | None = None
    proxy: Proxy | None = None
    audit: Audit | None = None
    tracer: asyncio.subprocess.Process | None = None
    audited: bool = False  # the kernel tells of system calls
    gone: bool = False
    tree: int = -1  # what is written to, as the sandbox sees it, for its free space
    layers: list[int] = field(default_factory=list)  # what takes the writes that are to be kept
    running: dict[str, Running] = field(default_factory=dict)

    async def begin(self, find_hierarchy: Callable[[], Hierarchy | None]) -> None:
        """Start it, and return when it stands. Raises SandboxError with what to do where it does not."""
        self.launched = self.launcher.launch()
        self.ready = asyncio.get_running_loop().create_future()
        self.channel = Channel(self.launched.socket, self._hear, self._lose)
        try:
            answer = await self._stand(find_hierarchy)
        except TimeoutError:
            answer = "it did not start in time"
        except OSError as error:
            answer = str(error)
        except BaseException:
            self.hang_up()
            raise
        if answer:
            complaint = self.launched.complaint()
            self.hang_up()
            raise SandboxError(self.launcher.explain(answer, complaint))
        try:
            await self._open_up()
        except BaseException:
            self.hang_up()
            raise

    async def _stand(self, find_hierarchy: Callable[[], Hierarchy | None]) -> str:
        """Ask for all the supervisor has to give up, and return what it says of that: "" where it stands."""
        self.hierarchy = find_hierarchy()
        self.accounts = Accounts(self.hierarchy) if self.hierarchy else None
        doors = self.accounts.found() if self.accounts else []
        setup = self.launcher.setup(bound_processors(self.session, self.hierarchy))
        self.channel.send(["setup", self.launcher.measured, *setup], doors)
        self.launched.watch(self.hang_up)
        if self.accounts:
            self.accounts.prepare(effective_limits(Limits(), self.session))
        await self._meet_first()
        if not self.oversight.trace:
            self.channel.send(["station"])  # its keeper gets ready while we hear that the sandbox stands
        return await asyncio.wait_for(self.ready, _START_DEADLINE)

    async def _meet_first(self) -> None:
        """Hold on to the sandbox's first process, by which all of it can be ended. Done while the rest still starts."""
        for _ in range(int(_START_DEADLINE * 1000)):
            pid = self.launched.find_first(self.launcher.direct)
            if pid is not None and self.accounts:
                self.accounts.adopt(pid)
            if pid is not None or self.launched.process.poll() is not None:
                return
            await asyncio.sleep(0.001)

    async def _open_up(self) -> None:
        """What has to be there before the first command: who follows it, and whom it may speak with."""
        if self.oversight.trace:
            await self._trace()
        if share := processor_share(self.session, self.hierarchy):
            self.tell("share", str(share))
        if self.audited:
            self.audit = Audit(self.layers.pop(), self.oversight.observe)
        if self.launcher.listens:
            self.proxy = Proxy(parse_network(self.session.network), self.session.network == "ask", self.oversight)
            await self.proxy.serve(socket.socket(fileno=self.layers.pop()))

    async def _trace(self) -> None:
        pid = self.launched.find_first(self.launcher.direct)
        self.tracer = await attach(pid or self.launched.process.pid, self.oversight.trace)
        self.tell("station")  # not before now: the trace follows only what is started after it began

    def tell(self, *fields: str) -> None:
        """Send a request. Where nobody takes it any more, its end is heard of as well."""
        with contextlib.suppress(OSError):
            self.channel.send(fields)

    def end_tree(self, ident: str) -> None:
        """End a command and all it started; the whole sandbox where that takes too long."""
        run = self.running.get(ident)
        if run is None:
            return
        self.tell("kill", ident)
        if run.watched.account:
            run.watched.account.kill()
        loop = asyncio.get_running_loop()
        run.follow_up = loop.call_later(_KILL_DEADLINE, self.launched.end)

    def hang_up(self) -> None:
        """End it and all that runs in it."""
        self.channel.close()
        self.launched.end()
        self._lose()

    def _hear(self, fields: list[bytes], fds: list[int]) -> None:
        kind, *rest = fields
        if fds:
            self.tree, *self.layers = fds
        if kind == b"ready" and not self.ready.done():
            self.audited = rest[1:2] == [b"1"]
            self.ready.set_result("")
        elif kind == b"failed" and not self.ready.done():
            self.ready.set_result(rest[0].decode(errors="replace"))
        elif kind == b"exit" and len(rest) == 5:
            ident, status, user, system, peak = rest
            used = Usage(cpu=(int(user) + int(system)) / 1e6, memory=int(peak) << 10)
            self._finish(ident.decode(), int(status), used)
        elif kind == b"seen" and len(rest) == 4 and (run := self.running.get(rest[0].decode())):
            run.watched.count(int(rest[3]))
            if run.watched.account is None:
                judge(run.watched, Reading(memory=int(rest[1]), pids=int(rest[2])))

    def _finish(self, ident: str, status: int, used: Usage) -> None:
        run = self.running.pop(ident, None)
        if run is None:
            return
        if run.follow_up:
            run.follow_up.cancel()
        watched = run.watched
        self.monitor.forget(watched)
        cpu, memory = used.cpu, max(used.memory, watched.peak)  # between two looks one process may have held more
        if watched.account and self.accounts:
            reading = watched.account.read()
            cpu, memory = max(cpu, reading.cpu), max(reading.peak, watched.peak) or used.memory
            judge(watched, reading)
            self.accounts.close(watched.account)
        if self.tree >= 0:
            judge_disk(watched, status)
        run.command.end(status, Usage(cpu=cpu, memory=memory, pids=watched.pids))

    def _lose(self) -> None:
        """The supervisor is gone, and with it all it ran."""
        if self.gone:
            return
        self.gone = True
        if not self.ready.done():
            self.ready.set_result("it ended while it was starting")
        for ident, run in list(self.running.items()):
            if run.watched.account:
                run.watched.account.kill()
                judge(run.watched, run.watched.account.read())
            run.command.fail("sandbox", "the sandbox ended; the next command gets a new one")
            self._finish(ident, 137, Usage())
        if self.tree >= 0:
            os.close(self.tree)
            self.tree = -1
        self.ended(self)

    async def leave(self) -> None:
        """End what may be left of it and give back what was held for it."""
        self.channel.close()
        self.launched.end()
        if self.proxy:
            await self.proxy.aclose()
        await self.launched.wait()
        if self.audit:
            await asyncio.to_thread(self.audit.close)
        if self.tracer:
            await self.tracer.wait()
        if self.accounts:
            self.accounts.abandon()
        if self.layers:
            await asyncio.to_thread(self.launcher.keep, self.layers)
        while self.layers:
            os.close(self.layers.pop())
