"""Regular expressions that take exponential time on text that does not match.

Source: Davis et al., "The impact of regular expression denial of service", ESEC/FSE 2018. An expression is told by its
tree: a repetition of which one item repeats again while the others may be empty, or of which two alternatives begin
alike, can match the same text in exponentially many ways; it matters where something after it can fail.
"""

from __future__ import annotations

import importlib
import re
import warnings
from functools import lru_cache
from typing import Any

from loopwright.guard.checks.safety.ambiguity import is_ambiguous

#: A repetition with at least this upper bound is one without end for this purpose.
_MANY = 20
_LONGEST = 2_000


@lru_cache(maxsize=512)
def is_exponential(pattern: str, spaced: bool = False) -> bool:
    """True for an expression that a text can keep busy for exponential time; `spaced`: it has blanks and comments."""
    if len(pattern) > _LONGEST or not re.search(r"[+*}]\)?", pattern):
        return False
    tree = _parsed(pattern, spaced)
    return tree is not None and _sequence(list(tree), False)


def _parsed(pattern: str, spaced: bool) -> Any:
    """The tree of Python's own parser, which reads most of JavaScript's syntax too; None where it cannot."""
    text = re.sub(r"\(\?<(?![=!])", "(?P<", pattern).replace(r"\/", "/").replace(r"\d-\w", r"\d\-\w")
    text = re.sub(r"\\[pP]\{[^}]*\}", r"\\w", text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module("re._parser").parse(text, re.VERBOSE if spaced else 0)
    except (re.error, RecursionError, OverflowError, ValueError, ImportError):
        return None


def _sequence(items: list[Any], fails_after: bool) -> bool:
    """Judge the items of a sequence; `fails_after`: something behind the whole of it can fail."""
    fails = fails_after
    for kind, value in reversed(items):
        name = str(kind)
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            low, high, body = value
            held = list(body)
            many = int(high) >= _MANY and fails
            if many and (_repeats_alone(held) or _varies_alone(held) or is_ambiguous(held, _characters)):
                return True
            if int(low) >= _MANY and fails and held and all(map(_nullable, _flat(held))):
                return True  # `(a?){40}`
            if _sequence(held, True if int(high) > 1 else fails):
                return True
            fails = fails or int(low) > 0
        else:
            if any(_sequence(part, fails) for part in _parts(name, value)):
                return True
            fails = fails or name not in ("GROUPREF_EXISTS",)
    return False


def _parts(name: str, value: Any) -> list[list[Any]]:
    if name == "SUBPATTERN":
        return [list(value[-1])]
    if name == "BRANCH":
        return [list(b) for b in value[1]]
    if name in ("ASSERT", "ASSERT_NOT"):
        return [list(value[1])]
    return []


def _flat(items: list[Any]) -> list[Any]:
    """The items of a sequence with plain groups opened."""
    found: list[Any] = []
    for kind, value in items:
        if str(kind) == "SUBPATTERN":
            found += _flat(list(value[-1]))
        else:
            found.append((kind, value))
    return found


def _nullable(item: Any) -> bool:
    name, value = str(item[0]), item[1]
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        return int(value[0]) == 0 or all(_nullable(i) for i in _flat(list(value[2])))
    if name == "BRANCH":
        return any(all(_nullable(i) for i in _flat(list(b))) for b in value[1])
    return name in ("AT", "ASSERT", "ASSERT_NOT")


def _repeats_alone(body: list[Any]) -> bool:
    """One item of the body repeats without end, and all others may be empty."""
    items = _flat(body)
    if len(items) == 1 and str(items[0][0]) == "BRANCH":
        return any(_repeats_alone(list(b)) for b in items[0][1][1])
    for index, (kind, value) in enumerate(items):
        if str(kind) in ("MAX_REPEAT", "MIN_REPEAT") and int(value[1]) >= _MANY and int(value[0]) <= 1:
            inner = _flat(list(value[2]))
            if all(_nullable(i) for i in (*items[:index], *items[index + 1 :])) and not _nullable_run(inner):
                return True
    return False


def _varies_alone(body: list[Any]) -> bool:
    """`(?:[a-z]{2,4})`: repeated, a long text is cut into such pieces in exponentially many ways."""
    items = _flat(body)
    if len(items) != 1 or str(items[0][0]) not in ("MAX_REPEAT", "MIN_REPEAT"):
        return False
    low, high, inner = items[0][1]
    return 1 <= int(low) < int(high) and len(_flat(list(inner))) == 1


def _nullable_run(items: list[Any]) -> bool:
    return not items


_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_DIGIT = frozenset("0123456789")
_SPACE = frozenset(" \t\n\r\f\v")
_ALL = frozenset(map(chr, range(128)))
_CLASSES = {
    "CATEGORY_WORD": _WORD, "CATEGORY_DIGIT": _DIGIT, "CATEGORY_SPACE": _SPACE, "CATEGORY_NOT_WORD": _ALL - _WORD,
    "CATEGORY_NOT_DIGIT": _ALL - _DIGIT, "CATEGORY_NOT_SPACE": _ALL - _SPACE,
}  # fmt: skip


def _characters(items: list[Any]) -> frozenset[str] | None:
    """The ASCII characters that an alternative of one character stands for, None for any other."""
    if len(items) != 1:
        return None
    name, value = str(items[0][0]), items[0][1]
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        return _characters(_flat(list(value[2])))
    if name == "LITERAL":
        return frozenset(chr(value)) if value < 128 else frozenset()
    if name == "NOT_LITERAL":
        return _ALL - {chr(value)}
    if name == "ANY":
        return _ALL - {"\n"}
    return _members(value) if name == "IN" else None


def _members(items: list[Any]) -> frozenset[str]:
    made: frozenset[str] = frozenset()
    negated = False
    for kind, value in items:
        name = str(kind)
        if name == "NEGATE":
            negated = True
        elif name == "LITERAL":
            made |= {chr(value)} if value < 128 else set()
        elif name == "RANGE":
            made |= frozenset(map(chr, range(value[0], min(value[1], 127) + 1)))
        elif name == "CATEGORY":
            made |= _CLASSES.get(str(value), frozenset())
    return _ALL - made if negated else made
