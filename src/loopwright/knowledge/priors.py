"""What earlier repairs say of the next one: kinds of edit that cured before come sooner, within bounds.

Each proven repair is one observation of the kind of edit that cured, and of its family. With the shares that kinds have
of the chances in the search at hand as Dirichlet priors of STRENGTH observations, one over families and one over the
kinds within each, a kind's factor is its family's posterior share over that one times its own within the family.
Bounds, the turns that a search gives to the order by experience, and the judgement of the memory as a whole keep the
price of a wrong memory small (docs/adr/0013, `benchmarks/learning.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from loopwright.core.knowledge import OPERATOR, PRIORS, Lesson

#: Observations that the shares stand for.
STRENGTH = 20.0
#: The largest factor of a family and of a kind within it; their inverses are the smallest.
MOST_FAMILY, MOST_KIND = 1.75, 1.35
#: Cures of one kind that count from another repository, and from this one: no repository outweighs all others.
FROM_OTHERS, FROM_HERE = 3, 10
#: Judgements that the record remembers. A memory that was right for years and goes wrong is left out after two.
WINDOW = 6
#: Share of these in which the memory must have pointed to the cure, by Laplace's rule: below it, it is not asked.
#: It is judged by every repair, asked or not, so it begins to count once it would have been right twice.
TRUSTED = 0.7


def factors(
    known: Sequence[Lesson],
    shares: Mapping[str, float],
    families: Mapping[str, str],
    scope: str,
    opinions: Sequence[Lesson],
) -> dict[str, float]:
    """Return a factor for each kind of edit; {} where nothing is known or the memory has not proved right.

    `shares` gives what each kind has of the chances in a search without experience, `families` its family.
    """
    if not shares or not trusted(opinions):
        return {}
    return _factors(known, shares, families, scope)


def trusted(opinions: Sequence[Lesson]) -> bool:
    """True while the memory pointed to the cure often enough of late."""
    tried, helped = _record(opinions)
    return (helped + 1) / (tried + 2) >= TRUSTED


def judged(
    known: Sequence[Lesson],
    shares: Mapping[str, float],
    families: Mapping[str, str],
    scope: str,
    cure: Lesson,
    opinions: Sequence[Lesson],
) -> Lesson | None:
    """Return what a cure says of the memory as it was before: whether it would have come sooner or later by it.

    It is to be added to `opinions`. Once these are WINDOW, it takes the place of one of the other sort.
    """
    name = cure.fingerprint.removeprefix(OPERATOR)
    factor = _factors(known, shares, families, scope).get(name, 1.0) if shares else 1.0
    if not known or factor == 1.0:
        return None
    before = sum(x.tried for x in opinions), sum(x.helped for x in opinions)
    tried, helped = _record(opinions)
    if tried < WINDOW:
        after = tried + 1, helped + (factor > 1.0)
    else:
        after = tried, min(WINDOW, helped + 1) if factor > 1.0 else max(0, helped - 1)
    return msgspec.structs.replace(
        cure, id=PRIORS, fingerprint=PRIORS, text="how often of late experience pointed to what cured",
        scope="", tried=after[0] - before[0], helped=after[1] - before[1],
    )  # fmt: skip


def _record(opinions: Sequence[Lesson]) -> tuple[int, int]:
    """How often the memory was judged and was right, as far as it is remembered."""
    tried, helped = sum(x.tried for x in opinions), sum(x.helped for x in opinions)
    if tried > WINDOW:
        tried, helped = WINDOW, round(WINDOW * helped / tried)
    return tried, min(tried, max(0, helped))


def _factors(
    known: Sequence[Lesson], shares: Mapping[str, float], families: Mapping[str, str], scope: str
) -> dict[str, float]:
    seen: dict[str, float] = defaultdict(float)
    for lesson in known:
        name = lesson.fingerprint.removeprefix(OPERATOR)
        if name in shares:
            seen[name] += min(lesson.helped, FROM_HERE if lesson.scope == scope else FROM_OTHERS)
    if not sum(seen.values()):
        return {}
    weight: dict[str, float] = defaultdict(float)
    cured: dict[str, float] = defaultdict(float)
    for name, value in shares.items():
        weight[families.get(name, "")] += value
        cured[families.get(name, "")] += seen[name]
    of_family = {
        f: _factor(weight[f] / sum(shares.values()), cured[f], sum(seen.values()), MOST_FAMILY) for f in weight
    }
    found: dict[str, float] = {}
    for name, value in shares.items():
        family = families.get(name, "")
        found[name] = of_family[family] * _factor(value / weight[family], seen[name], cured[family], MOST_KIND)
    return found


def _factor(share: float, seen: float, of: float, most: float) -> float:
    """The posterior share over the prior one, within bounds."""
    factor = (STRENGTH * share + seen) / (share * (STRENGTH + of))
    return min(most, max(1 / most, factor))
