"""What earlier repairs say of the next one: kinds of edit that cured before come sooner, within bounds.

Each proven repair is one observation of the kind of edit that cured. With the usual weights as a Dirichlet prior of
STRENGTH observations, a kind's factor is its posterior share over its usual one. Bounds and the judgement of the memory
as a whole keep the price of a wrong memory small (docs/adr/0013, `benchmarks/learning.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from loopwright.core.knowledge import OPERATOR, PRIORS, Lesson

#: Observations that the usual weights stand for.
STRENGTH = 10.0
#: The largest factor; its inverse is the smallest.
MOST = 2.0
#: Cures of one kind that count from another repository, and from this one: no repository outweighs all others.
FROM_OTHERS, FROM_HERE = 3, 10
#: Share of repairs in which the memory must have pointed to the cure, by Laplace's rule: below it, it is not asked.
#: It is judged by every repair, asked or not, so it begins to count once it would have been right.
TRUSTED = 0.6


def factors(
    known: Sequence[Lesson], usual: Mapping[str, float], scope: str, opinions: Sequence[Lesson]
) -> dict[str, float]:
    """Return a factor for each kind of edit; {} where nothing is known or the memory has not proved right."""
    if not usual or not trusted(opinions):
        return {}
    return _factors(known, usual, scope)


def trusted(opinions: Sequence[Lesson]) -> bool:
    """True while the memory pointed to the cure often enough."""
    tried, helped = sum(x.tried for x in opinions), sum(x.helped for x in opinions)
    return (helped + 1) / (tried + 2) >= TRUSTED


def judged(known: Sequence[Lesson], usual: Mapping[str, float], scope: str, cure: Lesson) -> Lesson | None:
    """Return what a cure says of the memory as it was before: whether it would have come sooner or later by it."""
    factor = _factors(known, usual, scope).get(cure.fingerprint.removeprefix(OPERATOR), 1.0) if usual else 1.0
    if not known or factor == 1.0:
        return None
    return msgspec.structs.replace(
        cure, id=PRIORS, fingerprint=PRIORS, text="how often experience pointed to the kind of edit that cured",
        scope="", tried=1, helped=int(factor > 1.0),
    )  # fmt: skip


def _factors(known: Sequence[Lesson], usual: Mapping[str, float], scope: str) -> dict[str, float]:
    seen: dict[str, float] = defaultdict(float)
    for lesson in known:
        name = lesson.fingerprint.removeprefix(OPERATOR)
        if name in usual:
            seen[name] += min(lesson.helped, FROM_HERE if lesson.scope == scope else FROM_OTHERS)
    total, all_seen = sum(usual.values()), sum(seen.values())
    if not all_seen:
        return {}
    found: dict[str, float] = {}
    for name, value in usual.items():
        share = value / total
        factor = (STRENGTH * share + seen[name]) / (share * (STRENGTH + all_seen))
        found[name] = min(MOST, max(1 / MOST, factor))
    return found
