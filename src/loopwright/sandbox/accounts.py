"""Which control group a command is counted in.

To move between groups costs time (milliseconds in version 2), to be born in one nothing. So the sandbox's first
process moves once, and a command that runs alone is counted there, against what was counted before it. Commands that
run at the same time, or after much was left behind in memory, get groups of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from loopwright.core.running import Limits
from loopwright.sandbox.cgroups import Group, Hierarchy, Reading, new_group

#: The supervisor and the command's keeper.
OURS = 2


@dataclass
class Account:
    """One command's count. `own` says that the group holds nothing but the command."""

    group: Group
    own: bool
    before: Reading = field(default_factory=Reading)

    @property
    def doors(self) -> list[int]:
        """Descriptors the command enters its group by; none where it is born in it."""
        return self.group.doors if self.own else []

    def read(self) -> Reading:
        """What the command used so far."""
        now = self.group.read()
        if self.own:
            return now
        return replace(
            now,
            cpu=max(0.0, now.cpu - self.before.cpu),
            memory=max(0, now.memory - self.before.memory),
            peak=max(0, now.peak - self.before.memory) if now.peak > self.before.peak else 0,
            pids=max(0, now.pids - OURS),
            memory_kills=now.memory_kills - self.before.memory_kills,
            pids_refused=now.pids_refused - self.before.pids_refused,
        )

    def kill(self) -> None:
        """End what is in the group, where that is the command alone."""
        if self.own:
            self.group.kill()


class Accounts:
    """The groups of one sandbox."""

    def __init__(self, hierarchy: Hierarchy) -> None:
        self._hierarchy = hierarchy
        self._home: Group | None = None
        self._lent = False
        self._limits: Limits | None = None

    def found(self) -> list[int]:
        """Descriptors by which the sandbox's first process enters a group of its own; none where `adopt` moves it.

        Raises OSError where the kernel refuses the group.
        """
        self._home = new_group(self._hierarchy)
        self._home.read()  # opens what is read before the first command, while nobody waits for it yet
        return self._home.doors if self._hierarchy.version == 1 else []

    def adopt(self, pid: int) -> None:
        """Move the sandbox's first process from here where it does not enter by itself. Raises OSError.

        In version 2 both cost the same, and before Linux 5.16 the kernel asked for rights in the cgroup namespace of
        whoever writes, which in there is the sandbox's own.
        """
        if self._home is not None and self._hierarchy.version == 2:
            self._home.enter(pid)

    def prepare(self, limits: Limits) -> None:
        """Write what the first command's limits will most likely be, while nobody waits for it. Raises OSError."""
        if self._home is not None:
            self._limit(self._home, limits, Reading(memory=1))

    def open(self, limits: Limits) -> Account:
        """An account with these limits. Raises OSError where the kernel refuses a group or a limit."""
        home = self._home
        if home is not None and not self._lent:
            home.reset()
            before = home.read()
            if limits.memory is None or before.memory * 4 <= limits.memory:
                self._limit(home, limits, before)
                self._lent = True
                return Account(home, False, before)
        group = new_group(self._hierarchy)
        try:
            group.set_limits(limits)
        except OSError:
            group.remove()
            raise
        return Account(group, True)

    def close(self, account: Account) -> None:
        """The command has ended."""
        if not account.own:
            self._lent = False
        elif not account.group.remove():
            account.group.kill()
            account.group.remove()

    def abandon(self) -> None:
        """The sandbox has ended: remove its group."""
        home, self._home, self._lent, self._limits = self._home, None, False, None
        if home is not None and not home.remove():
            home.kill()
            home.remove()

    def _limit(self, home: Group, limits: Limits, before: Reading) -> None:
        memory = None if limits.memory is None else _rounded(limits.memory, before.memory)
        pids = None if limits.pids is None else limits.pids + OURS
        wanted = Limits(memory=memory, pids=pids, cpus=limits.cpus)
        if wanted != self._limits:
            home.set_limits(wanted, self._limits)
            self._limits = wanted


def _rounded(limit: int, before: int) -> int:
    """The limit above what was there before in whole MiB, or in steps of 1/256 of it: so the same need not be written
    again for every command."""
    step = max(limit >> 8, 1 << 20)
    return limit + (before + step - 1) // step * step
