"""Where in the tree a rule holds: "in tests", "except in tests", "outside `src/config`", "in `core/`"."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives import literals
from loopwright.guard.directives.guards import glob_of
from loopwright.guard.directives.markdown import Statement
from loopwright.guard.directives.patterns import Pattern

_EXCEPT_TESTS = Pattern(
    r"\b(?:except (?:in |for )?(?:\w+ )?tests?|outside (?:of )?(?:the )?tests?|non-test|in (?:production|"
    r"library|source|runtime|app(?:lication)?) code|production code)\b",
    re.IGNORECASE,
)
_IN_TESTS = Pattern(
    r"\b(?:in|within|inside|for|from) (?:\w+ ){0,3}tests?\b(?! (?:suite|runner))|^tests?:|"
    r"\btest (?:files?|code|cases|modules?)\b|测试(?:中|代码)",
    re.IGNORECASE,
)
_TEST_TITLE = Pattern(
    r"^\W*(?:(?:unit|integration|e2e|writing|for|in|our|the|all) )*test(?:s|ing)?(?: (?:rules|guidelines|"
    r"conventions|requirements|"
    r"style|practices|patterns|code|files))?\W*$",
    re.IGNORECASE,
)
_OUTSIDE = Pattern(
    r"\b(?:outside(?: of)?|except (?:in|under|inside|within|for)|other than(?: in)?|only (?:in|inside|"
    r"under|within))\W+(?:the )?(?:\w+ )?$",
    re.IGNORECASE,
)
_INSIDE = Pattern(r"\b(?:in|inside|within|under|below)\W+(?:the |all |any |new )*(?:\w+ )?$", re.IGNORECASE)


def place(statement: Statement) -> dict[str, JsonValue]:
    """Return the parameters that limit a rule: `where` or `except` "tests", `within` and `outside` globs."""
    found: dict[str, JsonValue] = {}
    plain = statement.plain
    title = statement.headings[-1] if statement.headings else ""
    if _EXCEPT_TESTS.search(plain):
        found["except"] = "tests"
    elif _IN_TESTS.search(plain) or _TEST_TITLE.match(title) or _TEST_TITLE.match(statement.label):
        found["where"] = "tests"
    for word in literals.words(statement):
        if word.sort != "path":
            continue
        head = plain[: word.start]
        if _OUTSIDE.search(head):
            found["outside"] = [*_list(found.get("outside")), glob_of(word.text)]
        elif _INSIDE.search(head) and not word.text.startswith("."):
            found["within"] = [*_list(found.get("within")), glob_of(word.text)]
    return found


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []
