"""Calls that put something into a list, a set or a map."""

from __future__ import annotations

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.lengths import held_each_time, judge_growth
from loopwright.guard.checks.safety.flow.pieces import is_spread
from loopwright.guard.checks.safety.flow.values import Value

#: Items that are put before all others one by one.
_MOST_SHIFTED = 2_000_000


#: A list that doubles so often holds more than memory.
_MOST_DOUBLED = 30


def _doubled(flow: Flow, called: Called) -> None:
    """`items.extend(items)`, `items.push(...items)` in a loop."""
    func, given = called.node.func, called.node.args[0] if called.node.args else None
    spread = isinstance(given, t.Call) and is_spread(given) and given.args
    given = given.args[0] if spread and isinstance(given, t.Call) else given
    own = (
        isinstance(func, t.Attr)
        and isinstance(func.of, t.Name)
        and isinstance(given, t.Name)
        and func.of.id == given.id
    )
    if own and (spread or called.name == "extend") and (flow.endless or flow.times >= _MOST_DOUBLED):
        why = "a list is put into itself again and again, and doubles each time"
        flow.report("resources", "block", called.line, f"{why}; put in what is new")


def added(flow: Flow, called: Called) -> Value | None:
    """`items.append(x)`: what is in the container is in what is read from it."""
    base = called.receiver
    base.labels |= called.all.labels
    if flow.times > 1 and flow.doubtful == flow.surely:
        base.length = max(base.length, flow.times)
    _doubled(flow, called)
    held = sum(a.size for a in called.args) * flow.times
    if "served" in flow.facts and any(a.ref == "%request" for a in called.args) and called.name in ("push", "append"):
        why = "every request is kept as a whole, without end; keep what is needed of it, and a number of them"
        flow.report("resources", "block", called.line, why)
    if called.name == "insert" and called.arg(0).number == 0 and flow.times >= _MOST_SHIFTED and flow.sure:
        why = f"all items are moved {flow.times:,} times, one more each time; append and reverse, or a deque, is fine"
        flow.report("time", "block", called.line, why)
    if not any(base is own for own in flow.scope.names.values()) or flow.endless:
        held_each_time(flow, held, called.line)
    judge_growth(flow, sum(a.size for a in called.args), called.line)
    if base.items is not None and len(base.items) < 200 and called.name in ("append", "push") and called.args:
        base.items.append(called.args[0])
    elif base.items is not None and called.name not in ("append", "push"):
        base.items = None
    return Value(None, "", base.labels)
