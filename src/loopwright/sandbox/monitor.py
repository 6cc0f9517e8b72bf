"""Looks at running commands a few times a second and ends those that passed a limit on their whole tree."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from loopwright.core.running import Limits
from loopwright.sandbox.cgroups import Group, Reading
from loopwright.sandbox.command import Command

_INTERVAL = 0.2  # seconds


@dataclass
class _Watched:
    command: Command
    limits: Limits
    group: Group | None
    sandbox: int


class Monitor:
    """One timer for all commands of a sandbox; it runs only while one of them does."""

    def __init__(self, view: str) -> None:
        self._view = view
        self._watched: dict[int, _Watched] = {}
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, command: Command, limits: Limits, group: Group | None, sandbox: int) -> None:
        """Look after a command until `forget`."""
        self._watched[id(command)] = _Watched(command, limits, group, sandbox)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_INTERVAL, self._look)

    def forget(self, command: Command) -> None:
        self._watched.pop(id(command), None)

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _look(self) -> None:
        self._timer = None
        for watched in list(self._watched.values()):
            if watched.group:
                judge(watched.command, watched.group.read(), watched.limits, None)
        if self._watched:
            self._timer = asyncio.get_running_loop().call_later(_INTERVAL, self._look)


def judge(command: Command, reading: Reading, limits: Limits, status: int | None) -> None:
    """End a command that hit a limit of its group; `status` is that of one that ended by itself.

    A refused process alone is no reason where the command succeeded all the same.
    """
    if reading.memory_kills and limits.memory:
        command.stop("memory", f"more than {limits.memory >> 20} MiB of memory")
    elif reading.pids_refused and limits.pids and status != 0:
        command.stop("pids", f"more than {limits.pids} processes")
