"""Commands in one warm sandbox: each is started by a supervisor that is kept running."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence

from loopwright.core.errors import SandboxError
from loopwright.core.oversight import Oversight
from loopwright.core.running import Limits, Process
from loopwright.sandbox.accounts import OURS, Account
from loopwright.sandbox.cgroups import Hierarchy
from loopwright.sandbox.command import Command
from loopwright.sandbox.disk import Gauge
from loopwright.sandbox.keeping import Kept
from loopwright.sandbox.launch import Launcher
from loopwright.sandbox.limits import check_limits, effective_limits, shares_processors
from loopwright.sandbox.monitor import Monitor, Watched
from loopwright.sandbox.network_rules import parse_network
from loopwright.sandbox.warm import Running, Warm
from loopwright.sandbox.words import check_words


class WarmExecutor:
    """Implements OpenExecutor. A sandbox that ended is started anew for the next command, never gone without."""

    def __init__(
        self,
        launcher: Launcher,
        session: Limits,
        find_hierarchy: Callable[[], Hierarchy | None],
        oversight: Oversight = Oversight(),
    ) -> None:
        """`find_hierarchy` is called once the sandbox is on its way, which need not wait for the answer.

        Raises SandboxError for a network that makes no sense.
        """
        parse_network(session.network)
        self.inside = launcher.inside
        self._launcher = launcher
        self._session = session
        self._oversight = oversight
        self._find_hierarchy = find_hierarchy
        self._leaving: set[asyncio.Task[None]] = set()
        self._warm: Warm | None = None
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
        self._check_processors(limits, warm.hierarchy)
        self._count += 1
        ident = str(self._count)
        command = Command(limits, lambda: warm.end_tree(ident))
        gauge = Gauge(warm.tree, self._launcher.watched, limits, self._launcher.limited) if warm.tree >= 0 else None
        account: Account | None = None
        try:
            fds = command.connect()
            if warm.accounts:
                account = warm.accounts.open(limits)
                fds = [*fds, *account.doors]
            warm.channel.send(self._request(ident, argv, limits, cwd, env, warm.hierarchy), fds)
        except OSError as error:
            command.abandon()
            if account and warm.accounts:
                warm.accounts.close(account)
            raise SandboxError(f"the sandbox did not take the command: {error}") from None

        def look(whole: bool) -> None:
            warm.tell("look", ident, str(int(whole)))

        watched = Watched(command, limits, account, gauge, look, self._oversight, warm.proxy)
        warm.running[ident] = Running(command, watched)
        command.begin()
        self._monitor.watch(watched)
        return command

    async def aclose(self) -> None:
        """End the sandbox and all that runs in it."""
        self._shut = True
        warm, self._warm = self._warm, None
        if warm:
            warm.hang_up()
        while self._leaving:
            await asyncio.wait(self._leaving)
        self._monitor.close()
        self._launcher.close()

    def _check_processors(self, limits: Limits, hierarchy: Hierarchy | None) -> None:
        if limits.cpus != self._session.cpus and not shares_processors(hierarchy):
            raise SandboxError(
                "without a writable cpu cgroup all commands of a sandbox share the processors it was opened with: "
                "set limits.cpus in the configuration instead"
            )

    def _request(
        self,
        ident: str,
        argv: Sequence[str],
        limits: Limits,
        cwd: str,
        env: Mapping[str, str] | None,
        hierarchy: Hierarchy | None,
    ) -> list[str | bytes | int]:
        environment = {**self._launcher.environment, **(env or {})}
        counted = hierarchy and hierarchy.enforces("pids")
        threads = 0 if counted or not (self._launcher.own_users and limits.pids) else limits.pids + OURS
        pairs = [f"{name}={value}" for name, value in environment.items()]
        place = os.path.normpath(os.path.join(self._launcher.root, cwd))
        return ["run", ident, place, threads, len(argv), *argv, *pairs]

    async def _alive(self) -> Warm:
        async with self._starting:
            if self._shut:
                raise SandboxError("the sandbox is closed")
            if self._warm is None:
                while self._leaving:  # what the last sandbox wrote has to be there for the next one
                    await asyncio.wait(self._leaving)
                warm = Warm(self._launcher, self._session, self._oversight, self._monitor, self._lost)
                await warm.begin(self._find_hierarchy)
                if warm.gone:
                    raise SandboxError("the sandbox ended while it was starting: try again")
                self._warm = warm
            return self._warm

    def _lost(self, warm: Warm) -> None:
        if self._warm is warm:
            self._warm = None
        leaving = asyncio.get_running_loop().create_task(warm.leave())
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)
