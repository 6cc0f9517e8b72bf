"""One fingerprint for the same fault wherever it shows: paths, numbers, addresses and times do not count."""

from __future__ import annotations

import hashlib
import re

from loopwright.core.expression import expression
from loopwright.core.knowledge import Diagnosis

_ANSI = expression(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\r(?=\n)")
_VARIABLE = (
    (expression(r"0x[0-9a-fA-F]+"), "<address>"),
    (expression(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (expression(r"\b\d\d?:\d\d:\d\d(?:[.,]\d+)?\b"), "<time>"),
    (expression(r"\b\d+(?:\.\d+)? ?(?:ns|us|µs|ms|s|sec|seconds?|minutes?)\b"), "<time>"),
    (expression(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{32,64}\b"), "<hex>"),
    (expression(r"(?:[A-Za-z]:)?[\\/]?(?:[\w.@+~-]+[\\/])+[\w.@+~-]*"), "<path>"),
    (expression(r"(?<![\w<])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?\b"), "<n>"),
    (expression(r"\s+"), " "),
)
LONGEST = 300


def plain(text: str) -> str:
    """Return text without terminal colours."""
    return _ANSI.sub("", text) if "\x1b" in text or "\r" in text else text


def normalise(message: str) -> str:
    """Return message with everything replaced that differs from run to run and from place to place."""
    for pattern, name in _VARIABLE:
        message = pattern.sub(name, message)
    return message.strip()[:LONGEST]


def fingerprint(found: Diagnosis) -> str:
    """Return 16 hex digits. A wrong result is known by its test as well: `assert <n> == <n>` alone says too little."""
    test = re.split(r"::|\.|/| > | › ", found.test)[-1].partition("[")[0] if found.kind == "logic" else ""
    return hashlib.sha256("\n".join((found.kind, normalise(found.message), test)).encode()).hexdigest()[:16]
