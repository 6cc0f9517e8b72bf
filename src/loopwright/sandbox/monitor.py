"""Looks at running commands a few times a second and ends those that passed a limit on their whole tree."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from loopwright.core.running import Limits
from loopwright.sandbox.accounts import Account
from loopwright.sandbox.cgroups import Reading
from loopwright.sandbox.command import Command
from loopwright.sandbox.disk import Gauge

#: Seconds between two looks; the first ones come sooner, since a storm of processes needs no longer to be over.
INTERVAL = 0.2
_EARLY = 0.025


@dataclass
class Watched:
    """A running command and what is known of it. `ask` requests a measurement where no account does."""

    command: Command
    limits: Limits
    account: Account | None
    gauge: Gauge | None
    ask: Callable[[], None]
    peak: int = 0
    pids: int = 0


class Monitor:
    """One timer for all commands of a sandbox; it runs only while one of them does."""

    def __init__(self) -> None:
        self._watched: dict[int, Watched] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._pause = INTERVAL

    def watch(self, watched: Watched) -> None:
        """Look after a command until `forget`."""
        self._watched[id(watched)] = watched
        self._pause = _EARLY
        self._wait()

    def forget(self, watched: Watched) -> None:
        """The command has ended."""
        self._watched.pop(id(watched), None)

    def close(self) -> None:
        """Look no more."""
        if self._timer:
            self._timer.cancel()

    def _look(self) -> None:
        self._timer = None
        for watched in list(self._watched.values()):
            if watched.account:
                judge(watched, watched.account.read())
            else:
                watched.ask()
            judge_disk(watched, None)
        self._pause = min(INTERVAL, 2 * self._pause)
        if self._watched:
            self._wait()

    def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + self._pause
        if self._timer is None or self._timer.when() > due:
            if self._timer:
                self._timer.cancel()
            self._timer = loop.call_at(due, self._look)


def judge(watched: Watched, reading: Reading) -> None:
    """End a command that hit a limit on its tree. One that ended by itself meanwhile has hit it all the same: a fork
    bomb's first process may end well while the rest of it is refused."""
    limits, counted = watched.limits, watched.account is not None
    watched.peak = max(watched.peak, reading.peak, reading.memory)
    watched.pids = max(watched.pids, reading.pids)
    if limits.memory and (reading.memory_kills or (not counted and reading.memory > limits.memory)):
        watched.command.stop("memory", f"more than {limits.memory >> 20} MiB of memory")
    elif limits.pids and (reading.pids_refused or (not counted and reading.pids >= limits.pids)):
        watched.command.stop("pids", f"more than {limits.pids} processes")


def judge_disk(watched: Watched, status: int | None) -> None:
    """End a command that wrote more than it may."""
    found = watched.gauge.judge() if watched.gauge and status != 0 else None
    if found:
        watched.command.stop(*found)
