"""One warm container, and the commands it runs for us."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from loopwright.core.errors import SandboxError
from loopwright.core.oversight import Oversight
from loopwright.core.running import Limits, Process, Reason, Stream, Usage
from loopwright.sandbox.audit import Audit
from loopwright.sandbox.container_command import ContainerCommand
from loopwright.sandbox.container_counters import Counters
from loopwright.sandbox.container_frames import Frame
from loopwright.sandbox.container_limits import check_container_limits, less
from loopwright.sandbox.container_link import Link
from loopwright.sandbox.container_running import Running, judge_disk, judge_tree, said
from loopwright.sandbox.disk import Gauge
from loopwright.sandbox.docker_container import Container
from loopwright.sandbox.keeping import Kept
from loopwright.sandbox.limits import effective_limits
from loopwright.sandbox.monitor import Watched, judge_behaviour
from loopwright.sandbox.network_rules import parse_network
from loopwright.sandbox.proxy import Proxy
from loopwright.sandbox.words import check_words

#: Seconds a killed tree has to be gone before its container is removed.
_KILL_DEADLINE = 3.0
#: Seconds between two looks at what commands hold and have written.
_LOOK = 0.2
_STREAMS: dict[bytes, Stream] = {b"o": "out", b"e": "err"}
_COUNTED = ("memory", "pids")


class Builder(Protocol):
    """Makes the containers of one executor, each over the same view."""

    inside: str
    root: str
    audits: bool  # system calls are told of, where the kernel can and this process may take the listener
    environment: Mapping[str, str]
    kept: Kept

    @property
    def setup(self) -> bytes:
        """The first request to a container's first process."""
        ...

    async def build(self) -> Container:
        """Raises SandboxError with what to do where none can be started."""
        ...

    async def discard(self, container: Container) -> str:
        """Remove a container, whatever state it is in; returns why it had ended by itself, if that is known."""
        ...

    def counters(self, container: Container) -> Counters | None:
        """The kernel's counters of a container; None where they cannot be read from here."""
        ...

    def borrow(self, container: Container, numbers: Sequence[int]) -> list[int]:
        """Descriptors of the container's first process. Raises SandboxError where they cannot be taken."""
        ...

    def gauge(self, limits: Limits) -> Gauge | None:
        """What judges a command's writing."""
        ...

    def close(self) -> None:
        """Remove what was made on this side, once nothing runs any more."""
        ...


@dataclass
class _Warm:
    """A started container."""

    container: Container
    ready: asyncio.Future[str]
    link: Link | None = None
    gone: bool = False
    audited: bool = False  # the last of what is lent tells of system calls
    lent: list[int] = field(default_factory=list)  # descriptors of the first process that are for us
    counters: Counters | None = None
    audit: Audit | None = None
    proxy: Proxy | None = None
    running: dict[int, Running] = field(default_factory=dict)


