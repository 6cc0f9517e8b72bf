"""From edited texts to the smallest `edit` calls."""

from __future__ import annotations

import difflib

from loopwright.core.calls import ToolCall
from loopwright.engines.repair.source import Source, Splice


def call(source: Source, splices: tuple[Splice, ...], number: int) -> ToolCall:
    """One `edit` call: whole lines around the splices, with as many lines before and after as make the place unique."""
    old = source.text
    new = source.edited(splices)
    first = source.line_at(min(s.start for s in splices))
    last = source.line_at(max(max(s.start, s.end - 1) for s in splices))
    lines = source.lines
    begin = sum(len(line) for line in lines[: first - 1])
    end = begin + sum(len(line) for line in lines[first - 1 : last])
    growth = len(new) - len(old)
    low, high = first, last
    while old.count(old[begin:end]) > 1 or not old[begin:end].strip():
        if low > 1:
            low -= 1
            begin -= len(lines[low - 1])
        if high < len(lines):
            end += len(lines[high])
            high += 1
        if low == 1 and high == len(lines):
            break
    args = {"path": source.path, "old": old[begin:end], "new": new[begin : end + growth]}
    return ToolCall(id=f"repair-{number}", tool="edit", args=dict(args))


def diff(source: Source, splices: tuple[Splice, ...]) -> str:
    """A unified diff without context, for people."""
    before = source.text.splitlines()
    after = source.edited(splices).splitlines()
    made = difflib.unified_diff(before, after, source.path, source.path, n=0, lineterm="")
    return "\n".join(list(made)[2:])
