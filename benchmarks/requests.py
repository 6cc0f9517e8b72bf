"""What is seen of an agent from its model server: when each request came, how large, and what it repeats."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.processes import cpu, peak_memory, tree
from loopwright.testing.model_server_script import Received, Reply, ScriptedCall

END = 10  # turns at each end whose wall clock is compared
CPU_END = 50  # turns at each end whose CPU is compared: the kernel counts it in hundredths of a second


@dataclass
class Watch:
    """Answers `turns` requests with one trivial command each, then with words; keeps what it saw."""

    turns: int
    at: list[float] = field(default_factory=list)  # seconds, each request's arrival
    sizes: list[int] = field(default_factory=list)  # bytes
    kept: int = 0  # requests that repeat the one before and only add to it
    cpu: dict[int, float] = field(default_factory=dict)  # CPU seconds of the agent's tree at some requests
    memory: int = 0  # bytes
    pid: int = 0
    _last: bytes = b""

    def answer(self, request: Received) -> Reply:
        """Note the request and return a command no turn had before, or the last words."""
        number = len(self.at)
        self.at.append(time.perf_counter())
        self.sizes.append(len(request.raw))
        self.kept += appended(self._last, request.raw)
        self._last = request.raw
        if number in (0, self._cpu_end, self.turns - self._cpu_end, self.turns):
            pids = tree(self.pid)
            self.cpu[number] = cpu(pids)
            self.memory = max(self.memory, peak_memory(pids))
            self.at[-1] = time.perf_counter()  # looking is not the agent's time
        if number >= self.turns:
            return Reply(text="Done.")
        return Reply(calls=(ScriptedCall("shell", {"command": f"true {number}"}),))

    @property
    def _cpu_end(self) -> int:
        return min(CPU_END, self.turns // 2)

    @property
    def walls(self) -> list[float]:
        """Milliseconds of each turn, from one request to the next."""
        return [(after - before) * 1000 for before, after in zip(self.at, self.at[1:], strict=False)]

    def summary(self) -> dict[str, float]:
        """Return the figures of a whole run. Raises RuntimeError where the agent did not go through every turn."""
        if len(self.at) != self.turns + 1:
            raise RuntimeError(f"the agent made {len(self.at)} requests instead of {self.turns + 1}")
        first, last = self.walls[:END], self.walls[-END:]
        used = (self.cpu[self.turns] - self.cpu[0]) * 1000 / self.turns
        end = self._cpu_end
        first_cpu = (self.cpu[end] - self.cpu[0]) * 1000 / end
        last_cpu = (self.cpu[self.turns] - self.cpu[self.turns - end]) * 1000 / end
        return {
            "wall_ms": statistics.median(self.walls),
            "cpu_ms": used,
            "first_ms": statistics.median(first),
            "last_ms": statistics.median(last),
            "growth_ms": statistics.median(last) - statistics.median(first),
            "growth_cpu_ms": last_cpu - first_cpu,
            "first_bytes": self.sizes[0],
            "last_bytes": self.sizes[-1],
            "prefix": self.kept / self.turns,
            "memory": self.memory,
            "start_cpu": self.cpu[0],
        }


def appended(before: bytes, now: bytes) -> bool:
    """Say whether `now` is `before` with something put in at one place, nothing changed before or after it."""
    if not before:
        return False
    shared = _longest(lambda n: now.startswith(before[:n]), len(before))
    return shared > 0 and now.endswith(before[shared:])


def _longest(holds: Callable[[int], bool], limit: int) -> int:
    """The largest n up to limit that holds, where all smaller ones do."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low
