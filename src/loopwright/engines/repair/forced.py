"""Conditions that no value helps: forced either way they turn no failing test green, so edits of them hardly will.

Predicate switching: Zhang, Gupta, Gupta, "Locating faults through automated predicate switching" (2006); as a way to
leave out edits: Mechtaev, Yi, Roychoudhury, "Angelix" (2016). Not every sequence of values is tried, so such edits
are put back and not left out. What does help is told to people and to the model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import anyio

from loopwright.core.expression import expression
from loopwright.engines.repair.candidates import Candidate
from loopwright.engines.repair.decisions import Condition, conditions
from loopwright.engines.repair.search import Ask
from loopwright.engines.repair.site import Edit
from loopwright.engines.repair.source import Splice
from loopwright.engines.repair.trial import Layout, Trial, job

BACK = 2.3  # logarithm: over own programs a condition that nothing helped held the cure a tenth as often
_AHEAD, _LEAST, _MOST = 500, 20, 16  # candidates looked at, those a condition must have among them, conditions forced
_NEAR = 5000  # candidates that may be put back: those behind them are hardly ever tried
_TURNS = 4  # single turns forced, of the first and of the last
_SMALL, _WALL = 0.05, 3.0  # seconds: tests that can share a worker, and what they have on a busy machine
_ACTS = expression(r"\.\w+\(|\bnext\(|:=")
Plan = tuple[str, int]
FIRST: tuple[Plan, ...] = (("true", 0), ("false", 0), ("not", 0))


@dataclass(frozen=True)
class Help:
    """A condition that turns a failing test green when it is forced so."""

    condition: Condition
    plan: Plan
    test: int


class Forcing:
    """Forces the conditions of a search's layout. `light` workers take several jobs each.

    Candidates of which `never` says that they cannot fit do not count. It takes so many `seconds` at a time at most.
    """

    def __init__(self, layout: Layout, light: bool, never: Callable[[Candidate], bool], seconds: float) -> None:
        self._layout, self._light, self._never, self._seconds = layout, light, never, seconds
        self._known: dict[int, list[Condition]] = {}
        self._asked: set[Condition] = set()
        self.helps: list[Help] = []
        self.idle: set[Condition] = set()  # those that nothing helps

    async def order(self, ask: Ask, left: Sequence[Candidate]) -> list[Candidate]:
        """The candidates with edits of conditions that nothing helps put back."""
        await self.force(ask, left, _LEAST)
        back: list[Candidate] = []
        kept: list[Candidate] = []
        for place, candidate in enumerate(left):
            condition = self._of(candidate) if self.idle and place < _NEAR else None
            (back if condition in self.idle and not acts(candidate) else kept).append(candidate)
        return list(merged(kept, back))

    async def force(self, ask: Ask, candidates: Sequence[Candidate], least: int = 1) -> None:
        """Find out which of the conditions that candidates edit help; each is asked once."""
        count: Counter[Condition] = Counter()
        tests: dict[Condition, frozenset[int]] = {}
        for candidate in candidates[:_AHEAD]:
            condition = self._of(candidate)
            if condition is not None and condition not in self._asked and not self._never(candidate):
                count[condition] += 1
                tests[condition] = candidate.tests & frozenset(self._layout.baseline.failing)
        chosen = [c for c, n in count.most_common(_MOST) if n >= least and tests[c] and not self._failed_at(c)]
        asked = {c: min(tests[c], key=lambda t: self._layout.baseline.first_limit(t)) for c in chosen}
        self._asked.update(asked)
        with anyio.move_on_after(self._seconds):
            turns = await self._round(ask, [(c, plan) for c in asked for plan in FIRST], asked)
            more = [(c, plan) for c, n in turns.items() for plan in single(n)]
            idle = await self._round(ask, more, asked)
            self.idle = {c for c in turns if c in idle or not single(turns[c])}

    async def _round(
        self, ask: Ask, asked: Sequence[tuple[Condition, Plan]], tests: dict[Condition, int]
    ) -> dict[Condition, int]:
        """Force each so; how often those that nothing helped were evaluated at most."""
        messages = [self._message(condition, plan, tests[condition]) for condition, plan in asked]
        answers = await ask("warm", messages) if messages else {}
        turns: dict[Condition, int] = {}
        helped: set[Condition] = set()
        for place, (condition, plan) in enumerate(asked):
            rows = answers[place]["results"]
            if any(row[1] == "p" for row in rows if row[0] >= 0) and condition not in helped:
                helped.add(condition)
                self.helps.append(Help(condition, plan, tests[condition]))
            elif answers[place]["end"] in ("", "late"):
                told = max((row[1] for row in rows if row[0] < 0), default=2 * _TURNS)
                turns[condition] = max(told, turns.get(condition, 0))
            else:
                helped.add(condition)  # it cannot be forced: nothing is known
        return {c: n for c, n in turns.items() if c not in helped}

    def _message(self, condition: Condition, plan: Plan, test: int) -> dict[str, Any]:
        start, end = (Splice(at, at, text) for at, text in ((condition.start, "__forced__("), (condition.end, ")")))
        edit = Edit(condition.file, condition.line, "forced", (start, end))
        candidate = Candidate(edit, condition.unit, 1.0, 1.0, 0.0, frozenset({test}))
        message = job(self._layout, Trial(candidate, "warm", tests=[test]), 0, patience=1.0, stop=0)
        light = self._light and self._layout.baseline.total([test]) < _SMALL
        return message | {"force": plan, "light": light, "first": True, "wall": message["wall"] + _WALL, "warming": 0.3}

    def _of(self, candidate: Candidate) -> Condition | None:
        """The smallest condition that holds all of an edit."""
        unit = candidate.unit
        if unit is None:
            return None
        if id(unit) not in self._known:
            ran = self._layout.imported(candidate)
            self._known[id(unit)] = [] if ran else conditions(self._layout.sources[candidate.edit.file], unit)
        return next((c for c in self._known[id(unit)] if c.holds(candidate.edit.splices)), None)

    def _failed_at(self, condition: Condition) -> bool:
        """True where a failure was raised by the condition itself: then it gives nothing that could be replaced."""
        source = self._layout.sources[condition.file]
        lines = range(source.line_at(condition.start), source.line_at(condition.end) + 1)
        file, base = self._layout.absolute(condition.file), self._layout.baseline
        frames = (base.outcomes[test].failure.get("frames") or [["", 0]] for test in base.failing)
        return any(inner[-1][0] == file and inner[-1][1] in lines for inner in frames)


def acts(candidate: Candidate) -> bool:
    """True where an edit may do more than give another answer: `while stack.pop() != "("`."""
    return any(_ACTS.search(splice.text) for splice in candidate.edit.splices)


def single(turns: int) -> list[Plan]:
    """One turn after the other, or all from one on, of a condition that is evaluated so often."""
    some = sorted({*range(min(turns, _TURNS)), *range(max(0, turns - _TURNS), turns)}) if turns > 1 else []
    few = [n for n in some if n < _TURNS]
    return [*(("at", n) for n in some), *(("from", n) for n in few if n > 0), *(("until", n) for n in few if n > 1)]


def merged(kept: Iterable[Candidate], back: Sequence[Candidate]) -> Iterable[Candidate]:
    """Both in their order, those that are put back where their score less what they pay for it stands."""
    at = 0
    for candidate in kept:
        while at < len(back) and back[at].score - BACK > candidate.score:
            yield back[at]
            at += 1
        yield candidate
    yield from back[at:]
