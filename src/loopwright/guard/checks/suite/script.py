"""Compares two versions of a test file in a language without a parser here: by the words its test tools know."""

from __future__ import annotations

import re
from collections import Counter

from loopwright.core.expression import expression
from loopwright.guard.checks.suite.python import Weakening

_NAMES = expression(
    r"""\b(?:it|test|describe|context|specify)(?:\.\w+)*\s*\(\s*(["'`])(?P<js>.+?)\1"""
    r"""|^func\s+(?P<go>Test\w+)|@Test\b[^\n]*\n(?:\s*@[^\n]*\n)*\s*[\w<>\s]*?\b(?P<java>\w+)\s*\("""
    r"""|#\[(?:\w+::)?test\][^\n]*\n(?:\s*#\[[^\n]*\n)*\s*(?:pub )?(?:async )?fn (?P<rust>\w+)""",
    re.MULTILINE,
)
_ASSERTS = expression(
    r"\b(?:expect|assert\w*|should|t\.(?:Error|Fatal)f?|require\.\w+|EXPECT_\w+|ASSERT_\w+)\b\s*[.(!]"
)
_SKIPS = expression(
    r"\.(?:skip|todo|only|failing|fixme|fails|skipIf|runIf)\b|\b(?:xit|xdescribe|xtest|fit|fdescribe|pending)\s*\(|\bt\.Skip\w*\("
    r"|#\[ignore|@Disabled\b|@Ignore\b|\bGTEST_SKIP\b|process\.exit\("
)
_COMMENTS = expression(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", re.DOTALL)


def script_weakenings(before: str, after: str) -> tuple[Weakening, ...]:
    """Return what is weaker: named tests deleted, skips added, fewer assertions; `changed` for any other assertion."""
    before, after = _COMMENTS.sub("", before), _COMMENTS.sub("", after)
    found: list[Weakening] = []
    was, now = _names(before), _names(after)
    if len(now) < len(was):
        found += [Weakening(1, f"test {name!r} was deleted") for name in sorted(was - now)]
    for word in Counter(_SKIPS.findall(after)) - Counter(_SKIPS.findall(before)):
        found.append(Weakening(_line(after, word), f"{word.strip('(. ')} was added"))
    if len(_ASSERTS.findall(after)) < len(_ASSERTS.findall(before)):
        found.append(Weakening(1, "there are fewer assertions"))
    gone = Counter(_assertion_lines(before)) - Counter(_assertion_lines(after))
    if gone and not found:
        line = next(iter(gone))
        found.append(Weakening(1, f"an assertion was changed: {line[:120]}", changed=True))
    return tuple(found)


def _names(text: str) -> frozenset[str]:
    return frozenset(next(filter(None, m.groupdict().values()), "") for m in _NAMES.finditer(text)) - {""}


def _assertion_lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if _ASSERTS.search(line)]


def _line(text: str, word: str) -> int:
    return text.count("\n", 0, max(0, text.find(word))) + 1
