"""What the judges of loops may see and say of the source that is being followed."""

from __future__ import annotations

from typing import Protocol

from loopwright.core.rules import Level
from loopwright.guard.checks.safety.finding import Name, SafetyConfig
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.values import Value


class Followed(Protocol):
    """A Python or JavaScript text being followed."""

    config: SafetyConfig
    scanned: int  # nodes looked at for loops
    times: int  # how often the current place runs, as far as counted loops tell
    turning: int  # how often it runs by loops that may wait
    searching: int  # the same with loops that may end early
    waits: list[tuple[str, int]]  # what is waited for without a deadline, and where
    starting: bool  # at what runs whenever the file does
    alone: bool  # no other code runs while a loop turns

    def report(self, name: Name, level: Level, line: int, reason: str) -> None: ...
    def lookup(self, name: str) -> Value: ...
    def value(self, node: t.Node) -> Value: ...
    def generates(self, times: int = 0) -> None: ...
    def awaits_nothing(self, pauses: bool) -> bool: ...
    def shared(self) -> set[str]: ...
    def times_set(self, name: str) -> int: ...
    def count(self, line: int, times: int) -> None: ...
