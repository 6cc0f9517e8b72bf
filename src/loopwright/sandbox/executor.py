"""One warm sandbox: a supervisor that is kept running, and the commands it runs for us."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from loopwright.core.errors import SandboxError
from loopwright.core.oversight import Oversight
from loopwright.core.running import Limits, Process, Usage
from loopwright.sandbox.accounts import OURS, Account, Accounts
from loopwright.sandbox.audit import Audit
from loopwright.sandbox.cgroups import Hierarchy, Reading
from loopwright.sandbox.channel import Channel
from loopwright.sandbox.command import Command
from loopwright.sandbox.disk import Gauge
from loopwright.sandbox.keeping import Kept
from loopwright.sandbox.launch import Launched, Launcher
from loopwright.sandbox.limits import (
    bound_processors,
    check_limits,
    effective_limits,
    processor_share,
    shares_processors,
)
from loopwright.sandbox.monitor import Monitor, Watched, judge, judge_disk
from loopwright.sandbox.network_rules import parse_network
from loopwright.sandbox.proxy import Proxy
from loopwright.sandbox.trace import attach
from loopwright.sandbox.words import check_words

#: Seconds a supervisor has to answer and a killed tree to be gone before the whole sandbox is ended.
_START_DEADLINE = 20.0
_KILL_DEADLINE = 3.0


@dataclass
class _Running:
    command: Command
    watched: Watched
    follow_up: asyncio.TimerHandle | None = None


@dataclass
class _Warm:
    """A started supervisor."""

    launched: Launched
    channel: Channel
    ready: asyncio.Future[str]
    accounts: Accounts | None = None
    proxy: Proxy | None = None
    audit: Audit | None = None
    tracer: asyncio.subprocess.Process | None = None
    audited: bool = False  # the kernel tells of system calls
    gone: bool = False
    tree: int = -1  # what is written to, as the sandbox sees it, for its free space
    layers: list[int] = field(default_factory=list)  # what takes the writes that are to be kept
    running: dict[str, _Running] = field(default_factory=dict)


class WarmExecutor:
    """Implements OpenExecutor. A sandbox that ended is started anew for the next command, never gone without."""

    def __init__(
        self,
        launcher: Launcher,
        session: Limits,
        find_hierarchy: Callable[[], Hierarchy | None],
        oversight: Oversight = Oversight(),
    ) -> None:
        """`find_hierarchy` is called once the sandbox is on its way, which need not wait for the answer."""
        self.inside = launcher.inside
        self._launcher = launcher
        self._session = session
        self._oversight = oversight
        self._rules = parse_network(session.network)
        self._hierarchy: Hierarchy | None = None
        self._find_hierarchy = find_hierarchy
        self._leaving: set[asyncio.Task[None]] = set()
        self._warm: _Warm | None = None
        self._starting = asyncio.Lock()
        self._count = 0
        self._shut = False
        self._monitor = Monitor()

    @property
    def kept(self) -> Kept:
        """What of its layers reached the directories below them, once it was closed."""
        return self._launcher.kept

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
        if limits.network not in ("none", self._session.network):
            raise SandboxError("all commands of a sandbox share its network: set limits.network in the configuration")
        limits = effective_limits(limits, self._session)
        check_limits(limits)
        check_words(argv, env)
        warm = await self._alive()
        self._check_processors(limits)
        self._count += 1
        ident = str(self._count)
        command = Command(limits, lambda: self._end_tree(warm, ident))
        gauge = Gauge(warm.tree, self._launcher.watched, limits, self._launcher.limited) if warm.tree >= 0 else None
        account: Account | None = None
        try:
            fds = command.connect()
            if warm.accounts:
                account = warm.accounts.open(limits)
                fds = [*fds, *account.doors]
            warm.channel.send(self._request(ident, argv, limits, cwd, env), fds)
        except OSError as error:
            command.abandon()
            if account and warm.accounts:
                warm.accounts.close(account)
            raise SandboxError(f"the sandbox did not take the command: {error}") from None
        watched = Watched(
            command, limits, account, gauge, lambda whole: self._look(warm, ident, whole), self._oversight, warm.proxy
        )
        warm.running[ident] = _Running(command, watched)
        command.begin()
        self._monitor.watch(watched)
        return command

    async def aclose(self) -> None:
        """End the sandbox and all that runs in it."""
        self._shut = True
        warm, self._warm = self._warm, None
        if warm:
            self._hang_up(warm)
        while self._leaving:
            await asyncio.wait(self._leaving)
        self._monitor.close()
        self._launcher.close()

    def _check_processors(self, limits: Limits) -> None:
        if limits.cpus != self._session.cpus and not shares_processors(self._hierarchy):
            raise SandboxError(
                "without a writable cpu cgroup all commands of a sandbox share the processors it was opened with: "
                "set limits.cpus in the configuration instead"
            )

    def _request(
        self, ident: str, argv: Sequence[str], limits: Limits, cwd: str, env: Mapping[str, str] | None
    ) -> list[str | bytes | int]:
        environment = {**self._launcher.environment, **(env or {})}
        counted = self._hierarchy and self._hierarchy.enforces("pids")
        threads = 0 if counted or not (self._launcher.own_users and limits.pids) else limits.pids + OURS
        pairs = [f"{name}={value}" for name, value in environment.items()]
        place = os.path.normpath(os.path.join(self._launcher.root, cwd))
        return ["run", ident, place, threads, len(argv), *argv, *pairs]

    async def _alive(self) -> _Warm:
        async with self._starting:
            if self._shut:
                raise SandboxError("the sandbox is closed")
            if self._warm is None:
                while self._leaving:  # what the last sandbox wrote has to be there for the next one
                    await asyncio.wait(self._leaving)
                self._warm = await self._start()
            return self._warm

    async def _start(self) -> _Warm:
        launched = self._launcher.launch()
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        holder: list[_Warm] = []
        channel = Channel(
            launched.socket, lambda fields, fds: self._hear(holder[0], fields, fds), lambda: self._lost(holder[0])
        )
        warm = _Warm(launched, channel, ready)
        holder.append(warm)
        try:
            hierarchy = self._hierarchy = self._find_hierarchy()
            warm.accounts = Accounts(hierarchy) if hierarchy else None
            doors = warm.accounts.found() if warm.accounts else []
            setup = self._launcher.setup(bound_processors(self._session, hierarchy))
            channel.send(["setup", self._launcher.measured, *setup], doors)
            launched.watch(lambda: self._hang_up(warm))
            if warm.accounts:
                warm.accounts.prepare(effective_limits(Limits(), self._session))
            await self._meet_first(warm)
            if not self._oversight.trace:
                channel.send(["station"])  # its keeper gets ready while we hear that the sandbox stands
            answer = await asyncio.wait_for(ready, _START_DEADLINE)
        except TimeoutError:
            answer = "it did not start in time"
        except OSError as error:
            answer = str(error)
        except BaseException:
            self._hang_up(warm)
            raise
        if answer:
            complaint = launched.complaint()
            self._hang_up(warm)
            raise SandboxError(self._launcher.explain(answer, complaint))
        if self._oversight.trace:
            await self._trace(warm)
        with contextlib.suppress(OSError):  # where it is gone, `_lost` is told as well
            if share := processor_share(self._session, self._hierarchy):
                channel.send(["share", str(share)])
        if warm.audited:
            warm.audit = Audit(warm.layers.pop(), self._oversight.observe)
        if self._launcher.listens:
            warm.proxy = Proxy(self._rules, self._session.network == "ask", self._oversight)
            await warm.proxy.serve(socket.socket(fileno=warm.layers.pop()))
        return warm

    async def _trace(self, warm: _Warm) -> None:
        pid = warm.launched.find_first(self._launcher.direct)
        try:
            warm.tracer = await attach(pid or warm.launched.process.pid, self._oversight.trace)
        except SandboxError:
            self._hang_up(warm)
            raise
        with contextlib.suppress(OSError):  # where it is gone, `_lost` is told as well
            warm.channel.send(["station"])  # not before now: the trace follows only what is started after it began

    async def _meet_first(self, warm: _Warm) -> None:
        """Hold on to the sandbox's first process, by which all of it can be ended. Done while the rest still starts."""
        for _ in range(int(_START_DEADLINE * 1000)):
            pid = warm.launched.find_first(self._launcher.direct)
            if pid is not None and warm.accounts:
                warm.accounts.adopt(pid)
            if pid is not None or warm.launched.process.poll() is not None:
                return
            await asyncio.sleep(0.001)

    def _hear(self, warm: _Warm, fields: list[bytes], fds: list[int]) -> None:
        kind, *rest = fields
        if fds:
            warm.tree, *warm.layers = fds
        if kind == b"ready" and not warm.ready.done():
            warm.audited = rest[1:2] == [b"1"]
            warm.ready.set_result("")
        elif kind == b"failed" and not warm.ready.done():
            warm.ready.set_result(rest[0].decode(errors="replace"))
        elif kind == b"exit" and len(rest) == 5:
            ident, status, user, system, peak = rest
            used = Usage(cpu=(int(user) + int(system)) / 1e6, memory=int(peak) << 10)
            self._finish(warm, ident.decode(), int(status), used)

        elif kind == b"seen" and len(rest) == 4 and (run := warm.running.get(rest[0].decode())):
            run.watched.count(int(rest[3]))
            if run.watched.account is None:
                judge(run.watched, Reading(memory=int(rest[1]), pids=int(rest[2])))

    def _lost(self, warm: _Warm) -> None:
        """The supervisor is gone, and with it all it ran."""
        if warm.gone:
            return
        warm.gone = True
        if self._warm is warm:
            self._warm = None
        if not warm.ready.done():
            warm.ready.set_result("it ended while it was starting")
        for ident, run in list(warm.running.items()):
            if run.watched.account:
                run.watched.account.kill()
                judge(run.watched, run.watched.account.read())
            run.command.fail("sandbox", "the sandbox ended; the next command gets a new one")
            self._finish(warm, ident, 137, Usage())
        if warm.tree >= 0:
            os.close(warm.tree)
            warm.tree = -1
        leaving = asyncio.get_running_loop().create_task(self._leave(warm))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    async def _leave(self, warm: _Warm) -> None:
        """End what may be left of a sandbox and give back what was held for it."""
        warm.channel.close()
        warm.launched.end()
        if warm.proxy:
            await warm.proxy.aclose()
        await warm.launched.wait()
        if warm.audit:
            await asyncio.to_thread(warm.audit.close)
        if warm.tracer:
            await warm.tracer.wait()
        if warm.accounts:
            warm.accounts.abandon()
        if warm.layers:
            await asyncio.to_thread(self._launcher.keep, warm.layers)
        while warm.layers:
            os.close(warm.layers.pop())

    def _finish(self, warm: _Warm, ident: str, status: int, used: Usage) -> None:
        run = warm.running.pop(ident, None)
        if run is None:
            return
        if run.follow_up:
            run.follow_up.cancel()
        watched = run.watched
        self._monitor.forget(watched)
        cpu, memory = used.cpu, max(used.memory, watched.peak)  # between two looks one process may have held more
        if watched.account and warm.accounts:
            reading = watched.account.read()
            cpu, memory = max(cpu, reading.cpu), max(reading.peak, watched.peak) or used.memory
            judge(watched, reading)
            warm.accounts.close(watched.account)
        if warm.tree >= 0:
            judge_disk(watched, status)
        run.command.end(status, Usage(cpu=cpu, memory=memory, pids=watched.pids))

    def _end_tree(self, warm: _Warm, ident: str) -> None:
        run = warm.running.get(ident)
        if run is None:
            return
        self._tell(warm, "kill", ident)
        if run.watched.account:
            run.watched.account.kill()
        loop = asyncio.get_running_loop()
        run.follow_up = loop.call_later(_KILL_DEADLINE, warm.launched.end)

    def _tell(self, warm: _Warm, verb: str, ident: str) -> None:
        with contextlib.suppress(OSError):  # where it is gone, `_lost` is told as well
            warm.channel.send([verb, ident])

    def _look(self, warm: _Warm, ident: str, whole: bool) -> None:
        with contextlib.suppress(OSError):
            warm.channel.send(["look", ident, int(whole)])

    def _hang_up(self, warm: _Warm) -> None:
        warm.channel.close()
        warm.launched.end()
        self._lost(warm)
