"""Technologies that rules name in prose, and the packages whose presence in a manifest shows that they are used."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from loopwright.guard.directives.patterns import Pattern


def _tables() -> dict[str, dict[str, tuple[str, ...]]]:
    """Read `technologies.txt`: sections of lines `name = packages`."""
    tables: dict[str, dict[str, tuple[str, ...]]] = {}
    section: dict[str, tuple[str, ...]] = {}
    for line in Path(__file__).with_name("technologies.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = tables.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            name, _, packages = line.partition(" = ")
            section[name] = tuple(packages.split())
    return tables


_TABLES = _tables()
#: Name in prose, lower case -> packages, any of which will do.
PACKAGES = {**_TABLES["libraries"], **_TABLES["testing"]}
#: Names of test frameworks and of what belongs to them.
TESTING = frozenset(_TABLES["testing"])
#: Test frameworks that stand in for each other: naming one forbids the rest of its group in new tests.
RIVALS = (
    frozenset({"vitest", "jest", "mocha", "jasmine", "ava", "node:test", "bun:test"}),
    frozenset({"pytest", "unittest", "nose"}),
    frozenset({"playwright", "cypress", "webdriverio"}),
)

_NAMES = Pattern(
    r"(?<![\w@/.-])(" + "|".join(re.escape(n) for n in sorted(PACKAGES, key=len, reverse=True)) + r")(?![\w/+-])",
    re.IGNORECASE,
)


@lru_cache(maxsize=8)
def named(text: str) -> list[tuple[int, str]]:
    """Return (offset, name) of the technologies a text names, lower case."""
    return [(m.start(), m[1].lower()) for m in _NAMES.finditer(text)]
