"""What the parts of a trial may see and do of the program that is being worked out."""

from __future__ import annotations

from collections import Counter
from typing import Any, Protocol

from loopwright.guard.checks.safety.finding import Name
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.trial.trends import Trend
from loopwright.guard.checks.safety.trial.values import Frame


class Report(Protocol):
    """Takes the line and reason of what comes to no end."""

    def __call__(self, line: int, why: str, name: Name = "time") -> None: ...


class Tried(Protocol):
    """A program being worked out."""

    script: bool
    report: Report
    perhaps: int  # loops around the current place that may not turn at all
    calls: int  # of what is not known
    turning: list[Trend]  # the loops that are being worked out
    active: list[tuple[t.Func, Any, Trend]]
    escaped: set[int]
    tried: set[int]
    doubted: set[int]  # functions that something unknown may end
    levels: dict[int, Counter[int]]  # of a recursion, the calls by their depth
    given: dict[int, tuple[int, int]]  # of a function, the greatest number and length it is called with

    def block(self, body: list[t.Node], frame: Frame) -> None: ...
    def value(self, node: t.Node, frame: Frame) -> Any: ...
    def several(self, node: t.Several, frame: Frame) -> Any: ...
    def test(self, node: t.Node, frame: Frame, decides: bool) -> bool | None: ...
    def unsure(self, node: t.Node, leaves: bool, frame: Frame) -> None: ...
    def forget(self, nodes: list[t.Node], frame: Frame) -> None: ...
    def foreign(self, node: t.Call, frame: Frame) -> None: ...
    def elsewhere(self, frame: Frame) -> None: ...
    def escape(self, value: Any) -> None: ...
