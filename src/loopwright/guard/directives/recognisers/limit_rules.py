"""Rules about how much a function may hold: how many parameters, how many levels of nesting."""

from __future__ import annotations

import re

from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers.places import place
from loopwright.guard.directives.rule import Rule

_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_COUNT = rf"(\d{{1,2}}|{'|'.join(_WORDS)})"
_BOUND = (
    r"(no more than|not more than|not exceed(?:ing)?|at most|max(?:imum)?(?: of)?|up to|limit(?:ed)? to|over|"
    r"exceed(?:ing|s)?|more than|deeper than|beyond|fewer than|less than|under|below|<=?|≤|>=?|≥|:|=)"
)
_PARAMETERS = Pattern(
    rf"{_BOUND}\s*{_COUNT}\+?\s+(?:\w+ )?(?:parameters?|params|arguments?|args)\b|"
    rf"\b(?:parameters?|params|arguments?|args)\b[^.;\d`]{{0,25}}{_BOUND}\s*{_COUNT}\b",
    re.IGNORECASE,
)
_NESTING = Pattern(
    rf"{_BOUND}\s*{_COUNT}\s+(?:levels?|layers?) (?:of |deep )?(?:\w+ )?(?:nest\w*|indentation)|"
    rf"\bnest(?:ing|ed)\b[^.;\d`]{{0,40}}{_BOUND}\s*{_COUNT}\b(?:\s+levels?)?",
    re.IGNORECASE,
)
_OF_FUNCTIONS = Pattern(
    r"\b(?:functions?|methods?|constructors?|signatures?|procedures?|params|parameters?)\b", re.IGNORECASE
)
_OF_OTHERS = Pattern(
    r"\b(?:components?|props|fields?|columns?|director(?:y|ies)|folders?|routes?|urls?|json|objects?|css|selectors?|"
    r"sass|scss|"
    r"quer(?:y|ies)|command|cli|test case|commit)\b",
    re.IGNORECASE,
)
#: What is asked for where there are more: "keyword arguments when a method takes more than two".
_GIVEN = Pattern(
    r"\b(?:when|if|for|with) (?:an? |the |any )?(?:\w+ )?(?:methods?|functions?|constructors?|it|you|they)\b",
    re.IGNORECASE,
)
#: Bounds that the number itself is beyond.
_BELOW = frozenset({"fewer than", "less than", "under", "below", "<"})


def amounts(statement: Statement) -> Rule | None:
    """The most parameters a function may have, and the most levels that its blocks may be nested in."""
    plain = statement.plain
    if len(plain) > 160 or _OF_OTHERS.search(plain):
        return None
    if (found := _NESTING.search(plain)) and (most := _most(found)):
        why = "blocks of changed Python, JavaScript and TypeScript functions are counted"
        return Rule("max_nesting", {"n": most, **place(statement)}, "enforced", why)
    if (
        (found := _PARAMETERS.search(plain))
        and not _GIVEN.search(plain)
        and _OF_FUNCTIONS.search(plain)
        and (most := _most(found))
    ):
        why = "parameters of changed Python, JavaScript and TypeScript functions are counted"
        return Rule("max_parameters", {"n": most, **place(statement)}, "enforced", why)
    return None


def _most(found: re.Match[str]) -> int:
    """The largest number that is allowed."""
    bound, number = [group for group in found.groups() if group]
    count = _WORDS.get(number.lower()) or int(number) if not number.isdigit() else int(number)
    return count - 1 if bound.lower() in _BELOW else count
