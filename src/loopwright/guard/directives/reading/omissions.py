"""Things that are left out, under a heading of mistakes: what must not be missing is what is asked for.

"Not running `make check`" and "Forgetting a changelog entry" below "Common mistakes" are rules to run and to write it.
"""

from __future__ import annotations

import re

import msgspec

from loopwright.guard.directives.reading import language
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement

_RUN = Pattern(
    r"^(\W*)(?:not|forgetting to|failing to|neglecting to|skipping)(?: to)? (?:run|running|execute|executing)"
    r"(?: the)?(?: full)? ",
    re.IGNORECASE,
)
_LEFT_OUT = Pattern(r"^(\W*)(?:missing|forgetting|forgotten|omitting|lacking|no)(?: the| an?)? (?!to\b)", re.IGNORECASE)
_COMPANION = Pattern(r"\b(?:tests?|changelog|changesets?|docs|documentation|docstrings?|migrations?)\b", re.IGNORECASE)


#: Headings of what goes wrong.
_MISTAKES = Pattern(r"\b(?:mistakes|pitfalls|gotchas|anti-?patterns|errors to avoid)\b", re.IGNORECASE)


def _of_mistakes(statement: Statement) -> bool:
    titles = (statement.lead, *statement.headings[-1:])
    return any(len(t) < 60 and _MISTAKES.search(t) for t in titles) or language.negative_lead(statement)


def asked_for(statement: Statement) -> Statement:
    """Return the statement as the order that what it calls a mistake to leave out is."""
    if statement.form != "bullet" or not statement.first or not _of_mistakes(statement):
        return statement
    plain = statement.plain
    if found := _RUN.match(plain):
        turned = f"{found[1]}Always run {plain[found.end() :]}"
    elif (
        (found := _LEFT_OUT.match(plain))
        and "when" not in plain.lower()
        and _COMPANION.search(plain[found.end() : found.end() + 30])
    ):
        turned = f"{found[1]}Every change must include {plain[found.end() :]}"
    else:
        return statement
    return msgspec.structs.replace(statement, plain=turned, headings=statement.headings[:-1], lead="")
