"""Loops of a trial: turned until they end, come back to a state they were in, or show where they are going."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.trial.leaving import Doubt, Left
from loopwright.guard.checks.safety.trial.relevant import deciding, every, has_leave
from loopwright.guard.checks.safety.trial.seen import Tried
from loopwright.guard.checks.safety.trial.setting import assign
from loopwright.guard.checks.safety.trial.trends import Trend
from loopwright.guard.checks.safety.trial.values import UNKNOWN, Frame, Kind, Routine, Thing, freeze

#: Turns after which a loop that still turns is judged by its trend.
_MOST_TURNS = 200
#: Ways to leave a loop that leave more than the loop.
_FURTHER = frozenset({"return", "raise"})
_FINE = "change what it tests on every way around"


def loop(run: Tried, node: t.Loop, frame: Frame) -> Any:
    """Work a loop out; where that cannot be done, whatever it may set is unknown."""
    trend = Trend()
    run.turning.append(trend)
    try:
        if node.over is not None:
            _each(run, node, trend, frame)
        else:
            _while(run, node, trend, frame)
        done = True
    except Doubt:
        done = False
    finally:
        run.turning.pop()
    if done:
        run.block(node.orelse, frame)
    else:
        _give_up(run, node, frame)


def _give_up(run: Tried, node: t.Loop, frame: Frame) -> None:
    parts = [*node.body, *(n for n in (node.test, node.step) if n is not None)]
    run.forget([node], frame)
    run.unsure(t.Block(node.line, node.orelse), has_leave(node.orelse, _FURTHER | {"break", "continue"}), frame)
    run.unsure(t.Block(node.line, parts), has_leave(parts, _FURTHER), frame)


def _while(run: Tried, node: t.Loop, trend: Trend, frame: Frame) -> None:
    names = deciding(node)
    if not names:  # nothing is asked for: what stands in it says what it does
        raise Doubt
    known: Any = None
    test = node.test
    calls = run.calls
    for turn in range(_MOST_TURNS):
        holds = run.test(test, frame, True) if test is not None and (turn or not node.late) else True
        if holds is None:
            raise Doubt
        if not holds:
            return
        state = _state(run, names, frame)
        if turn and state is not None and state == known and _judged(run, node, calls, frame):
            _report(run, node, "comes back to a state in which it was before, so it never ends")
        if turn & (turn - 1) == 0:
            known = state
        if _turn(run, node, frame):
            return
    if trend.hopeless() and _judged(run, node, calls, frame):
        _report(run, node, "comes no nearer to its end with any turn, so it never ends")
    raise Doubt


def _judged(run: Tried, node: t.Loop, calls: int, frame: Frame) -> bool:
    """Whether what the loop tests is to end it: a mere switch may stand for `while True`, with work that ends it."""
    if run.calls == calls:
        return True
    pending = [node.test] if node.test is not None else []
    for each in every(node.body):
        if isinstance(each, t.Branch) and has_leave([n for arm in each.arms for n in arm], _FURTHER | {"break"}):
            pending += each.tests
    return any(isinstance(n, t.Op) and n.op != "not" for n in every(pending))


def _turn(run: Tried, node: t.Loop, frame: Frame) -> bool:
    """Do one turn; return whether the loop is left."""
    try:
        run.block(node.body, frame)
    except Left as left:
        if left.kind == "break":
            return True
        if left.kind != "continue":
            raise
    if node.step is not None:
        run.value(node.step, frame)
    return False


def _state(run: Tried, names: set[str], frame: Frame) -> Any:
    held = []
    try:
        for name in sorted(names):
            if name == "this":
                held.append((name, freeze(frame.this, {}, [200])))
            owner = frame.find(name)
            if owner is not None and not isinstance(owner.names[name], (Routine, Kind)):
                value = owner.names[name]
                held.append((name, freeze(UNKNOWN if id(value) in run.escaped else value, {}, [200])))
    except (OverflowError, TypeError):
        return None
    return held


def _each(run: Tried, node: t.Loop, trend: Trend, frame: Frame) -> None:
    assert node.over is not None
    items = run.value(node.over, frame)
    live: Any = None
    if not isinstance(items, Sequence) or isinstance(items, bytes):
        if run.script and isinstance(items, Thing):
            items = dict.fromkeys(items.fields)
        if not isinstance(items, (dict, set)):
            _once(run, node, frame)
            raise Doubt
        live, items = items, list(items)
    index = 0
    target = node.target or t.Name(node.line, "%each")
    while index < len(items):
        if index >= _MOST_TURNS:
            if trend.hopeless() and isinstance(items, list):
                why = "reads a list that grows with each turn, so it never ends"
                run.report(node.line, f"this loop {why}; iterate over a copy")
                run.report(node.line, f"this loop {why}; iterate over a copy", "resources")
                raise Left("exit")
            raise Doubt
        trend.note(id(node), len(items) - index, 0)
        assign(run, target, items[index], frame)
        index += 1
        if _turn(run, node, frame):
            return
        if run.script and live is not None and len(live) > len(items):
            items += list(live)[len(items) :] if isinstance(live, dict) else [UNKNOWN] * (len(live) - len(items))


def _once(run: Tried, node: t.Loop, frame: Frame) -> None:
    """One turn for something unknown, for what stands in the loop."""
    run.forget([node], frame)
    run.perhaps += 1
    try:
        _turn(run, node, frame)
    except Left as left:
        if left.kind == "exit":
            raise Doubt from None
    finally:
        run.perhaps -= 1


def _report(run: Tried, node: t.Loop, why: str) -> None:
    run.report(node.line, f"this loop {why}; {_FINE}")
    raise Left("exit")
