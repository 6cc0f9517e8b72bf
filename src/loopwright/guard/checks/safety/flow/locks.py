"""Locks that are held, and the orders in which they are taken."""

from __future__ import annotations

from collections.abc import Callable

from loopwright.core.rules import Level
from loopwright.guard.checks.safety.finding import Name
from loopwright.guard.checks.safety.flow.values import Value

#: What only one may hold, and who holds it not again.
LOCKS = frozenset({"threading.Lock()", "multiprocessing.Lock()", "asyncio.Lock()"})


class Locks:
    """The locks that are held at the current place."""

    def __init__(self, report: Callable[[Name, Level, int, str], None]) -> None:
        self.held: list[Value] = []
        self._orders: set[tuple[int, int]] = set()  # locks of which the second was taken while the first was held
        self._report = report

    def take(self, lock: Value, line: int) -> Value:
        """Note that a lock is taken, and judge it against those that are held."""
        if lock.ref not in LOCKS:
            return lock
        if any(lock is each for each in self.held):
            why = "a lock is taken by who holds it already, and waits for itself for ever; an RLock is fine"
            self._report("time", "block", line, why)
        for each in self.held:
            if (id(lock), id(each)) in self._orders:
                why = "two locks are taken in the one order here and in the other there, so that each may wait for ever"
                self._report("time", "block", line, f"{why}; take them in one order")
            self._orders.add((id(each), id(lock)))
        self.held.append(lock)
        return lock

    def release(self, lock: Value) -> None:
        """Note that a lock is given back."""
        self.held = [each for each in self.held if each is not lock]
