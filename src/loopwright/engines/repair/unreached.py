"""Cures that leave one arm of a condition without use: while the tests run, it always holds or never does.

Over programs with right and wrong cures, groups of cures with the same behaviour that all do so were wrong in 11 % and
right in none: the tests needed the condition gone, not decided.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from loopwright.engines.repair.search import Ask
from loopwright.engines.repair.source import Source, Splice
from loopwright.engines.repair.trial import Layout, Trial

_MOST = 24  # rivals that are traced
_TESTS = 60  # tests traced for each; where more reach the place, nothing is said
_CPU = 2.0  # seconds of CPU time for a test that is traced


async def unreached(ask: Ask, rivals: Iterable[Trial], layout: Layout) -> frozenset[int]:
    """The ids of the rivals with whose edit of a condition no test reaches one of its arms."""
    asked: list[tuple[Trial, tuple[int, ...]]] = []
    for trial in rivals:
        edit = trial.candidate.edit
        heads = arms(layout.sources[edit.file], edit.splices)
        if heads and trial.route == "warm" and len(_tests(trial, layout)) <= _TESTS:
            asked.append((trial, heads))
    asked = asked[:_MOST]
    answers = await ask("warm", [_traced(trial, layout) for trial, _ in asked]) if asked else {}
    found = set()
    for place, (trial, heads) in enumerate(asked):
        lines = _lines(answers[place], layout.absolute(trial.candidate.edit.file))
        if lines and not answers[place]["end"] and not all(lines >> head & 1 for head in heads):
            found.add(id(trial))
    return frozenset(found)


def arms(source: Source, splices: tuple[Splice, ...]) -> tuple[int, ...]:
    """The first line of each arm of the statement whose condition the edit changes; () where it changes none.

    An edit that moves lines has none either: the lines of a trace would be others.
    """
    for splice in splices:
        if source.text.count("\n", splice.start, splice.end) != splice.text.count("\n"):
            return ()
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.If | ast.While) or node.body[0].lineno == node.lineno:
            continue
        start, end = source.span(node.test)
        if all(start <= splice.start and splice.end <= end for splice in splices):
            return tuple(arm[0].lineno for arm in (node.body, node.orelse) if arm)
    return ()


def _tests(trial: Trial, layout: Layout) -> list[int]:
    """All tests that execute the function which is edited."""
    unit, base = trial.candidate.unit, layout.baseline
    assert unit is not None  # only such a candidate is warm
    file, last = layout.absolute(trial.candidate.edit.file), unit.node.end_lineno or unit.node.lineno
    mask = ((1 << (last + 1)) - 1) >> unit.first << unit.first
    return sorted({*trial.candidate.tests, *(t for t in base.passing if base.outcomes[t].lines.get(file, 0) & mask)})


def _traced(trial: Trial, layout: Layout) -> dict[str, Any]:
    edits, tests = [layout.edit(trial.candidate)], _tests(trial, layout)
    return {"edits": edits, "tests": tests, "trace": True, "detail": True, "cpu": _CPU, "wall": 2 * _CPU + 1}


def _lines(answer: dict[str, Any], file: str) -> int:
    """The lines of a file that the tests of a traced job executed, as bits."""
    found: dict[str, int] = defaultdict(int)
    for *_, lines in answer["results"]:
        for name, mask in lines.items():
            found[name] |= int(mask, 16)
    return found[file]
