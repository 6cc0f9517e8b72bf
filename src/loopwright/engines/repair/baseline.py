"""How the tests fare before any edit: outcomes, durations, lines executed, and which tests cannot be relied on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from loopwright.engines.repair.driver import Driver, jobs

_ENDLESS, _ENDLESS_FIRST = 0.5, 0.04  # seconds of CPU time for a candidate where the test itself never ended
FIRST_LIMIT, _FIRST_SHARE, _FIRST_LEAST = 2.0, 0.02, 0.8  # CPU time a test gets in the first pass: of the budget
_NEXT_SHARE = 0.5  # of that, behind a test that was late: endless loops seldom come alone
_NEXT_TRACED = 0.3  # seconds, where only its lines are wanted: they are known long before
_SECOND_SHARE, _SECOND_MOST = 0.03, 10.0  # of the time, and in seconds: what a late test gets in the second pass
_SECOND_TOGETHER = 0.1  # of the time: what all of them get


@dataclass
class Outcome:
    """One test in one run. `lines` are bit masks of executed lines by absolute path."""

    outcome: str
    seconds: float = 0.0
    failure: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


@dataclass
class Baseline:
    """What is known of every test."""

    tests: list[str]
    files: list[str]
    outcomes: dict[int, Outcome]
    failing: list[int]
    passing: list[int]
    flaky: list[int]
    late: list[int]
    imports: dict[str, int]
    root: str
    seconds: float = 0.0

    def limit(self, test: int) -> float:
        """Seconds of CPU time a candidate may take for the test, from what it took without an edit."""
        known = self.outcomes.get(test)
        if known is None or known.outcome == "late":
            return _ENDLESS
        return 0.3 + 6 * known.seconds

    def first_limit(self, test: int) -> float:
        """The same for the short first pass, until nothing else is left to try."""
        if test in self.late:
            return _ENDLESS_FIRST
        known = self.outcomes.get(test)
        return min(self.limit(test), 2 * _ENDLESS_FIRST + 10 * known.seconds) if known else self.limit(test)

    def framed(self) -> list[str]:
        """Files in the stack frames of the failures."""
        failures = (self.outcomes[t].failure for t in self.failing)
        return list(dict.fromkeys(frame[0] for failure in failures for frame in failure.get("frames") or ()))

    def total(self, tests: Sequence[int]) -> float:
        """Seconds these tests take together; those that never ended have a limit of their own."""
        return sum(self.outcomes[t].seconds for t in tests if t in self.outcomes and t not in self.late)


@dataclass
class _Chain:
    """One pass over the tests; continued behind a test that ended its worker."""

    order: list[int]
    trace: bool
    limit: float
    first: bool = True  # later passes are for what was late
    found: dict[int, Outcome] = field(default_factory=dict)

    def job(self, number: int) -> dict[str, Any]:
        left = [t for t in self.order if t not in self.found]
        limit = self.limit
        if self.first and any(outcome.outcome == "late" for outcome in self.found.values()):
            limit = _NEXT_TRACED if self.trace else _NEXT_SHARE * limit
        return {
            "id": number,
            "tests": left,
            "trace": self.trace,
            "detail": True,
            "cpu": limit,
            "wall": limit * 2 + 2,
        }

    @property
    def done(self) -> bool:
        return all(t in self.found for t in self.order)


async def passes(driver: Driver, chains: list[_Chain], until: float, tell: Callable[[int], None]) -> None:
    """Run the chains at the same time to their end, or until the clock says so."""
    running: dict[int, _Chain] = {}
    number = -1
    for chain in chains:
        if chain.order:
            running[number] = chain
            await driver.send(jobs([chain.job(number)]))
            number -= 1
    while running:
        message = await driver.receive()
        chain_of = running.get(message.get("id", 0))
        if chain_of is None:
            continue
        if message["ev"] == "test":
            test, outcome, seconds, failure, lines = message["row"]
            chain_of.found[test] = Outcome(outcome, seconds, failure, {f: int(m, 16) for f, m in lines.items()})
            tell(len(chain_of.found))
            continue
        del running[message["id"]]
        if not chain_of.done:
            _blame(chain_of, message)
            if not chain_of.done and time.monotonic() < until:
                running[number] = chain_of
                await driver.send(jobs([chain_of.job(number)]))
                number -= 1


def _blame(chain: _Chain, message: dict[str, Any]) -> None:
    """The test that the worker ended at is not run again in this chain."""
    left = [t for t in chain.order if t not in chain.found]
    at = message.get("at", -1)
    if at in chain.found:
        return  # it said itself that it was late
    late = message["end"] == "late"
    failure = {"type": "late" if late else "died", "message": message["end"], "frames": []}
    chain.found[at if at in left else left[0]] = Outcome("late" if late else "f", chain.limit, failure)


async def measure(driver: Driver, budget: float, share: float, tell: Callable[[int], None]) -> Baseline:
    """Run the tests plain and traced, then once more in another order; spends about `share` of the budget at most."""
    seconds = budget * share
    began = time.monotonic()
    until = began + seconds
    ready = driver.ready
    everything = list(range(len(ready["tests"])))
    first = min(FIRST_LIMIT, max(_FIRST_LEAST, _FIRST_SHARE * budget))
    plain, traced = _Chain(everything, False, first), _Chain(everything, True, first)
    await passes(driver, [plain, traced], until, tell)
    late = [t for t, o in plain.found.items() if o.outcome == "late"]
    second = min(_SECOND_MOST, _SECOND_SHARE * budget)
    if late and second > FIRST_LIMIT and time.monotonic() < until:
        halves = [_Chain(late[i::2], False, second, first=False) for i in range(2)]
        await passes(driver, halves, min(until, time.monotonic() + _SECOND_TOGETHER * budget), tell)
        for half in halves:
            plain.found.update(half.found)
    red = [t for t in everything if t in plain.found and plain.found[t].outcome == "f"]
    rest = [t for t in everything if t in plain.found and plain.found[t].outcome == "p"]
    again = _Chain([*red, *reversed(rest)], False, first)
    quick = sum(o.seconds for o in plain.found.values() if o.outcome != "late") < seconds / 8
    if quick:
        await passes(driver, [again], until, tell)
    return _summary(ready, plain.found, traced.found, again.found, time.monotonic() - began)


def _summary(
    ready: dict[str, Any],
    plain: dict[int, Outcome],
    traced: dict[int, Outcome],
    again: dict[int, Outcome],
    seconds: float,
) -> Baseline:
    flaky, failing, passing, outcomes = [], [], [], {}
    imports = {file: int(mask, 16) for file, mask in ready["imports"].items()}
    broken = set(ready["broken"])
    for test, one in plain.items():
        colours = {_colour(found[test].outcome) for found in (plain, again) if test in found}
        if test in traced and traced[test].outcome != "late":  # tracing makes tests slower
            colours.add(_colour(traced[test].outcome))
        lines = traced[test].lines if test in traced else {}
        if test in broken:
            lines = imports  # what was executed until loading failed
        outcomes[test] = Outcome(one.outcome, one.seconds, one.failure or {}, lines)
        if len(colours) > 1:
            flaky.append(test)
        elif colours == {"red"}:
            failing.append(test)
        elif one.outcome == "p":
            passing.append(test)
    return Baseline(
        tests=ready["tests"],
        files=ready["files"],
        outcomes=outcomes,
        failing=failing,
        passing=passing,
        flaky=flaky,
        late=[t for t, o in plain.items() if o.outcome == "late"],
        imports=imports,
        root=ready["root"],
        seconds=seconds,
    )


def _colour(outcome: str) -> str:
    return "red" if outcome in ("f", "late") else "green"
