"""What the safety checks are told and what they say."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from loopwright.core.rules import Level

Name = Literal["syntax", "imports", "resources", "time", "privilege"]
NAMES: tuple[Name, ...] = ("syntax", "imports", "resources", "time", "privilege")

GIB = 1 << 30


class SafetyConfig(msgspec.Struct, frozen=True):
    """What is forbidden or permitted beyond the checks' own knowledge, and the thresholds of the estimates.

    Sizes are bytes. Names are as written in an import: `pickle`, `child_process`; calls are dotted: `os.system`.
    """

    forbidden_imports: frozenset[str] = frozenset()
    allowed_imports: frozenset[str] = (
        frozenset()
    )  # never reported, and where non-empty with `only_allowed` the only ones
    only_allowed: bool = False
    local_imports: frozenset[str] = frozenset()  # the project's own modules
    known_imports: frozenset[str] = frozenset()  # its dependencies, by the names they are imported by
    in_project: bool = False  # the dependencies are known, so that others are unknown
    forbidden_calls: frozenset[str] = frozenset()
    forbidden_commands: frozenset[str] = frozenset()  # programs of a shell line
    levels: tuple[tuple[Name, Level], ...] = ()  # the most a check may say: ("time", "warn")
    memory: int = GIB  # one value of this size blocks
    disk: int = 64 * GIB
    iterations: int = 10**9  # steps of nested counted loops that block

    def capped(self, name: Name, level: Level) -> Level:
        """Return the level a finding has once the configured ceiling is applied."""
        order: tuple[Level, ...] = ("warn", "ask", "block")
        ceiling = dict(self.levels).get(name, "block")
        return min(level, ceiling, key=order.index)


class Found(msgspec.Struct, frozen=True):
    """One danger in one source text."""

    name: Name
    level: Level
    line: int
    reason: str


class Reporter(Protocol):
    """Takes a finding."""

    def __call__(self, name: Name, level: Level, line: int, reason: str) -> None: ...


class Reporting(Protocol):
    """Anything being followed, for judges that only report."""

    config: SafetyConfig

    @property
    def within(self) -> bool:
        """True where a program does it, and not a person's command."""
        ...

    def report(self, name: Name, level: Level, line: int, reason: str) -> None: ...
