"""What the judges of shell commands may see and say of the script that is being followed; a command as it would run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from loopwright.core.rules import Level
from loopwright.guard.checks.safety.finding import Name, SafetyConfig
from loopwright.guard.checks.safety.flow.values import Value

if TYPE_CHECKING:
    from tree_sitter import Node


class Scripted(Protocol):
    """A shell script being followed."""

    config: SafetyConfig
    names: dict[str, Value]
    functions: dict[str, Node]
    dropped: dict[str, int]  # files from the network, by their last name
    bare: set[str]  # those of them from an address without a name or encryption
    files: dict[str, int]  # origins of what the script writes to files
    endless: bool  # in a loop that nothing ends
    turns: int  # how often the current place runs, as far as counted loops tell
    looping: int  # loops around the current place
    root: Node | None
    lasting: int  # the line of what the current place never gets past

    @property
    def within(self) -> bool: ...
    def report(self, name: Name, level: Level, line: int, reason: str) -> None: ...
    def judge(self, language: str, text: str, line: int) -> None: ...
    def body(self, node: Node, stdin: Value | None = None) -> Value: ...
    def content(self, path: Value, line: int) -> Value: ...


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
