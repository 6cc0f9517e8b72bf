"""One-liners of awk, Perl and PHP: alike enough to JavaScript in their loops to be worked out as such."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwright.core.expression import expression
from loopwright.guard.checks.safety.finding import Found
from loopwright.guard.checks.safety.script import parse as script
from loopwright.guard.checks.safety.trial.run import judge_trial

#: What is written otherwise, and how JavaScript writes it.
_WRITTEN = (
    (r"\b(?:BEGIN|END)\s*(?=\{)", ""),
    (r"\b(?:print|printf|echo|say)\b[^;{}]*", "print()"),
    (r"\bmy\s+(?=\$)", "let "),
    (r"\b(?:elsif|elseif)\b", "else if"),
    (r"<\?php|\?>", ""),
)
_LOOPS = expression(r"\b(?:while|until|for)\s*\(")
PROGRAMS = frozenset({"awk", "gawk", "mawk", "perl", "php"})


def judge_loops(text: str) -> Iterator[Found]:
    """Yield a finding for each loop that never comes to an end."""
    if not _LOOPS.search(text) or len(text) > 2_000:
        return
    for old, new in _WRITTEN:
        text = re.sub(old, new, text)
    body, whole = script.parse(re.sub(r"\buntil\s*\(([^()]*)\)", r"while (!(\1))", text), False)
    if whole:
        yield from judge_trial(body, True)[0]
