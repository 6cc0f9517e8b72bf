"""The lines in which two texts differ, each with as much around it as makes its place unique."""

from __future__ import annotations

import difflib


def blocks(old: list[str], new: list[str]) -> list[tuple[str, str]]:
    """Pairs of old and new lines; made one after the other, each old part stands exactly once in the text.

    Where that cannot be had in parts, one pair covers everything from the first to the last difference.
    """
    found = [o for o in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if o[0] != "equal"]
    made = [_pair(old, new, *o[1:]) for o in found]
    if len(made) > 1 and not _applies("".join(old), "".join(new), made):
        made = [_pair(old, new, found[0][1], found[-1][2], found[0][3], found[-1][4])]
    return made


def _applies(old: str, new: str, pairs: list[tuple[str, str]]) -> bool:
    """True where the pairs, one after the other, each find their place and end in the new text."""
    for before, after in pairs:
        if not _stands_once(old, before):
            return False
        old = old.replace(before, after)
    return old == new


def _stands_once(text: str, part: str) -> bool:
    """True where part stands at one place only; places that overlap are two, since the wrong one could be taken."""
    at = text.find(part)
    return at >= 0 and text.find(part, at + 1) < 0


def _pair(old: list[str], new: list[str], a: int, b: int, c: int, d: int) -> tuple[str, str]:
    """Lines a to b of the old and c to d of the new, with as many around them as make the old part unique."""
    text = "".join(old)
    while (a > 0 or b < len(old)) and (not "".join(old[a:b]).strip() or not _stands_once(text, "".join(old[a:b]))):
        if a > 0:
            a, c = a - 1, c - 1
        if b < len(old):
            b, d = b + 1, d + 1
    return "".join(old[a:b]), "".join(new[c:d])
