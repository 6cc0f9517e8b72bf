"""Conditions forced from outside: those that nothing helps have their edits put back, the others are told."""

import ast
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest
from tests.unit.test_repair_engine import propose, write

from loopwright import inside
from loopwright.engines.repair.baseline import Baseline, Outcome
from loopwright.engines.repair.candidates import Candidate
from loopwright.engines.repair.decisions import conditions
from loopwright.engines.repair.forced import BACK, Forcing, single
from loopwright.engines.repair.found import Found
from loopwright.engines.repair.report import forced, helped, stopped
from loopwright.engines.repair.site import Edit
from loopwright.engines.repair.source import Source, Splice
from loopwright.engines.repair.trial import Layout

SOURCE = """\
def kept(values, least, most):
    found = []
    for value in values:
        if value > least and not value > most:
            found.append(value)
    return [v for v in found if v] if found else None
"""
SOURCED = Source("m.py", SOURCE.encode())


def texts() -> list[str]:
    return [SOURCE[c.start : c.end] for c in conditions(SOURCED, SOURCED.units[0])]


def test_conditions_are_what_decides_and_its_parts() -> None:
    assert set(texts()) == {
        "value > least and not value > most",
        "value > least",
        "not value > most",
        "value > most",
        "found",
        "v",
    }
    assert texts()[0] == "v"


@pytest.mark.parametrize("how, at, given", [
    ("true", 0, [True, True, True]), ("false", 0, [False, False, False]), ("not", 0, [True, False, True]),
    ("at", 1, [False, False, False]), ("from", 1, [False, False, True]), ("until", 2, [True, False, False]),
])  # fmt: skip
def test_a_condition_gives_what_the_plan_says(
    how: str, at: int, given: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(Path(str(inside.__file__)).parent))
    monkeypatch.setattr("builtins.__forced__", None, raising=False)
    importlib.import_module("repair_force").begin([how, at])
    assert [bool(eval("__forced__(v)", {"v": value})) for value in (0, "yes", "")] == given


def test_a_condition_evaluated_once_or_never_needs_no_single_turns() -> None:
    assert single(0) == single(1) == []
    assert single(2) == [("at", 0), ("at", 1), ("from", 1)]
    assert len(single(1000)) == 8 + 3 + 2


def baseline() -> Baseline:
    failure = {"type": "AssertionError", "message": "", "frames": [["/p/test_m.py", 1, "test"]]}
    outcome = Outcome("f", 0.001, failure, {"/p/m.py": 0b1111111})
    return Baseline(["test_m.py::test"], ["/p/test_m.py"], {0: outcome}, [0], [], [], [], {}, "/p")


def candidate(old: str, new: str, score: float) -> Candidate:
    start = SOURCE.index(old)
    edit = Edit("m.py", SOURCED.line_at(start), "any", (Splice(start, start + len(old), new),))
    return Candidate(edit, SOURCED.units[0], 1.0, 1.0, score, frozenset({0}))


class Workers:
    """Answers as workers do: only this condition, forced so, turns the test green."""

    def __init__(self, condition: str, plan: tuple[str, int], turns: int = 3) -> None:
        self.condition, self.plan, self.turns, self.asked = condition, plan, turns, 0

    async def ask(self, route: str, messages: Sequence[dict[str, Any]]) -> dict[int, dict[str, Any]]:
        self.asked += len(messages)
        wanted = f"__forced__({self.condition})"
        cures = [wanted in m["edits"][0]["snippet"] and m["force"] == self.plan for m in messages]
        assert all(ast.parse(m["edits"][0]["snippet"]) for m in messages)
        return {
            place: {"results": [[0, "p" if cure else "f", 0.001], [-1, self.turns]], "end": ""}
            for place, cure in enumerate(cures)
        }


def search(workers: Workers, candidates: list[Candidate]) -> tuple[list[Candidate], Forcing]:
    forcing = Forcing(Layout(baseline(), {"m.py": SOURCED}), True, lambda candidate: False, 5.0)

    async def run() -> list[Candidate]:
        return await forcing.order(workers.ask, candidates)

    return anyio.run(run), forcing


def test_edits_of_a_condition_that_nothing_helps_go_back() -> None:
    """But for those that may do more than give another answer."""
    idle = [candidate("value > most", f"value > {n}", 1.0 - n / 100) for n in range(22)]
    acting = candidate("value > most", "values.pop() > most", 0.9)
    helps = [candidate("value > least", f"value > {n}", 0.5 - n / 100) for n in range(22)]
    elsewhere = [candidate("append(value)", f"append({n})", 0.2 - n) for n in range(4)]
    workers = Workers("value > least", ("at", 2))
    left, forcing = search(workers, [*idle, acting, *helps, *elsewhere])
    assert left == [acting, *helps, *elsewhere[:2], *idle, *elsewhere[2:]]
    assert elsewhere[1].score > idle[0].score - BACK > elsewhere[2].score
    assert [(SOURCE[h.condition.start : h.condition.end], h.plan) for h in forcing.helps] == [
        ("value > least", ("at", 2))
    ]


def test_a_condition_with_few_edits_is_not_worth_forcing() -> None:
    few = [candidate("value > most", f"value > {n}", 1.0) for n in range(3)]
    workers = Workers("value > least", ("true", 0))
    left, forcing = search(workers, few)
    assert left == few and workers.asked == 0 and not forcing.idle


def test_what_helps_is_told() -> None:
    many = [candidate("value > least", f"value > {n}", 1.0) for n in range(22)]
    _, forcing = search(Workers("value > least", ("true", 0)), many)
    facts = forced(baseline(), {"m.py": SOURCED}, forcing.helps)
    assert facts["forced"] == [
        {"file": "m.py", "line": 4, "condition": "value > least", "forced": "always true", "green": "test_m.py::test"}
    ]
    assert helped(facts) == "; `value > least` (m.py:4) forced to be always true turns test_m.py::test green"
    assert helped(facts | {"chosen": [{}]}) == ""
    told = "`value > least` (m.py:4) forced to be always true turns test_m.py::test green."
    assert stopped(Found(), facts).splitlines()[-1] == told


@pytest.mark.real
def test_a_search_without_a_cure_says_which_condition_would_help(tmp_path: Path) -> None:
    module = "def lucky(n):\n    if n * n % 101 == 7:\n        return 'yes'\n    return 'no'\n"
    tests = (
        "from m import lucky\n\nLUCKY = (3, 14, 59)\n\n\ndef test_yes():\n    assert {lucky(n) for n in LUCKY} == {'yes'}\n"
        "\n\ndef test_no():\n    assert {lucky(n) for n in range(100) if n not in LUCKY} == {'no'}\n"
    )
    write(tmp_path, {"m.py": module, "test_m.py": tests})
    proposal, _ = propose(tmp_path, seconds=20)
    assert not proposal.calls
    assert proposal.report["unfit"] > 0
    assert proposal.report["forced"][0] | {"condition": ""} == {
        "file": "m.py", "line": 2, "condition": "", "forced": "always true", "green": "test_m.py::test_yes"
    }  # fmt: skip
    assert "(m.py:2) forced to be always true turns test_m.py::test_yes green" in proposal.text
