"""Candidate edits of all suspicious places, the most promising first."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from loopwright.engines.repair.localise import Suspicion
from loopwright.engines.repair.operators.catalogue import OPERATORS, PRIORS
from loopwright.engines.repair.pool import Pool
from loopwright.engines.repair.site import Edit, Site, sites
from loopwright.engines.repair.source import Source, Unit

_CROWD = 0.8  # how much the alternatives at one node weigh against each other: 1 = they share one weight
_LEAST = 0.02  # suspicion below which a line is not edited
_BELIEF = 1.0  # power of suspicion in the order of the search


@dataclass(frozen=True)
class Candidate:
    """An edit with what the search knows of it before it is tried. `score` is a logarithm: larger is tried sooner."""

    edit: Edit
    unit: Unit | None
    prior: float
    suspicion: float
    score: float
    tests: frozenset[int]  # failing tests that execute the place


def generate(source: Source, pool: Pool, suspicion: Suspicion) -> Iterator[Candidate]:
    """Candidates for one file, in no order."""
    lines = suspicion.lines.get(source.path, {})
    for unit in [*source.units, None]:
        if unit is not None:
            inner = range(unit.first, (unit.node.end_lineno or unit.node.lineno) + 1)
            if not any(lines.get(line, 0.0) for line in inner):
                continue
        for site in sites(source, unit, pool):
            line = place(site, lines)
            value = lines.get(line, 0.0)
            if value <= 0.0:
                continue
            tests = suspicion.covered.get((source.path, line), frozenset())
            if tests:
                yield from _at(site, unit, max(value, _LEAST), tests)


def place(site: Site, lines: dict[int, float]) -> int:
    """The line under which the node's suspicion is known: its own, else that of its statement."""
    if site.line in lines:
        return site.line
    statement = site.statement
    if statement is None:
        return site.line
    if not hasattr(statement, "body"):
        for line in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1):
            if line in lines:
                return line
    return statement.lineno


def _at(site: Site, unit: Unit | None, suspicion: float, tests: frozenset[int]) -> Iterator[Candidate]:
    for operator in OPERATORS:
        groups: dict[str, list[Edit]] = defaultdict(list)
        for edit in operator(site):
            groups[edit.operator].append(edit)
        for name, edits in groups.items():
            total = sum(edit.share for edit in edits)
            for edit in edits:
                prior = PRIORS[name] * edit.share / max(1.0, total) ** _CROWD
                score = math.log(prior) + _BELIEF * math.log(suspicion)
                yield Candidate(edit, unit, prior, suspicion, score, tests)
