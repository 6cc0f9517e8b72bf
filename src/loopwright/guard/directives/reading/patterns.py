"""Regular expressions that are compiled when first needed, and looked for only where one of their words occurs.

Compiling every expression of the tables costs more than reading an ordinary file does, and most sentences hold the
words of none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from loopwright.core.expression import Words, compiled, expression, words_of

_lowered = lru_cache(maxsize=4096)(str.lower)


class Pattern:
    """An expression with the words of which one must occur for it to match at all; else as `re.Pattern`."""

    __slots__ = ("_compiled", "_flags", "_source", "_words")

    def __init__(self, source: str, flags: int = 0) -> None:
        self._source, self._flags = source, flags
        self._words: Words | None = None
        self._compiled: re.Pattern[str] | None = None

    def search(self, text: str) -> re.Match[str] | None:
        """As `re.Pattern.search`."""
        return self._ready().search(text) if self._possible(text) else None

    def match(self, text: str) -> re.Match[str] | None:
        """As `re.Pattern.match`."""
        return self._ready().match(text) if self._possible(text) else None

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """As `re.Pattern.fullmatch`."""
        return self._ready().fullmatch(text) if self._possible(text) else None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """As `re.Pattern.finditer`."""
        return self._ready().finditer(text) if self._possible(text) else iter(())

    def sub(self, by: str, text: str) -> str:
        """As `re.Pattern.sub`."""
        return self._ready().sub(by, text) if self._possible(text) else text

    def findall(self, text: str) -> list[Any]:
        """As `re.Pattern.findall`."""
        return self._ready().findall(text) if self._possible(text) else []

    def split(self, text: str) -> list[str | Any]:
        """As `re.Pattern.split`."""
        return self._ready().split(text) if self._possible(text) else [text]

    @property
    def words(self) -> Words:
        """Sets of lower-case words: each match holds one of every set. () where nothing can be told."""
        if self._words is None:
            self._words = words_of(self._source, required)
        return self._words

    def _possible(self, text: str) -> bool:
        sets = self._words
        if sets is None:
            sets = self.words
        if not sets:
            return True
        lower = _lowered(text)
        for words in sets:
            for word in words:
                if word in lower:
                    break
            else:
                return False
        return True

    def _ready(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = compiled(self._source, self._flags)
        return self._compiled


_PIECE = expression(
    r"\\(?:x..|u....|U.{8}|N\{[^}]*\}|\d\d?|.)"
    r"|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?(?:<?[!=]|:)|\{\d*,?\d*\}|[()|?*{]|(?:[^\W\d_ ]|[^\x00-\x7f])+ ?|.",
    re.DOTALL,
)
#: Pieces of one character that stand for more than themselves, and runs that are in most sentences.
_MEANING = frozenset("^$.*+?{}[]()|\\")
_COMMON = frozenset((" ", ",", "."))
#: So many sets are asked for, those first that tell most: a further one costs more than the search that it spares.
_SETS = 3


#: One set of words.
Set = tuple[str, ...]


def required(source: str) -> Words:
    """Return sets of words: every match holds at least one word of each set. () where nothing can be told.

    A set is a run of plain characters, or the words of a group's alternatives, of those that must match.
    """
    sets, _ = _alternatives(_PIECE.findall(source), 0)
    return tuple(sorted(dict.fromkeys(sets), key=lambda words: len(words) / _telling(words))[:_SETS])


def _alternatives(pieces: list[str], at: int) -> tuple[Words, int]:
    """Return the sets of a group, and where it ends. Several alternatives make one set of the best of each."""
    found: list[Words] = []
    while True:
        sets, at = _sequence(pieces, at)
        found.append(sets)
        if at >= len(pieces) or pieces[at] == ")":
            break
        at += 1
    if len(found) == 1 or not all(found):
        return (found[0] if len(found) == 1 else ()), at
    best = [max(sets, key=_telling) for sets in found]
    return (tuple(dict.fromkeys(word for words in best for word in words)),), at


def _telling(words: Set) -> int:
    return min(map(len, words))


def _sequence(pieces: list[str], at: int) -> tuple[Words, int]:
    """Return the sets of one alternative, and where it ends: at a bar, a closing bracket or the end."""
    sets: list[Set] = []
    run = ""
    end = len(pieces)
    while at < end and (piece := pieces[at]) not in "|)":
        if piece[0] == "(":
            opened = at + 1
            inner, at = _alternatives(pieces, opened)
            if not _optional(pieces, at) and (piece == "(?:" or (piece == "(" and pieces[opened] != "?")):
                sets.extend(inner)
        elif plain := _plain(piece):
            if not _optional(pieces, at):
                run += plain
                at += 1
                continue
            run += plain[:-1]
        if run:
            _keep(sets, run)
            run = ""
        at += 1
    _keep(sets, run)
    return tuple(sets), at


def _plain(piece: str) -> str:
    """What the piece matches, where it matches but one text; else ""."""
    if piece[0] == "\\":
        return "" if piece[1:].isalnum() else piece[1:]
    return "" if piece in _MEANING or (len(piece) > 1 and piece[0] in _MEANING) else piece


def _optional(pieces: list[str], at: int) -> bool:
    return at + 1 < len(pieces) and pieces[at + 1][0] in "?*{"


def _keep(sets: list[Set], run: str) -> None:
    if len(run) > 1 or (run and not run.isalpha() and run not in _COMMON) or not run.isascii():
        sets.append((run.lower(),))
