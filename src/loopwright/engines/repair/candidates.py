"""Candidate edits of all suspicious places, the most promising first."""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from loopwright.core.expression import expression
from loopwright.engines.repair import history
from loopwright.engines.repair.contradiction import contradicts, junctions
from loopwright.engines.repair.hints import ENDS, Hints
from loopwright.engines.repair.history import Past
from loopwright.engines.repair.localise import Suspicion
from loopwright.engines.repair.operators.catalogue import OPERATORS
from loopwright.engines.repair.pool import Pool
from loopwright.engines.repair.site import Edit, Site, sites
from loopwright.engines.repair.source import Source, Unit
from loopwright.engines.repair.twins import made_equal, paired, twins

_CROWD = 0.8  # how much the alternatives at one node weigh against each other: 1 = they share one weight
_MOST_HINTED = 6.0  # the largest weight that a hint gives
HISTORY = 12.0  # weight of a recent change taken back
_TWIN, _INSIDE = 2.5, 4  # what a place in one of two equal operands gains, and how deep in it
_EQUAL = 0.1  # what is left to an edit that makes two operands the same, `a - a`, or parts that exclude each other
_WORD = expression(r"[A-Za-z_]\w*")
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
    size: int = 0  # characters that are not the same before and after
    unread: bool = False  # a local that was read is not read any more


@dataclass(frozen=True)
class Place:
    """A node that may be edited, its function, and its suspicion."""

    site: Site
    unit: Unit | None
    suspicion: float
    tests: frozenset[int]
    twin: bool = False  # it stands in one of two equal operands


def generate(
    files: Iterable[tuple[Source, Pool]],
    suspicion: Suspicion,
    known: Hints,
    most: int,
    changes: Sequence[Past] = (),
) -> list[Candidate]:
    """The `most` best candidates, the best first. Places that cannot reach them are not worked out."""
    files = list(files)
    places = [place for source, pool in files for place in _places(source, pool, suspicion)]
    places.sort(key=lambda p: -p.suspicion)
    heap: list[tuple[float, int, Candidate]] = []
    floor, count = -math.inf, 0
    taken_back = [c for source, _ in files for c in _taken_back(source, changes, suspicion)]
    for place in places:
        for candidate in _at(place, known, floor):
            count += 1
            entry = (candidate.score, -count, candidate)
            if len(heap) < most:
                heapq.heappush(heap, entry)
            elif entry[0] > heap[0][0]:
                heapq.heapreplace(heap, entry)
        if len(heap) == most:
            floor = heap[0][0]
    found = [entry[2] for entry in sorted(heap, reverse=True)]
    return sorted([*taken_back, *found], key=lambda c: -c.score) if taken_back else found


def _taken_back(source: Source, changes: Sequence[Past], suspicion: Suspicion) -> Iterator[Candidate]:
    """Recent changes of a file undone, where a failing test executes them."""
    lines = suspicion.lines.get(source.path, {})
    for edit in history.edits(source, changes):
        first = source.line_at(edit.splices[0].start)
        last = max(first, source.line_at(max(edit.splices[0].end - 1, edit.splices[0].start)))
        value = max((lines.get(line, 0.0) for line in range(first - 1, last + 2)), default=0.0)
        tests: frozenset[int] = frozenset().union(
            *(suspicion.covered.get((source.path, line), frozenset()) for line in range(first - 1, last + 2))
        )
        if value and tests and source.keeps_examples(edit.splices):
            unit = source.unit_at(first)
            inside = unit is not None and unit.node.body[0].lineno <= first and last <= (unit.node.end_lineno or 0)
            prior = HISTORY * edit.share
            score = math.log(prior) + _BELIEF * math.log(value)
            yield Candidate(edit, unit if inside else None, prior, value, score, tests, changed(source, edit))


def _places(source: Source, pool: Pool, suspicion: Suspicion) -> Iterator[Place]:
    lines = suspicion.lines.get(source.path, {})
    equal = twins(source.tree)
    for unit in [*source.units, None]:
        if unit is not None:
            inner = range(unit.first, (unit.node.end_lineno or unit.node.lineno) + 1)
            if not any(lines.get(line, 0.0) for line in inner):
                continue
        for site in sites(source, unit, pool):
            line = known_line(site, lines)
            value = lines.get(line, 0.0)
            tests = suspicion.covered.get((source.path, line), frozenset())
            if value > 0.0 and tests:
                twin = any(id(node) in equal for node in (site.node, *site.parents[-_INSIDE:]))
                yield Place(site, unit, value, tests, twin)


def known_line(site: Site, lines: dict[int, float]) -> int:
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


def _at(place: Place, known: Hints, floor: float) -> Iterator[Candidate]:
    twice = _TWIN if place.twin else 1.0
    hinted = twice * (ENDS if known.endless else 1.0)
    if (place.site.source.path, place.site.line) in known.at:
        hinted *= _MOST_HINTED
    belief = _BELIEF * math.log(place.suspicion)
    pairs, around = paired(place.site.parents), junctions((*place.site.parents, place.site.node))
    for operator, weights in OPERATORS.items():
        if math.log(max(weights.values()) * hinted) + belief <= floor:
            continue
        kinds: dict[str, list[Edit]] = defaultdict(list)
        for edit in operator(place.site):
            if place.site.source.keeps_examples(edit.splices):
                kinds[edit.operator].append(edit)
        for name, edits in kinds.items():
            total = sum(edit.share for edit in edits)
            weight = weights[name] * known.weight(place.site, name) * twice / max(1.0, total) ** _CROWD
            for edit in edits:
                prior = weight * edit.share
                score = math.log(prior) + belief
                if score > floor:
                    if pairs and made_equal(place.site.source, pairs, edit.splices):
                        prior, score = prior * _EQUAL, score + math.log(_EQUAL)
                    if around and contradicts(place.site.source, around, edit.splices):
                        prior, score = prior * _EQUAL, score + math.log(_EQUAL)
                    size = changed(place.site.source, edit)
                    lost = goes_unread(place.site, edit)
                    yield Candidate(edit, place.unit, prior, place.suspicion, score, place.tests, size, lost)


def changed(source: Source, edit: Edit) -> int:
    """How many characters an edit takes away and puts in, without those that stay at its ends."""
    total = 0
    for splice in edit.splices:
        before, after = source.text[splice.start : splice.end], splice.text
        if before in after or after in before:
            total += abs(len(before) - len(after))
            continue
        head = _same(before, after)
        tail = _same(before[head:][::-1], after[head:][::-1])
        total += len(before) + len(after) - 2 * (head + tail)
    return total


def goes_unread(site: Site, edit: Edit) -> bool:
    """True where an edit takes away all that reads a local."""
    before, after = Counter[str](), Counter[str]()
    for splice in edit.splices:
        before.update(_WORD.findall(site.source.text[splice.start : splice.end]))
        after.update(_WORD.findall(splice.text))
    reads = site.scope.reads
    return any(0 < reads[word] <= count - after[word] for word, count in before.items())


def _same(one: str, two: str) -> int:
    """How many characters are the same from the start."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, two, strict=False)))
