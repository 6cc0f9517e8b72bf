"""A share of the processors for all commands together, where no control group gives one.

What has run ahead of its share is stopped, and goes on when time has caught up. The whole pid namespace is stopped in
one step, so that no fork slips through and nobody is left who could wake the rest.
"""

from __future__ import annotations

import _signal as signal
import os
import time

#: Seconds between two looks. What was used meanwhile beyond the share is waited for.
_PERIOD = 0.05
#: A stop that is longer is looked at again in between; one that is shorter would cost more than it takes.
_SHORTEST_STOP, _LONGEST_STOP = 0.005, 0.5
_CLOCK_OF_PROCESS = 2  # CPUCLOCK_SCHED of a whole process: linux/posix-timers.h


class Pace:
    """Serves the first process of a pid namespace; it cannot be stopped or killed from inside."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._most = len(os.sched_getaffinity(0))  # processors' worth of time that can pass at once
        self._looked = self._due = 0.0
        self._total = 0.0
        self._ahead = 0.0  # seconds of processor used beyond the share
        self._stopped: set[int] | None = None  # while all is stopped: who had been before

    def begin(self) -> None:
        """A command starts, the only one: what was used before is forgotten."""
        if not self._due:
            self._total, _ = used()
            self._looked, self._ahead = time.monotonic(), 0.0
            self._look_in(_PERIOD)

    def end(self) -> None:
        """No command is left."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        self._due = 0.0
        self._go()

    def look(self) -> None:
        """Stop everything or let it go on, by what was used since the last time."""
        now = time.monotonic()
        if not self._due or now < self._due:  # anyone inside can send the signal as well
            return
        passed, self._looked = now - self._looked, now
        total, stopped = used()
        grown = min(max(0.0, total - self._total), self._most * passed)
        self._total = total
        self._ahead = max(-self._share * _PERIOD, self._ahead + grown - self._share * passed)
        if self._ahead <= 0:
            self._go()
            self._look_in(_PERIOD)
            return
        if self._stopped is None:
            self._stopped = stopped
            _send(-1, signal.SIGSTOP)
        self._look_in(min(max(self._ahead / self._share, _SHORTEST_STOP), _LONGEST_STOP))

    def _go(self) -> None:
        before, self._stopped = self._stopped, None
        if before is None:
            return
        for pid in _processes():
            if pid not in before:
                _send(pid, signal.SIGCONT)

    def _look_in(self, seconds: float) -> None:
        self._due = time.monotonic() + seconds
        signal.setitimer(signal.ITIMER_REAL, seconds)


def used() -> tuple[float, set[int]]:
    """Seconds of processor that all processes here and the children they waited for have used, and who is stopped."""
    total, stopped = 0.0, set()
    tick = os.sysconf("SC_CLK_TCK")
    for pid in _processes():
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                words = file.read().rpartition(b")")[2].split()
            total += (int(words[13]) + int(words[14])) / tick + time.clock_gettime(~pid << 3 | _CLOCK_OF_PROCESS)
        except (OSError, IndexError, ValueError):
            continue  # it has ended
        if words[0] == b"T":
            stopped.add(pid)
    return total, stopped


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except OSError:
        return  # it has ended, or there is none