class ContainerExecutor:
    """Implements OpenExecutor. A container that ended is built anew for the next command, never gone without."""

    def __init__(
        self, builder: Builder, session: Limits, start_seconds: float, oversight: Oversight = Oversight()
    ) -> None:
        self.inside = builder.inside
        self._oversight, self._rules = oversight, parse_network(session.network)
        self._builder, self._session, self._start_seconds = builder, session, start_seconds
        self._warm: _Warm | None = None
        self._starting = asyncio.Lock()
        self._leaving: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._count = 0
        self._shut = False

    @property
    def kept(self) -> Kept:
        """What of its layers reached the directories below them, once it was closed."""
        return self._builder.kept

    async def open(self) -> None:
        """Start the container. Raises SandboxError with what to do where it cannot start."""
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
        check_container_limits(limits, self._session)
        limits = effective_limits(limits, self._session)
        check_container_limits(limits, self._session)
        request = self._request(argv, cwd, env)
        warm = await self._alive()
        link = warm.link
        assert link is not None
        self._count += 1
        ident = self._count
        command = ContainerCommand(
            limits, lambda kind, data: link.send(kind, ident, data), lambda: self._end_tree(warm, ident)
        )
        narrower = warm.counters is None or any(
            less(getattr(limits, name), getattr(self._session, name)) for name in _COUNTED
        )
        gauge = self._builder.gauge(limits)
        watched = Watched(command, limits, None, gauge, lambda _: link.send(b"l", ident), self._oversight, warm.proxy)
        warm.running[ident] = Running(command, watched, narrower)
        link.send(b"r", ident, request)
        if warm.gone:
            raise SandboxError("the container ended before it took the command")
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_LOOK, self._look, warm)
        return command

    async def aclose(self) -> None:
        """End the container and all that runs in it."""
        self._shut = True
        warm = self._warm
        if warm:
            self._lose(warm, "the sandbox was closed")
        while self._leaving:
            await asyncio.wait(self._leaving)
        await asyncio.to_thread(self._builder.close)

    def _request(self, argv: Sequence[str], cwd: str, env: Mapping[str, str] | None) -> bytes:
        check_words(argv, env)
        pairs = [f"{name}={value}" for name, value in {**self._builder.environment, **(env or {})}.items()]
        place = os.path.normpath(os.path.join(self._builder.root, cwd))
        words = [place, "0", str(len(argv)), *argv, *pairs]
        return b"\0".join(os.fsencode(word) for word in words)

    async def _alive(self) -> _Warm:
        async with self._starting:
            if self._shut:
                raise SandboxError("the sandbox is closed")
            if self._warm is None:
                while self._leaving:
                    await asyncio.wait(self._leaving)
                self._warm = await self._start()
            return self._warm

    async def _start(self) -> _Warm:
        warm = _Warm(await self._builder.build(), asyncio.get_running_loop().create_future())
        warm.link = Link(
            warm.container.socket, lambda frame: self._hear(warm, frame), lambda why: self._lose(warm, why)
        )
        warm.link.send(b"s", 0, self._builder.setup)
        try:
            answer = await asyncio.wait_for(warm.ready, self._start_seconds)
        except TimeoutError:
            answer = f"its first process did not answer within {self._start_seconds:g} s"
        except BaseException:
            self._lose(warm, "")
            raise
        if answer:
            self._lose(warm, "")
            raise SandboxError(f"the container cannot start: {answer}")
        warm.counters = await asyncio.to_thread(self._builder.counters, warm.container)
        try:
            await self._take_lent(warm)
        except SandboxError:
            self._lose(warm, "")
            if not self._builder.audits or self._rules or self._session.network != "none":
                raise
            self._builder.audits = False  # its calls would wait for ever: a container without
            return await self._start()
        return warm

    async def _take_lent(self, warm: _Warm) -> None:
        """Serve what the first process has listening inside: the audit, the way to the network."""
        if warm.lent:
            taken = await asyncio.to_thread(self._builder.borrow, warm.container, warm.lent)
            if warm.link:
                warm.link.send(b"t", 0)
            if warm.audited:
                warm.audit = Audit(taken.pop(), self._oversight.observe)
            if taken:
                warm.proxy = Proxy(self._rules, self._session.network == "ask", self._oversight)
                await warm.proxy.serve(socket.socket(fileno=taken.pop()))

    def _hear(self, warm: _Warm, frame: Frame) -> None:
        run = warm.running.get(frame.ident)
        try:
            if frame.kind == b"s" and not warm.ready.done():
                word, *rest = frame.fields()
                if word == b"ready":
                    warm.audited, warm.lent = rest[1] == b"1", [int(number) for number in rest[2:]]
                warm.ready.set_result("" if word == b"ready" else b" ".join(rest).decode(errors="replace"))
            elif run and frame.kind in _STREAMS:
                run.command.take(_STREAMS[frame.kind], frame.payload)
            elif run and frame.kind == b"w":
                run.command.taken(int(frame.payload))
            elif run and frame.kind == b"v":
                judge_tree(run, *map(int, frame.fields()))
                judge_behaviour(run.watched)
            elif run and frame.kind == b"x":
                status, user, system, peak = map(int, frame.fields())
                self._finish(warm, frame.ident, status, Usage(0, (user + system) / 1e6, peak << 10))
        except (ValueError, TypeError):
            raise SandboxError("the container's first process does not keep to its protocol") from None

    def _judge_counters(self, warm: _Warm) -> None:
        """The kernel's own limits on the whole container were hit: by the only command, or by the largest."""
        hit = warm.counters.news() if warm.counters else ""
        if hit and warm.running:
            run = max(warm.running.values(), key=lambda run: (run.command.peak, run.command.pids))
            run.command.stop(hit, said(hit, self._session))

    def _look(self, warm: _Warm) -> None:
        self._timer = None
        self._judge_counters(warm)
        for ident, run in warm.running.items():
            if warm.link:
                warm.link.send(b"l", ident)
            judge_disk(run, None)
        if warm.running:
            self._timer = asyncio.get_running_loop().call_later(_LOOK, self._look, warm)

    def _finish(self, warm: _Warm, ident: int, status: int, used: Usage) -> None:
        if ident in warm.running:
            self._judge_counters(warm)
        run = warm.running.pop(ident, None)
        if run is None:
            return
        if run.follow_up:
            run.follow_up.cancel()
        judge_disk(run, status)
        run.command.end(status, used)

    def _end_tree(self, warm: _Warm, ident: int) -> None:
        run = warm.running.get(ident)
        if run is None or warm.link is None:
            return
        warm.link.send(b"k", ident)
        loop = asyncio.get_running_loop()
        run.follow_up = loop.call_later(_KILL_DEADLINE, self._lose, warm, "a killed command did not end")

    def _lose(self, warm: _Warm, why: str) -> None:
        """The container is gone, or is to go, and with it all it ran."""
        if warm.gone:
            return
        warm.gone = True
        if self._warm is warm:
            self._warm = None
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if warm.link:
            warm.link.close()
        leaving = asyncio.get_running_loop().create_task(self._leave(warm, why))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    async def _leave(self, warm: _Warm, why: str) -> None:
        """Remove what is left of a container; then its commands have ended, and why is known."""
        why = await self._builder.discard(warm.container) or why
        reason: Reason = "memory" if "memory" in why else "sandbox"
        detail = (
            why
            if reason == "memory"
            else f"the container ended{': ' * bool(why)}{why}; the next command gets a new one"
        )
        if not warm.ready.done():
            warm.ready.set_result(why or "it ended while it was starting")
        for ident, run in list(warm.running.items()):
            run.command.note(reason, detail)
            self._finish(warm, ident, 137, Usage())
        if warm.counters:
            warm.counters.close()
        if warm.proxy:
            await warm.proxy.aclose()
        if warm.audit:
            await asyncio.to_thread(warm.audit.close)
