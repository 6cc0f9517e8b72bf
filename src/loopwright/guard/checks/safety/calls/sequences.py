"""Sequences that are made of others: their items, where those are known."""

from __future__ import annotations

from loopwright.guard.checks.safety.calls import sending
from loopwright.guard.checks.safety.flow import itemwise
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value, join


def _pair(values: list[Value]) -> Value:
    made = join(values)
    made.items = values
    return made


def numbered(flow: Flow, called: Called) -> Value | None:
    """`enumerate(items)`."""
    made = sending.keep(flow, called)
    items = itemwise.items_of(flow, called.arg(0))
    if made is not None and items is not None:
        start = called.arg(1, "start").number or 0
        made.items = [_pair([Value(start + index), item]) for index, item in enumerate(items)]
    return made


def zipped(flow: Flow, called: Called) -> Value | None:
    """`zip(a, b)`, of which one may go round: `zip(data, cycle(key))`."""
    made = sending.keep(flow, called)
    around = [(a.attrs or {}).get("%around") for a in called.args]
    lists = [itemwise.items_of(flow, x or a) for a, x in zip(called.args, around, strict=True)]
    if made is None or not lists or None in lists or all(around):
        return made
    length = min(len(x or []) for x, a in zip(lists, around, strict=True) if a is None)
    made.items = [_pair([x[index % len(x)] for x in lists if x]) for index in range(length)]
    return made


def cycled(flow: Flow, called: Called) -> Value | None:
    """`itertools.cycle(items)`."""
    made = Value(None, "itertools.cycle()", called.all.labels)
    made.attrs = {"%around": called.arg(0)}
    return made
