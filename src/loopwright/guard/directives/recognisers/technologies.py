"""Technologies that rules name in prose, and the packages whose presence in a manifest shows that they are used."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from loopwright.core.expression import expression


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

_WORD = expression(r"(?<![\w@/.-])\w+")
_GOES_ON = expression(r"[\w/+-]|\.\w")


def _by_first_word() -> dict[str, tuple[str, ...]]:
    """Names by their first word, the longest first."""
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(PACKAGES, key=len, reverse=True):
        if first := _WORD.match(name):
            found[first[0]] = (*found.get(first[0], ()), name)
    return found


_BY_FIRST_WORD = _by_first_word()


@lru_cache(maxsize=8)
def named(text: str) -> list[tuple[int, str]]:
    """Return (offset, name) of the technologies a text names, lower case."""
    lower = text.lower()
    if len(lower) != len(text):  # a letter whose lower case is longer: offsets would not hold
        lower = text
    found: list[tuple[int, str]] = []
    end = 0
    for word in _WORD.finditer(lower):
        at = word.start()
        if at < end:
            continue
        for name in _BY_FIRST_WORD.get(word[0], ()):
            if lower.startswith(name, at) and not _GOES_ON.match(lower, at + len(name)):
                found.append((at, name))
                end = at + len(name)
                break
    return found
