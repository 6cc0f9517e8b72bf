"""What the judges of loops, files and functions may see and say of the source that is being followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from loopwright.core.rules import Level
from loopwright.guard.checks.safety.finding import Name, SafetyConfig
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.values import Value

if TYPE_CHECKING:
    from tree_sitter import Node


class Reporter(Protocol):
    """Takes a finding."""

    def __call__(self, name: Name, level: Level, line: int, reason: str) -> None: ...


class Reporting(Protocol):
    """Anything being followed, for judges that only report."""

    config: SafetyConfig

    def report(self, name: Name, level: Level, line: int, reason: str) -> None: ...


class Followed(Protocol):
    """A Python or JavaScript text being followed."""

    config: SafetyConfig
    scanned: int  # nodes looked at for loops
    alone: bool  # no other code runs while a loop turns

    def report(self, name: Name, level: Level, line: int, reason: str) -> None: ...
    def lookup(self, name: str) -> Value: ...
    def value(self, node: t.Node) -> Value: ...
    def generates(self) -> None: ...
    def times_set(self, name: str) -> int: ...
    def count(self, line: int, times: int) -> None: ...


class Scripted(Protocol):
    """A shell script being followed."""

    config: SafetyConfig
    names: dict[str, Value]
    functions: dict[str, Node]
    dropped: dict[str, int]  # files from the network, by their last name
    bare: set[str]  # those of them from an address without a name or encryption
    files: dict[str, int]  # origins of what the script writes to files

    def report(self, name: Name, level: Level, line: int, reason: str) -> None: ...


class Command:
    """One simple command as it would run: its words, what it reads, what it sets and writes."""

    __slots__ = ("background", "env", "limited", "line", "stdin", "words", "writes")

    def __init__(self, words: list[Value], stdin: Value, line: int) -> None:
        self.words = words
        self.stdin = stdin
        self.line = line
        self.env: dict[str, Value] = {}
        self.writes: list[Value] = []
        self.background = False
        self.limited = False  # something ends it: `timeout`, the container it keeps alive

    @property
    def argv(self) -> list[str]:
        return [w.text for w in self.words]
