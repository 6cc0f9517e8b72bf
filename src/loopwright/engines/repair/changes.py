"""The lines in which two texts differ, each with as much around it as makes its place unique."""

from __future__ import annotations

import difflib
from itertools import pairwise


def blocks(old: list[str], new: list[str]) -> list[tuple[str, str]]:
    """Pairs of old and new lines; every old part stands exactly once in the old text and the pairs do not overlap.

    Where that cannot be had in parts, one pair covers everything from the first to the last difference.
    """
    found = [o for o in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if o[0] != "equal"]
    spans = [_widened(old, o[1], o[2], o[3], o[4]) for o in found]
    overlapping = any(a[1] > b[0] for a, b in pairwise(spans))
    if overlapping and found:
        spans = [_widened(old, found[0][1], found[-1][2], found[0][3], found[-1][4])]
    return [("".join(old[a:b]), "".join(new[c:d])) for a, b, c, d in spans]


def _widened(old: list[str], a: int, b: int, c: int, d: int) -> tuple[int, int, int, int]:
    """More lines before and after, until the old part is unique."""
    text = "".join(old)
    while (a > 0 or b < len(old)) and (not "".join(old[a:b]).strip() or text.count("".join(old[a:b])) > 1):
        if a > 0:
            a, c = a - 1, c - 1
        if b < len(old):
            b, d = b + 1, d + 1
    return a, b, c, d
