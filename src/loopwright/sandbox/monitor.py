"""Looks at running commands a few times a second and ends those that passed a limit on their whole tree."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from loopwright.core.oversight import Oversight, Sample
from loopwright.core.running import Limits, Reason
from loopwright.sandbox.accounts import Account
from loopwright.sandbox.anomalies import Anomalies
from loopwright.sandbox.cgroups import Reading
from loopwright.sandbox.disk import Gauge
from loopwright.sandbox.proxy import Proxy

#: Seconds between two looks; the first ones come sooner, since a storm of processes needs no longer to be over.
INTERVAL = 0.2
_EARLY = 0.025
#: Past its beginning a command is looked at no more often than a limit could be passed that only looks hold: bytes a
#: second, more than two processors here write into new memory (2 GiB/s each).
_CALM = 0.5
_CALM_AGE = 2.0
_FILL = 4 << 30
#: Where the kernel holds every limit, looks only tell behaviour, which is judged over seconds.
_CALMEST = 1.0
_CALMER = 0.1
#: Seconds of processor time without which no storm of processes can have been (one takes some 50 microseconds).
_IDLE = 0.01
#: Without a control group nothing else holds memory: a look each time a command is older by this share of its age.
_SHARE = 0.25


class Watchable(Protocol):
    """A command as it is watched: its age in seconds, the bytes it printed, and why it is ended, if it is."""

    @property
    def printed(self) -> int: ...

    @property
    def reason(self) -> Reason: ...

    @property
    def age(self) -> float: ...

    def stop(self, reason: Reason, detail: str) -> None: ...


@dataclass
class Watched:
    """A running command and what is known of it. `ask` requests a look from inside: at the whole tree where True."""

    command: Watchable
    limits: Limits
    account: Account | None
    gauge: Gauge | None
    ask: Callable[[bool], None]
    oversight: Oversight
    proxy: Proxy | None
    peak: int = 0
    pids: int = 0
    now: Reading = field(default_factory=Reading)
    last: int = 0  # the number of the latest process
    started: int = 0  # processes, all in all
    asked: float = 0.0  # its age when the inside was last asked how many there were
    asked_at: float = 0.0  # and the processor time it had used by then
    disk_before: int = 0
    inodes_before: int = 0
    requests_before: int = 0
    denied_before: int = 0

    def __post_init__(self) -> None:
        self.anomalies = Anomalies(self.oversight.thresholds)
        if self.gauge:
            left = self.gauge.left
            self.disk_before, self.inodes_before = left.bytes, left.inodes or 0
        if self.proxy:
            self.requests_before, self.denied_before = self.proxy.requests, self.proxy.denied

    def sample(self) -> Sample:
        """What it uses now."""
        left = self.gauge.left if self.gauge else None
        return Sample(
            seconds=self.command.age,
            cpu=self.now.cpu,
            memory=self.now.memory,
            pids=self.now.pids,
            disk=self.disk_before - left.bytes if left else 0,
            inodes=self.inodes_before - (left.inodes or 0) if left else 0,
            output=self.command.printed,
            requests=self.proxy.requests - self.requests_before if self.proxy else 0,
            denied=self.proxy.denied - self.denied_before if self.proxy else 0,
        )

    def request(self) -> None:
        """Ask the inside where the answer may tell something new: each look costs three processes a waking."""
        if self.account is None:
            self.ask(True)
            return
        age, used = self.command.age, self.now.cpu
        idle = used > 0 and used - self.asked_at < _IDLE  # zero: nothing counts it
        if age < _CALM_AGE or (age - self.asked >= _CALM and not idle):
            self.asked, self.asked_at = age, used
            self.ask(False)

    @property
    def patience(self) -> float:
        """Seconds within which a look is due."""
        age = self.command.age
        if age < _CALM_AGE:
            return INTERVAL
        rooms = []
        if self.account is None and self.limits.memory:
            rooms.append(self.limits.memory - self.now.memory)
        if self.gauge and not self.gauge.exact:
            rooms.append(self.gauge.room)
        if not rooms and self.account:
            return max(_CALM, min(_CALMEST, _CALMER * age))
        return max(INTERVAL, min([_CALM, *(room / _FILL for room in rooms)]))

    def count(self, last: int) -> None:
        """Take the number of the latest process; where numbers began anew, nothing is counted."""
        if self.last:
            self.started += max(0, last - self.last)
        self.last = last


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
            watched.request()
            judge_disk(watched, None)
            judge_behaviour(watched)
        self._pause = min([2 * self._pause, *(w.patience for w in self._watched.values()), *self._hurry()])
        if self._watched:
            self._wait()

    def _hurry(self) -> list[float]:
        return [max(_EARLY, _SHARE * w.command.age) for w in self._watched.values() if w.account is None]

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
    watched.now = reading
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


def judge_behaviour(watched: Watched) -> None:
    """Tell what the command uses, and end one that behaves as no ordinary command does."""
    sample = watched.sample()
    watched.oversight.observe(sample)
    found = watched.anomalies.judge(sample, watched.started)
    if found and not watched.command.reason:
        watched.oversight.observe(found)
        watched.command.stop("anomaly", f"{found.kind}: {found.detail}")
