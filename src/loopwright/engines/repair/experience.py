"""Candidates ordered by experience as well: the kinds of edit that cured earlier faults have turns of their own."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from loopwright.engines.repair.candidates import Candidate
from loopwright.engines.repair.turns import by_turns

#: What share of the chances each kind of edit has in a search -> how much likelier than that experience says it cures.
Priors = Callable[[Mapping[str, float]], Mapping[str, float]]

MOST = 4.0  # the largest factor that experience gives a kind, and the inverse of the smallest
REACHED = 1500  # candidates by which shares are measured: few searches come further


def by_experience(candidates: list[Candidate], priors: Priors) -> list[Candidate]:
    """The candidates, given best first, with turns for those that experience favours.

    What is chosen among cures in the end does not depend on it.
    """
    factors = priors(shares(candidates)) if candidates else {}
    if not factors:
        return candidates
    added = {kind: math.log(min(MOST, max(1 / MOST, factor))) for kind, factor in factors.items()}
    favoured = sorted(candidates, key=lambda c: -c.score - added.get(c.edit.operator, 0.0))
    return list(by_turns(candidates, favoured))


def shares(candidates: Sequence[Candidate]) -> dict[str, float]:
    """By kind of edit, its share of the chances of the candidates that a search comes to, as their scores have it."""
    found: dict[str, float] = defaultdict(float)
    best = max(candidate.score for candidate in candidates)
    for candidate in candidates[:REACHED]:
        found[candidate.edit.operator] += math.exp(candidate.score - best)
    total = sum(found.values())
    return {kind: chance / total for kind, chance in found.items()}
