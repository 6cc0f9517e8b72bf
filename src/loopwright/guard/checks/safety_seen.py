"""What the judges of loops, files and functions may see and say of the source that is being followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from loopwright.core.rules import Level
from loopwright.guard.checks import safety_tree as t
from loopwright.guard.checks.safety_finding import Name, SafetyConfig
from loopwright.guard.checks.safety_values import Value

if TYPE_CHECKING:
    from tree_sitter import Node


class Followed(Protocol):
    """A Python or JavaScript text being followed."""

    scanned: int  # nodes looked at for loops

    def report(self, name: Name, level: Level, line: int, reason: str) -> None: ...
    def lookup(self, name: str) -> Value: ...
    def value(self, node: t.Node) -> Value: ...
    def generates(self) -> None: ...


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

    __slots__ = ("background", "env", "line", "stdin", "words", "writes")

    def __init__(self, words: list[Value], stdin: Value, line: int) -> None:
        self.words = words
        self.stdin = stdin
        self.line = line
        self.env: dict[str, Value] = {}
        self.writes: list[Value] = []
        self.background = False

    @property
    def argv(self) -> list[str]:
        return [w.text for w in self.words]
