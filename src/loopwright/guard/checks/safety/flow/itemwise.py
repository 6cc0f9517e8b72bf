"""What is made of known items one by one: letters that are shifted, numbers that become characters."""

from __future__ import annotations

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.called import Scope
from loopwright.guard.checks.safety.flow.entering import bind, is_formula
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.places import HOLE

#: Items of one sequence that are worked out, and those of all of a text together.
MOST, _MOST_TOGETHER = 1_999, 10_000


def items_of(flow: Flow, value: Value) -> list[Value] | None:
    """Return all items of a value, None where they are not all known; counts them as worked out."""
    made = _items(value)
    if not made or len(made) > MOST or flow.worked + len(made) > _MOST_TOGETHER:
        return None
    flow.worked += len(made)
    return made


def _items(value: Value) -> list[Value] | None:
    const = value.const
    if value.items is not None:
        return value.items
    if isinstance(const, str) and len(const) <= MOST and HOLE not in const:
        return [Value(letter, "", value.labels) for letter in const]
    if isinstance(const, (bytes, bytearray)) and len(const) <= MOST:
        return [Value(number, "", value.labels) for number in const]
    if value.ref == "range()" and value.steps is not None and value.length <= MOST:
        return [Value(number) for number in value.steps]
    return None


def apply(flow: Flow, func: t.Func, args: list[Value]) -> Value:
    """Return what a function that is a single expression gives for these arguments."""
    assert is_formula(func)
    outer, flow.scope = flow.scope, Scope(flow.closures.get(id(func), flow.scope))
    bind(flow, func, args, {}, None)
    only = func.body[0]
    made = flow.value(only.value) if isinstance(only, t.Leave) and only.value is not None else Value()
    flow.scope = outer
    return made


def mapped(flow: Flow, function: Value, items: list[Value]) -> list[Value] | None:
    """Return what a function gives for each of these items, None where it is none that is worked out."""
    func = function.func
    if not isinstance(func, t.Func) or not is_formula(func) or func in flow.active:
        return None
    return [apply(flow, func, [item, Value(index)]) for index, item in enumerate(items)]


def reduced(flow: Flow, function: Value, items: list[Value], start: Value | None) -> Value | None:
    """Return what is left where a function puts each of these items to what it gave before."""
    func = function.func
    if not isinstance(func, t.Func) or not is_formula(func) or func in flow.active:
        return None
    held, rest = (start, items) if start is not None else (items[0], items[1:])
    for index, item in enumerate(rest):
        held = apply(flow, func, [held, item, Value(index)])
    return held


def holds(value: Value) -> bool | None:
    """Return whether a test of the value holds, None where that is not known."""
    const = value.const
    return bool(const) if isinstance(const, (bool, int, str)) and const != HOLE else None
