"""Exact replacement in a text, and what to say where it cannot be made."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from loopwright.core.errors import ToolFailure
from loopwright.tools.document import Document

_SHOWN = 12  # lines of the file shown as the nearest
_PLACES = 20  # line numbers named where there are several matches
_COMPARED = 200  # characters of a line compared
_LOOKED_AT = 20_000  # lines searched for the nearest place


@dataclass(frozen=True)
class Replacement:
    """The text after, and the line number of each place replaced."""

    text: str
    lines: tuple[int, ...]


def replace(document: Document, path: str, old: str, new: str, everywhere: bool) -> Replacement:
    """Replace `old` by `new`; in a file of CRLF lines both are taken with CRLF.

    Raises ToolFailure where old is empty, equal to new, absent, or (unless everywhere) there more than once.
    """
    if not old:
        raise ToolFailure("old is empty: give the text to replace, or use write to make a file")
    if old == new:
        raise ToolFailure("old and new are the same: nothing to change")
    text = document.text
    if "\r\n" in text and (not document.mixed or old not in text):
        old, new = _crlf(old), _crlf(new)
    if old not in text:
        raise ToolFailure(_absent(document.shown(), path, old))
    places = _places(text, old, len(old) if everywhere else 1)  # which of two that overlap was meant is not to be known
    if len(places) > 1 and not everywhere:
        named = ", ".join(map(str, places[:_PLACES])) + (", …" if len(places) > _PLACES else "")
        raise ToolFailure(
            f"old occurs {len(places)} times in {path}, at lines {named}: "
            "add neighbouring lines to make it one place, or give all: true"
        )
    return Replacement(text.replace(old, new), places)


def _crlf(text: str) -> str:
    return re.sub(r"\r?\n", "\r\n", text)


def _places(text: str, old: str, step: int) -> tuple[int, ...]:
    lines: list[int] = []
    at, line = 0, 1
    while (found := text.find(old, at)) >= 0:
        line += text.count("\n", at, found)
        lines.append(line)
        line += text.count("\n", found, found + step)
        at = found + step
    return tuple(lines)


def _absent(text: str, path: str, old: str) -> str:
    """Say that old is not there, and show the place most like it."""
    lines, wanted = text.split("\n"), old.strip("\r\n").split("\n")
    at, alike = nearest(lines, wanted)
    if at is None:
        return f"old is not in {path}, nor anything like it: read the file first"
    same = [line.strip() for line in lines[at : at + len(wanted)]] == [line.strip() for line in wanted]
    why = "only white space differs" if same else f"the nearest place ({alike:.0%} alike)"
    shown = numbered(lines, at, min(len(wanted), _SHOWN))
    return f"old is not in {path} exactly as given; {why}, lines {at + 1}-{at + len(wanted)}:\n{shown}"


def numbered(lines: list[str], at: int, length: int) -> str:
    """Lines as `read` shows them."""
    return "\n".join(f"{n + 1}\t{lines[n].rstrip()}" for n in range(at, min(at + length, len(lines))))


def nearest(lines: list[str], wanted: list[str]) -> tuple[int | None, float]:
    """Return the index at which lines are most like those wanted and how alike (0 to 1); None below one half."""
    keys = [line.strip()[:_COMPARED] for line in wanted]
    anchor = max(range(len(keys)), key=lambda n: len(keys[n]))
    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2(keys[anchor])
    best: tuple[int | None, float] = (None, 0.5)
    for n, line in enumerate(lines[:_LOOKED_AT]):
        matcher.set_seq1(line.strip()[:_COMPARED])
        if matcher.real_quick_ratio() <= best[1] or matcher.quick_ratio() <= best[1]:
            continue
        if (ratio := matcher.ratio()) > best[1]:
            best = (max(0, n - anchor), ratio)
    return best
