"""Regular expressions that are compiled when first needed, and looked for only where one of their words occurs.

Compiling every expression of the tables costs more than reading an ordinary file does, and most sentences hold the
words of none.
"""

from __future__ import annotations

import re


class Pattern:
    """A case-insensitive expression with the words of which one must occur for it to match at all."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._words = required(source)
        self._compiled: re.Pattern[str] | None = None

    def search(self, text: str) -> re.Match[str] | None:
        """As `re.Pattern.search`."""
        return self._ready().search(text) if self._possible(text) else None

    def all(self, text: str) -> list[re.Match[str]]:
        """Every match, in order."""
        return list(self._ready().finditer(text)) if self._possible(text) else []

    def _possible(self, text: str) -> bool:
        lower = text.lower()
        return not self._words or any(word in lower for word in self._words)

    def _ready(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile(self._source, re.IGNORECASE)
        return self._compiled


def required(source: str) -> tuple[str, ...]:
    """Return words of which at least one is in every match of an expression; () where that cannot be told.

    Of each alternative the longest run of plain letters outside of groups and classes is taken.
    """
    found = [max(_runs(part), key=len, default="") for part in _alternatives(source)]
    return tuple(dict.fromkeys(found)) if all(len(word) >= 3 for word in found) else ()


def _alternatives(source: str) -> list[str]:
    """Split at the bars outside of groups and classes."""
    parts, start, depth, inside, index = [], 0, 0, False, 0
    while index < len(source):
        char = source[index]
        if char == "\\":
            index += 1
        elif inside:
            inside = char != "]"
        elif char == "[":
            inside = True
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == "|" and not depth:
            parts.append(source[start:index])
            start = index + 1
        index += 1
    return [*parts, source[start:]]


def _runs(part: str) -> list[str]:
    """The runs of letters and spaces that every match of one alternative holds, lower case."""
    runs, run, depth, inside, index = [], "", 0, False, 0
    while index < len(part):
        char = part[index]
        following = part[index + 1 : index + 2]
        if char == "\\":
            index += 1
            runs.append(run)
            run = ""
        elif inside:
            inside = char != "]"
        elif char in "[()":
            inside = char == "["
            depth += {"(": 1, ")": -1}.get(char, 0)
            runs.append(run)
            run = ""
        elif not depth and (char.isalpha() or char == " ") and following not in ("?", "*", "{"):
            run += char.lower()
        else:
            runs.append(run)
            run = ""
        index += 1
    return [*runs, run]
