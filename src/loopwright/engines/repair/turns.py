"""Two orders of one search taken by turns, so that neither costs more than its share of the tries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

#: Share of the tries that go to the order by experience: by it a cure comes 1 / (1 - SHARE) times as late at most.
SHARE = 0.4


def by_turns(usual: Sequence[T], favoured: Sequence[T], share: float = SHARE) -> Iterator[T]:
    """Go through both, which hold the same, by turns; each element comes once."""
    seen: set[int] = set()
    by_use, by_experience = iter(usual), iter(favoured)
    taken = 0
    for turn in range(1, len(usual) + 1):
        mine = taken < share * turn
        taken += mine
        one = next(x for x in (by_experience if mine else by_use) if id(x) not in seen)
        seen.add(id(one))
        yield one
