"""Works a program out as far as its values are known, and reports loops and recursions that come to no end.

Nothing of the program runs: its tree is evaluated on constants, with a bound on all steps together. What comes from
outside is UNKNOWN; where the way depends on it, the loop around is given up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from loopwright.guard.checks.safety.finding import Found, Name
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.trial.calling import called
from loopwright.guard.checks.safety.trial.entering import estimate
from loopwright.guard.checks.safety.trial.expressions import (
    attribute,
    choice,
    collection,
    comprehension,
    item,
    named,
    operation,
    pause,
    table,
    template,
)
from loopwright.guard.checks.safety.trial.leaving import Doubt, Left, Spent
from loopwright.guard.checks.safety.trial.loops import loop
from loopwright.guard.checks.safety.trial.relevant import every, name_of, root_of
from loopwright.guard.checks.safety.trial.seen import Report
from loopwright.guard.checks.safety.trial.setting import assign, assignment, declared, define, function, imports
from loopwright.guard.checks.safety.trial.trends import Trend
from loopwright.guard.checks.safety.trial.values import UNKNOWN, Frame, Kind, Routine, Thing, operate, truth

#: Nodes evaluated in one text.
MOST_STEPS = 10_000
_EXITS = frozenset({"exit", "_exit", "quit", "abort"})


class Run:
    """One trial. `report` is called with the line and reason of what comes to no end."""

    def __init__(self, script: bool, shared: set[str], report: Report) -> None:
        self.script = script
        self.shared = shared
        self.report = report
        self.steps = 0
        self.perhaps = 0  # loops around the current place that may not turn at all
        self.calls = 0  # of what is not known
        self.turning: list[Trend] = []  # the loops that are being worked out
        self.active: list[tuple[t.Func, Any, Trend]] = []
        self.escaped: set[int] = set()
        self.kept: list[Any] = []  # what has escaped stays alive, so that its identity is its own
        self.tried: set[int] = set()
        self.doubted: set[int] = set()  # functions that something unknown may end
        self.levels: dict[int, Counter[int]] = {}  # of a recursion, the calls by their depth
        self.given: dict[int, tuple[int, int]] = {}  # of a function, the greatest number and length it is called with

    # ------------------------------------------------------------ statements

    def block(self, body: list[t.Node], frame: Frame) -> None:
        if self.script:
            for each in body:
                if isinstance(each, t.Func) and each.name:
                    frame.names[each.name] = Routine(each, frame)
        for each in body:
            self.value(each, frame)

    def value(self, node: t.Node, frame: Frame) -> Any:
        """Return the value of an expression, or do a statement."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            if self.active and sum(f is self.active[0][0] for f, _, _ in self.active) > 2:
                estimate(self, self.active[0][0])
            raise Spent
        act = _ACTS.get(type(node))
        return act(self, node, frame) if act is not None else UNKNOWN

    def several(self, node: t.Several, frame: Frame) -> Any:
        for each in node.parts:
            self.value(each, frame)
        return UNKNOWN

    def grouped(self, node: t.Block, frame: Frame) -> Any:
        self.block(node.body, frame)

    def whole(self, body: list[t.Node]) -> None:
        """Try a module, then each function that nothing in it called, with arguments that are not known."""
        frame = Frame()
        try:
            self.start(body, frame)
            for node, at in self._functions(body, frame):
                if id(node) not in self.tried and self.steps < MOST_STEPS:
                    self.start(node.body, at)
        except Spent:
            return

    def start(self, body: list[t.Node], frame: Frame) -> None:
        self.turning, self.active = [], []
        try:
            self.block(body, frame)
        except (Left, Doubt):
            return

    def _functions(self, body: list[t.Node], frame: Frame) -> Iterator[tuple[t.Func, Frame]]:
        for node in every(body):
            inner = [n for n in node.body if isinstance(n, t.Func)] if isinstance(node, t.Class) else []
            for func in (node, *inner):
                if isinstance(func, t.Func):
                    at = Frame(frame, func)
                    at.names.update(dict.fromkeys(func.params, UNKNOWN))
                    yield func, at

    def branch(self, node: t.Branch, frame: Frame) -> Any:
        plain = len(node.tests) == 1 and len(node.arms) == 2
        leaves = any(isinstance(n, t.Leave) for arm in node.arms for n in every(arm))
        holds = self.test(node.tests[0], frame, leaves) if plain else None
        if not plain:
            for test in node.tests:
                self.value(test, frame)
        if holds is None:
            self.unsure(node, leaves, frame)
        else:
            self.block(node.arms[0 if holds else 1], frame)

    def unsure(self, node: t.Node, leaves: bool, frame: Frame) -> None:
        """Go on behind a branch of which it is not known which way it goes."""
        exits = any(isinstance(n, t.Call) and name_of(n.func) in _EXITS for n in every([node]))
        if (leaves or exits) and self.turning:
            raise Doubt
        if leaves or exits:
            self.doubted.add(id(frame.func))
            for func, _, trend in self.active:
                trend.blind = trend.blind or func is frame.func
                trend.unsure = trend.unsure or func is frame.func
        self.forget([node], frame)

    def forget(self, nodes: list[t.Node], frame: Frame) -> None:
        """Make unknown whatever these nodes may set or change."""
        for node in every(nodes):
            self.steps += 1
            if isinstance(node, t.Assign):
                for target in node.targets:
                    assign(self, target, UNKNOWN, frame)
            elif isinstance(node, t.Loop) and node.target is not None:
                assign(self, node.target, UNKNOWN, frame)
            elif isinstance(node, t.Func) and node.name and not node.owner:
                frame.names[node.name] = UNKNOWN
            elif isinstance(node, t.Call):
                self.foreign(node, frame)

    def foreign(self, node: t.Call, frame: Frame) -> None:
        """A call of which nothing is known: it may set shared names and change what it is given."""
        self.hand_out([root_of(node.func), *node.args, *(x for _, x in node.named)], frame, 2)
        self.elsewhere(frame)

    def hand_out(self, nodes: list[t.Node], frame: Frame, deep: int) -> None:
        """Let go of all that these nodes name, and what functions among them name, so many levels deep."""
        for part in every(nodes):
            self.steps += deep < 2  # what stands in functions is looked at as often as they are handed out
            owner = frame.find(part.id) if isinstance(part, t.Name) else None
            held = owner.names[part.id] if owner is not None and isinstance(part, t.Name) else UNKNOWN
            self.escape(held)
            if deep and isinstance(part, t.Func):
                self.hand_out(part.body, frame, deep - 1)
            elif deep and isinstance(held, Routine):
                self.hand_out(held.func.body, held.frame, deep - 1)

    def elsewhere(self, frame: Frame) -> None:
        """Other code may run here."""
        self.calls += 1
        at: Frame | None = frame
        while at is not None:
            for name in self.shared & at.names.keys():
                if not isinstance(at.names[name], (Routine, Kind)):
                    at.names[name] = UNKNOWN
            at = at.outer

    def escape(self, value: Any) -> None:
        if isinstance(value, (list, dict, set, Thing)) and id(value) not in self.escaped:
            self.escaped.add(id(value))
            self.kept.append(value)

    def attempt(self, node: t.Try, frame: Frame) -> Any:
        rescue = t.Block(node.line, [n for arm in node.rescue for n in arm])
        before = self.calls
        try:
            self.block(node.body, frame)
        except Left as left:
            if left.kind != "raise":
                self.block(node.last, frame)
                raise
            self.unsure(rescue, True, frame)
        else:
            if self.calls > before:  # what is called may have failed
                self.unsure(rescue, any(isinstance(n, t.Leave) for n in every([rescue])), frame)
        self.block(node.last, frame)

    def leave(self, node: t.Leave, frame: Frame) -> Any:
        value = self.value(node.value, frame) if node.value is not None else None
        raise Left(node.kind, value)

    def test(self, node: t.Node, frame: Frame, decides: bool) -> bool | None:
        """Return whether a test holds; `decides`: whether a loop or function goes on depends on it."""
        if decides and isinstance(node, t.Choice) and node.op in ("and", "or"):
            for index, each in enumerate((node.test, *node.parts)):
                holds = self.test(each, frame, True)
                if holds is None:
                    self.forget(node.parts[index:], frame)
                    return None
                if holds == (node.op == "or"):
                    return holds
            return node.op == "and"
        if decides and isinstance(node, t.Op) and node.op == "not":
            holds = self.test(node.left, frame, True)
            return None if holds is None else not holds
        if decides and isinstance(node, t.Op) and node.op in ("<", "<=", ">", ">=", "==", "!="):
            left, right = self.value(node.left, frame), self.value(node.right, frame)
            self._note(node, left, right)
            return truth(operate(node.op, left, right, self.script), self.script)
        value = self.value(node, frame)
        if decides and not isinstance(node, t.Const):
            held = len(value) if isinstance(value, (list, dict, set, str, tuple)) else value
            self._note(node, held if not isinstance(held, bool) else None, 0)
        return truth(value, self.script)

    def _note(self, node: t.Node, left: Any, right: Any) -> None:
        if self.turning:
            self.turning[-1].note(id(node), left, right)
        if self.active:
            self.active[-1][2].note(id(node), left, right)


_ACTS: dict[type[t.Node], Callable[[Run, Any, Frame], Any]] = {
    t.Const: lambda run, node, frame: node.value,
    t.Name: named,
    t.Attr: attribute,
    t.Index: item,
    t.Call: called,
    t.Op: operation,
    t.Text: template,
    t.Group: collection,
    t.Table: table,
    t.Several: Run.several,
    t.Choice: choice,
    t.Pause: pause,
    t.Comprehension: comprehension,
    t.Assign: assignment,
    t.Func: function,
    t.Class: define,
    t.Import: imports,
    t.Branch: Run.branch,
    t.Loop: loop,
    t.Try: Run.attempt,
    t.Block: Run.grouped,
    t.Leave: Run.leave,
    t.Shared: declared,
}


def judge_trial(body: list[t.Node], script: bool) -> tuple[list[Found], dict[int, tuple[int, int]]]:
    """Return a finding for each loop and recursion that a trial of the program shows to come to no end.

    Beside them, the greatest number and length that each function was called with, by its identity.
    """
    found: list[Found] = []

    def report(line: int, why: str, name: Name = "time") -> None:
        found.append(Found(name, "block", line, why))

    run = Run(script, t.names_shared(body, not script), report)
    run.whole(body)
    return found, run.given
