"""Accounts for what of a file is not read, or reads otherwise than it stands: nothing is left out in silence."""

from __future__ import annotations

from collections.abc import Iterator

from loopwright.guard.directives.reading.markdown import LONGEST
from loopwright.guard.directives.reading.sentences import disguised as disguising
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.rule import Rule

#: Lines whose ends are left out that are named one by one; of more the number is told.
_NAMED = 20


def beyond(text: str, line: int, limits: str) -> tuple[Statement, Rule]:
    """Account for the lines from this one on, which lie beyond what is compiled."""
    last = text.count("\n") + 1
    words = f"lines {line} to {last} were not read: the file is larger than any that is compiled ({limits})"
    return _unread(line, words)


def cut(text: str) -> Iterator[tuple[Statement, Rule]]:
    """Account for the ends of lines that are too long to be read whole, the first few of them one by one."""
    if len(text) <= LONGEST:
        return
    long = [(number, len(line)) for number, line in enumerate(text.split("\n"), 1) if len(line) > LONGEST]
    for number, size in long[:_NAMED]:
        yield _unread(number, f"line {number} was read up to its character {LONGEST:,} of {size:,}")
    if len(long) > _NAMED:
        yield _unread(
            long[_NAMED][0], f"{len(long) - _NAMED} more lines from here on were read up to character {LONGEST:,} each"
        )


def disguised(text: str) -> Iterator[tuple[Statement, Rule]]:
    """Point out lines that read otherwise than they stand: what a person sees there is not what a model is told."""
    if text.isascii() or (first := next(disguising(text), None)) is None:
        return
    line = text.count("\n", 0, first) + 1
    count = sum(1 for _ in disguising(text))
    yield _unread(
        line, f"{count} characters from line {line} on show nothing or reorder what is shown: read the file's bytes"
    )


def _unread(line: int, words: str) -> tuple[Statement, Rule]:
    return Statement(line, words, words, "paragraph"), Rule("unknown", {}, "not_understood", words, level="warn")
