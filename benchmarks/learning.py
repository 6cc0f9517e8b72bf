"""How many candidates a repair tries with memory and without: `python -m benchmarks.learning CACHE [--json]`.

CACHE holds the recordings of `benchmarks.learning_record`. Memory is that of other libraries only (leave one out):
for a fault of one library the kinds of edit that cured the faults of all others. No test runs here: verdicts were
recorded by content, and each order of search is replayed over them. The fix is the candidate that gives the original's
syntax tree; where none does, the first that cures.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from loopwright.core.knowledge import OPERATOR, Lesson
from loopwright.engines.repair.experience import REACHED
from loopwright.engines.repair.operators.catalogue import FAMILIES, PRIORS
from loopwright.engines.repair.turns import by_turns
from loopwright.knowledge.priors import factors, judged

#: Bootstrap samples, orders of faults replayed with a wrong memory, and the seed of both.
SAMPLES, ORDERS, SEED = 10_000, 40, 1
#: A wrong memory: so many repositories say so often that a kind cured.
REPOSITORIES, TIMES = 5, 5
#: How often a memory had been right before it was poisoned, for what that costs then.
RIGHT_BEFORE = (5, 20)


@dataclass(frozen=True)
class Fault:
    """One recorded fault. `candidates` are (kind of edit, score, cures, is the fix), in the order of the search."""

    name: str
    library: str
    candidates: tuple[tuple[str, float, bool, bool], ...]
    _known: dict[tuple[tuple[str, float], ...], int] = field(default_factory=dict)

    @property
    def shares(self) -> dict[str, float]:
        """By kind of edit, its share of the chances of the candidates, as their scores have it."""
        best = max(score for _, score, _, _ in self.candidates)
        found: dict[str, float] = defaultdict(float)
        for kind, score, _, _ in self.candidates[:REACHED]:
            found[kind] += math.exp(score - best)
        return {kind: chance / sum(found.values()) for kind, chance in found.items()}

    @property
    def fix(self) -> tuple[str, float, bool, bool] | None:
        """The candidate sought, None where none was found."""
        first = next((c for c in self.candidates if c[3]), None)
        return first or next((c for c in self.candidates if c[2]), None)

    def tried(self, weights: Mapping[str, float]) -> int:
        """Candidates tried up to the fix, itself counted, when kinds of edit are weighed so."""
        key = tuple(sorted(weights.items()))
        if key not in self._known:
            sought = 3 if any(c[3] for c in self.candidates) else 2
            order: Iterable[tuple[str, float, bool, bool]] = self.candidates
            if weights:
                added = {kind: math.log(weight) for kind, weight in key}
                order = by_turns(self.candidates, sorted(self.candidates, key=lambda c: -c[1] - added.get(c[0], 0.0)))
            self._known[key] = next(n for n, c in enumerate(order, 1) if c[sought])
        return self._known[key]


def load(cache: Path) -> list[Fault]:
    """Return the faults of a cache that a single edit of ours cures."""
    faults = []
    for file in sorted(cache.glob("*.json")):
        made = json.loads(file.read_text(encoding="utf-8"))
        rows = tuple((str(c[0]), float(c[1]), bool(c[3]), bool(c[4])) for c in made["candidates"])
        faults.append(Fault(file.stem, made["library"], rows))
    return sorted((fault for fault in faults if fault.fix is not None), key=lambda fault: (fault.library, fault.name))


def lesson(kind: str, scope: str, times: int = 1) -> Lesson:
    """Return what is kept of `times` proven repairs by one kind of edit."""
    return Lesson(f"{scope}/{kind}", OPERATOR + kind, kind, "recorded", 1, scope, times, times)


def memory_without(faults: Sequence[Fault], library: str) -> list[Lesson]:
    """Return what the faults of all other libraries taught."""
    counts: dict[tuple[str, str], int] = {}
    for fault in faults:
        if fault.library != library and fault.fix:
            place = (fault.fix[0], fault.library)
            counts[place] = counts.get(place, 0) + 1
    return [lesson(kind, scope, times) for (kind, scope), times in counts.items()]


def left_out(faults: Sequence[Fault]) -> list[tuple[int, int]]:
    """Return (without, with memory) for each fault."""
    rows = []
    for library in sorted({fault.library for fault in faults}):
        others = [fault for fault in faults if fault.library != library]
        known, opinions = memory_without(others, library), judgements(others)
        for fault in faults:
            if fault.library == library:
                weights = factors(known, fault.shares, FAMILIES, library, opinions)
                rows.append((fault.tried({}), fault.tried(weights)))
    return rows


def judgements(faults: Sequence[Fault]) -> list[Lesson]:
    """Return how the memory of all other libraries would have done on each fault, one after the other."""
    made: list[Lesson] = []
    for fault in random.Random(SEED).sample(faults, len(faults)):  # noqa: S311 - no secret
        made += _judged(memory_without(faults, fault.library), fault, made)
    return made


def _judged(known: Sequence[Lesson], fault: Fault, opinions: Sequence[Lesson]) -> list[Lesson]:
    assert fault.fix is not None
    score = judged(known, fault.shares, FAMILIES, fault.library, lesson(fault.fix[0], fault.library), opinions)
    return [score] if score else []


def misled(faults: Sequence[Fault], wrong: Sequence[Lesson], seed: int, right: int = 0) -> list[tuple[int, int]]:
    """Return (without, with) for faults that come one after the other on a wrong memory that keeps score of itself.

    `right` is how often it had been right before it went wrong.
    """
    scores = [msgspec.structs.replace(lesson("", "", right), fingerprint="")] if right else []
    rows = []
    for fault in random.Random(seed).sample(faults, len(faults)):  # noqa: S311 - no secret
        rows.append((fault.tried({}), fault.tried(factors(wrong, fault.shares, FAMILIES, fault.library, scores))))
        scores += _judged(wrong, fault, scores)
    return rows


def fewer(rows: Sequence[tuple[int, int]]) -> float:
    """Return by what share fewer are tried with memory: 1 - the geometric mean of with / without."""
    return 1 - math.exp(statistics.fmean(math.log(b / a) for a, b in rows))


def fewer_in_all(rows: Sequence[tuple[int, int]]) -> float:
    """The same of the sums: the few faults that take longest decide it."""
    return 1 - sum(b for _, b in rows) / sum(a for a, _ in rows)


def interval(
    rows: Sequence[tuple[int, int]], figure: Callable[[Sequence[tuple[int, int]]], float]
) -> tuple[float, float]:
    """Return the 95 % interval of a figure by the percentile bootstrap over faults."""
    draw = random.Random(SEED)  # noqa: S311 - no secret
    made = sorted(figure(draw.choices(rows, k=len(rows))) for _ in range(SAMPLES))
    return made[int(0.025 * SAMPLES)], made[int(0.975 * SAMPLES)]


def wrong_memories(faults: Sequence[Fault]) -> dict[str, list[Lesson]]:
    """Return memories that mislead: made up by someone, or of a time when other faults were made."""
    cures = {fault.fix[0] for fault in faults if fault.fix}
    scopes = [f"elsewhere-{n}" for n in range(REPOSITORIES)]
    never = [kind for kind in PRIORS if kind not in cures]
    draw = random.Random(SEED)  # noqa: S311 - no secret
    return {
        "poisoned: every kind that cures nothing here": [lesson(k, s, TIMES) for k in never for s in scopes],
        "poisoned: the three likeliest of them": [
            lesson(k, s, TIMES) for k in sorted(never, key=lambda kind: -PRIORS[kind])[:3] for s in scopes
        ],
        "stale: kinds drawn by chance": [lesson(draw.choice([*PRIORS]), s, 1) for s in scopes for _ in range(6)],
    }


def report(faults: Sequence[Fault]) -> dict[str, object]:
    """Return every figure."""
    rows = left_out(faults)
    before, after = zip(*rows, strict=True)
    cost = {}
    for name, wrong in wrong_memories(faults).items():
        runs = [row for seed in range(ORDERS) for row in misled(faults, wrong, seed)]
        cost[name] = {"more_per_fault": round(-fewer(runs), 4), "more_in_all": round(-fewer_in_all(runs), 4)}
        for right in RIGHT_BEFORE:
            late = [row for seed in range(ORDERS) for row in misled(faults, wrong, seed, right)]
            cost[name][f"more_per_fault_after_{right}_right"] = round(-fewer(late), 4)
            cost[name][f"more_in_all_after_{right}_right"] = round(-fewer_in_all(late), 4)
    return {
        "faults": len(faults),
        "libraries": len({fault.library for fault in faults}),
        "median_without": statistics.median(before),
        "median_with": statistics.median(after),
        "fewer_per_fault": round(fewer(rows), 4),
        "fewer_per_fault_95": [round(x, 4) for x in interval(rows, fewer)],
        "fewer_in_all": round(fewer_in_all(rows), 4),
        "fewer_in_all_95": [round(x, 4) for x in interval(rows, fewer_in_all)],
        "sooner": sum(b < a for a, b in rows),
        "later": sum(b > a for a, b in rows),
        "latest": round(max(b / a for a, b in rows), 2),
        "wrong_memory": cost,
        "each": {fault.name: list(row) for fault, row in zip(faults, rows, strict=True)},
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning", description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    faults = load(options.cache)
    if len({fault.library for fault in faults}) < 2:
        parser.error(f"{options.cache} holds fewer than two libraries: record some with benchmarks.learning_record")
    found = report(faults)
    if options.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        if isinstance(value, dict):
            print(f"{name}:")
            for inner, figure in value.items():
                print(f"  {inner:48} {figure}")
        else:
            print(f"{name:24} {value}")


if __name__ == "__main__":
    main()
