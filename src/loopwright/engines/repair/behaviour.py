"""Rivals told apart by what they do: the tests' own calls, and calls like them, made on each.

Rivals that do the same on every input back each other: Chen et al., "CodeT" (2022) chooses among programs so; here the
votes are weighted by how likely each edit is. What fails where the rest does not counts against a rival, after Xiong,
Liu, Zeng, Zhang, Huang, "Identifying patch correctness in test-based program repair" (2018).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from loopwright.engines.repair.choose import ordered, rank
from loopwright.engines.repair.found import Found
from loopwright.engines.repair.search import Ask
from loopwright.engines.repair.trial import Layout, Trial, named

MOST = 40  # rivals told apart
_TESTS = 30  # passing tests whose calls are looked at, beside the failing ones
_CPU = 8.0  # seconds of CPU time for all inputs of one rival
_BACKING = 0.5  # power of what the others of a group add: one mistake can be written in many ways as well
_RARE = 0.3  # share of the votes below which a failure speaks against those that fail
_CRASH, _LATE, _NONE = 2.0, 3.0, 1.5  # what each costs, as a logarithm
_CHANGES = 1.5  # what it costs to change arguments that were left as they are
_STILL = 0.5  # what it costs to fail as before where others give a value
_UNREACHED = 3.0  # what it costs where every cure of a group leaves an arm of a condition without use
_CRASHES = ("TypeError", "AttributeError", "NameError", "UnboundLocalError", "IndexError", "KeyError",
            "ZeroDivisionError", "RecursionError", "AssertionError")  # fmt: skip

_IDLE = ("delete", "constant-condition")  # edits that leave something without use by themselves
_GROUPING = str.maketrans("", "", "() \t\n")

Outcome = tuple[str, str]  # digest, short text


@dataclass(frozen=True)
class Input:
    """A call of the project. `made` is true where its arguments are changed ones."""

    file: str
    name: str
    data: str
    text: str
    made: bool


@dataclass
class Behaviours:
    """What the program as it is, and each rival, does on each input; "" where nobody knows."""

    inputs: list[Input] = field(default_factory=list)
    before: list[Outcome] = field(default_factory=list)
    of: list[tuple[Trial, list[Outcome]]] = field(default_factory=list)
    unreached: frozenset[int] = frozenset()  # ids of rivals with which no test reaches an arm of the condition edited


async def observe(ask: Ask, found: Found, layout: Layout) -> Behaviours:
    """Make the calls on the program as it is and on the likeliest of the complete candidates."""
    rivals = ordered(found.complete)[:MOST]
    if len(rivals) < 2:
        return Behaviours()
    inputs = await _record(ask, rivals, layout)
    if not inputs:
        return Behaviours()
    seen = Behaviours(inputs, await _as_it_is(ask, inputs))
    for route in ("warm", "fresh"):
        mine = [t for t in rivals if t.route == route]
        messages = [_probe(inputs, [layout.edit(t.candidate)]) for t in mine]
        if route == "fresh":
            tests = sorted({test for t in mine for test in t.candidate.tests})[:1]
            messages = [m | named(layout.baseline, tests) | {"wall": 20.0, "tests": tests} for m in messages]
        answers = await ask(route, messages) if messages else {}
        seen.of += [(t, _outcomes(answers[place], len(inputs))) for place, t in enumerate(mine)]
    return _steady(seen, await _as_it_is(ask, inputs))


async def _as_it_is(ask: Ask, inputs: list[Input]) -> list[Outcome]:
    return _outcomes((await ask("warm", [_probe(inputs, [])]))[0], len(inputs))


def _steady(seen: Behaviours, again: list[Outcome]) -> Behaviours:
    """Without the inputs on which the program as it is does something else later: a clock tells no two edits apart."""
    same = [n for n, (one, two) in enumerate(zip(seen.before, again, strict=True)) if one[0] == two[0]]
    of = [(trial, [outcomes[n] for n in same]) for trial, outcomes in seen.of]
    return Behaviours([seen.inputs[n] for n in same], [seen.before[n] for n in same], of)


async def _record(ask: Ask, rivals: list[Trial], layout: Layout) -> list[Input]:
    baseline = layout.baseline
    units = [[layout.absolute(t.candidate.edit.file), t.candidate.unit.first] for t in rivals if t.candidate.unit]
    everywhere = any(t.candidate.unit is None for t in rivals)
    failing = sorted({test for t in rivals for test in t.candidate.tests}, key=lambda t: t in baseline.late)
    mask: dict[str, int] = defaultdict(int)
    for t in rivals:
        mask[layout.absolute(t.candidate.edit.file)] |= _lines(t)
    passing = [t for t in baseline.passing if any(baseline.outcomes[t].lines.get(f, 0) & m for f, m in mask.items())]
    tests = [*failing, *sorted(passing, key=lambda t: baseline.outcomes[t].seconds)[:_TESTS]]
    job: dict[str, Any] = {"record": [] if everywhere else units, "edits": [], "tests": sorted(tests), "cpu": _CPU}
    answer = (await ask("warm", [job | {"wall": 2 * _CPU}]))[0]
    return [Input(*row[1:]) for row in answer["results"]]


def _lines(trial: Trial) -> int:
    """The lines of the function that a candidate edits, as bits."""
    unit = trial.candidate.unit
    if unit is None:
        return -1
    last = unit.node.end_lineno or unit.node.lineno
    return ((1 << (last + 1)) - 1) >> unit.first << unit.first


def _probe(inputs: list[Input], edits: list[dict[str, Any]]) -> dict[str, Any]:
    calls = [[i.file, i.name, i.data] for i in inputs]
    return {"inputs": calls, "edits": edits, "tests": [], "cpu": _CPU, "wall": 2 * _CPU}


def _outcomes(answer: dict[str, Any], count: int) -> list[Outcome]:
    """One outcome an input; those behind the one the worker ended at are not known."""
    found = {row[0]: (row[1], row[2]) for row in answer["results"]}
    if answer["end"] and not answer["end"].startswith(("fresh", "invalid")):
        found.setdefault(answer.get("at", -1), ("late", "does not end"))
    return [found.get(number, ("", "")) for number in range(count)]


def stand(seen: Behaviours) -> None:
    """Give each rival the standing that its behaviour earns: the weight of all that do the same, less what fails."""
    groups: dict[tuple[str, ...], list[Trial]] = defaultdict(list)
    for trial, outcomes in seen.of:
        groups[tuple(digest for digest, _ in outcomes)].append(trial)
    votes = _votes(seen)
    for trial, outcomes in seen.of:
        alike = groups[tuple(digest for digest, _ in outcomes)]
        best = max(rank(t) for t in alike)
        ways: dict[tuple[int, str], float] = {}  # one change at one line, in one form
        for t in sorted(alike, key=rank):
            ways[_place(t), _form(t)] = rank(t)
        weight = best + _BACKING * math.log(sum(math.exp(value - best) for value in ways.values()))
        weight -= _UNREACHED * all(id(t) in seen.unreached or t.candidate.edit.operator in _IDLE for t in alike)
        trial.standing = weight - against(outcomes, seen, votes) + 0.001 * rank(trial)


def _place(trial: Trial) -> int:
    """The line of an edit; 0 for lines put in, which do the same in several places."""
    splices = trial.candidate.edit.splices
    put_in = all(splice.start == splice.end and splice.text.endswith("\n") for splice in splices)
    return 0 if put_in else trial.candidate.edit.line


def _form(trial: Trial) -> str:
    """What is put in, without what only groups it: an edit written in two ways backs itself once."""
    return "|".join(splice.text.translate(_GROUPING) for splice in trial.candidate.edit.splices)


def _votes(seen: Behaviours) -> list[dict[str, float]]:
    """For each input, the share of the weight of the rivals that each short text has."""
    total = sum(math.exp(rank(trial)) for trial, _ in seen.of) or 1.0
    votes: list[dict[str, float]] = [defaultdict(float) for _ in seen.inputs]
    for trial, outcomes in seen.of:
        for vote, (_, text) in zip(votes, outcomes, strict=True):
            vote[_kind(text)] += math.exp(rank(trial)) / total
    return votes


def _kind(text: str) -> str:
    """What sort of outcome a short text tells of."""
    if text.startswith("raises "):
        return "crash" if text[7:] in _CRASHES else "raise"
    if changes(text):
        return "value"
    return {"does not end": "late", "None": "none"}.get(text, "value")


def changes(text: str) -> bool:
    """True where the call does not leave its arguments as they were."""
    return text.endswith("changes its arguments")


def against(outcomes: list[Outcome], seen: Behaviours, votes: Sequence[Mapping[str, float]]) -> float:
    """What a rival's own failures cost: new crashes, endless calls and lone Nones, and those that others mend."""
    kinds = {"crash": _CRASH, "late": _LATE, "none": _NONE}
    cost = 0.0
    for (_, text), (_, before), vote in zip(outcomes, seen.before, votes, strict=True):
        kind = _kind(text)
        if changes(text) and _kind(before) == "value" and not changes(before):
            cost = max(cost, _CHANGES)
        if kind not in kinds:
            continue
        if kind != _kind(before) and vote.get(kind, 0.0) < _RARE:
            cost = max(cost, kinds[kind])
        elif kind == _kind(before) and kind != "none" and vote.get("value", 0.0) >= _RARE:
            cost = max(cost, _STILL)
    return cost


def keeps(seen: Behaviours, trial: Trial) -> float | None:
    """The share of the inputs on which a rival does what the program did before; None where it was not compared."""
    for one, outcomes in seen.of:
        if one is trial and outcomes:
            return sum(a[0] == b[0] for a, b in zip(outcomes, seen.before, strict=True)) / len(outcomes)
    return None


def difference(seen: Behaviours, one: Trial, two: Trial) -> tuple[str, str, str] | None:
    """An input that tells two rivals apart, if possible a call of the tests, and what each does there."""
    by_trial = {id(trial): outcomes for trial, outcomes in seen.of}
    mine, other = by_trial.get(id(one)), by_trial.get(id(two))
    if mine is None or other is None:
        return None
    apart = [n for n, (a, b) in enumerate(zip(mine, other, strict=True)) if a[0] != b[0] and a[0] and b[0]]
    if not apart:
        return None
    best = min(apart, key=lambda n: (seen.inputs[n].made, mine[n][1] == other[n][1], len(seen.inputs[n].text)))
    return seen.inputs[best].text, mine[best][1], other[best][1]
