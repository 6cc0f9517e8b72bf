"""What the failing tests had where they first reached each line: a run of some of them with a look at types."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import anyio

from loopwright.engines.repair.baseline import Baseline
from loopwright.engines.repair.driver import Driver, DriverDied, jobs
from loopwright.engines.repair.kinds import sample

_TESTS = 4  # failing tests that are looked at
#: CPU time of a test: seconds more than many times what it takes, at most; where it does not end. It says what it has.
_LEAST, _MANY, _MOST, _LATE = 1.0, 30, 4.0, 0.3
_RAISES = ("DID NOT RAISE", "not raised")  # a test that fails so wants an exception


@dataclass
class Seen:
    """What one test had where it first reached each line."""

    lines: dict[str, dict[int, tuple[int, dict[str, Any]]]] = field(default_factory=dict)
    names: list[frozenset[str]] = field(default_factory=list)
    modules: dict[str, dict[str, Any]] = field(default_factory=dict)


async def see(driver: Driver, baseline: Baseline, found: dict[int, Seen], seconds: float) -> None:
    """Run some of the failing tests once more, for so long at most, and note in `found` what each of them had.

    A driver that dies meanwhile is left to those who have work for it.
    """
    with anyio.move_on_after(seconds), contextlib.suppress(DriverDied):
        messages = {message["id"]: message for message in _messages(baseline)}
        await driver.send(jobs(list(messages.values())))
        while messages:
            answer = await driver.receive()
            if answer["ev"] == "done" and answer["id"] in messages:
                test = messages.pop(answer["id"])["tests"][0]
                if answer["results"] and not answer["end"]:
                    found[test] = read(answer["results"][0])


def _messages(baseline: Baseline) -> Iterator[dict[str, Any]]:
    chosen = [t for t in baseline.failing if _wants_value(baseline, t)]
    chosen = sorted(chosen, key=lambda t: baseline.outcomes[t].seconds)[:_TESTS]
    for number, test in enumerate(chosen, start=1000):
        usual = min(_MOST, _LEAST + _MANY * baseline.outcomes[test].seconds)
        cpu = _LATE if test in baseline.late else usual
        yield {"id": -number, "tests": [test], "types": True, "cpu": cpu, "wall": 2 * cpu + 1}


def _wants_value(baseline: Baseline, test: int) -> bool:
    return not any(word in str(baseline.outcomes[test].failure.get("message", "")) for word in _RAISES)


def read(row: Sequence[Any]) -> Seen:
    """What a worker saw, as samples."""
    lines, names, modules, objects = row
    attributes = [frozenset(known) for known in objects]

    def samples(kinds: Mapping[str, Any]) -> dict[str, Any]:
        return {name: sample(kind, attributes) for name, kind in kinds.items()}

    held = {f: {int(n): (place, samples(kinds)) for n, (place, kinds) in seen.items()} for f, seen in lines.items()}
    return Seen(held, [frozenset(n) for n in names], {file: samples(kinds) for file, kinds in modules.items()})
