"""Whether a repeated expression can read one text in two ways: then it tries exponentially many of them.

Source: Weideman et al., "Analyzing matching time behavior of backtracking regular expression matchers by using
ambiguity of NFA", CIAA 2016. The expression becomes an automaton of its characters (Glushkov); it is exponentially
ambiguous where two different runs over one text part from a state and meet in it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

#: Characters of an expression that is looked at; the work grows with their fourth power.
_MOST = 24
#: Characters that rarely stand in a text in numbers, though `\\s` and what a class leaves out have them in common.
_BREAKS = frozenset("\n\r\f\v")

Characters = Callable[[Any], frozenset[str] | None]


class _Automaton:
    """The characters of an expression and which may follow which."""

    def __init__(self, characters: Characters) -> None:
        self.sets: list[frozenset[str]] = []
        self.follow: list[set[int]] = []
        self.known = True
        self._characters = characters

    def sequence(self, items: list[Any]) -> tuple[bool, set[int], set[int]]:
        """Return whether the items may be empty, and the characters that they may begin and end with."""
        empty, first, last = True, set[int](), set[int]()
        for item in items:
            nullable, begins, ends = self._item(item)
            for each in last:
                self.follow[each] |= begins
            first |= begins if empty else set()
            last = last | ends if nullable else ends
            empty = empty and nullable
        return empty, first, last

    def _item(self, item: Any) -> tuple[bool, set[int], set[int]]:
        name, value = str(item[0]), item[1]
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            low, high, body = value
            nullable, first, last = self.sequence(list(body))
            if int(high) > 1:
                for each in last:
                    self.follow[each] |= first
            return nullable or int(low) == 0, first, last
        if name == "SUBPATTERN":
            return self.sequence(list(value[-1]))
        if name == "BRANCH":
            arms = [self.sequence(list(arm)) for arm in value[1]]
            return any(a[0] for a in arms), set().union(*(a[1] for a in arms)), set().union(*(a[2] for a in arms))
        if name in ("AT", "ASSERT", "ASSERT_NOT"):
            return True, set(), set()
        held = self._characters([item])
        if held is None or len(self.sets) >= _MOST:
            self.known = False
            return True, set(), set()
        self.sets.append(held - _BREAKS)
        self.follow.append(set())
        place = len(self.sets) - 1
        return False, {place}, {place}

    def pairs(self, pair: tuple[int, int]) -> Iterator[tuple[int, int]]:
        """Yield the pairs of characters that two runs may reach from a pair by one same character."""
        for one in self.follow[pair[0]]:
            for other in self.follow[pair[1]]:
                if self.sets[one] & self.sets[other]:
                    yield one, other


def is_ambiguous(body: list[Any], characters: Characters) -> bool:
    """True where the repetition of a body can read one text in exponentially many ways."""
    automaton = _Automaton(characters)
    _, first, last = automaton.sequence(body)
    if not automaton.known or len(automaton.sets) < 2:
        return False
    for each in last:
        automaton.follow[each] |= first
    return any(_parts_and_meets(automaton, place) for place in range(len(automaton.sets)))


def _parts_and_meets(automaton: _Automaton, place: int) -> bool:
    """True where two runs from one place part and come back to it together."""
    seen: dict[tuple[tuple[int, int], bool], None] = {}
    pending = [((place, place), False)]
    while pending:
        pair, parted = pending.pop()
        for each in automaton.pairs(pair):
            now = parted or each[0] != each[1]
            if now and each == (place, place):
                return True
            if (each, now) not in seen:
                seen[(each, now)] = None
                pending.append((each, now))
    return False
