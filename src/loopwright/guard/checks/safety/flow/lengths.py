"""How long things are whose length is known to be great, and what it costs to look through them again and again."""

from __future__ import annotations

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value

#: A length from which on it is told.
MANY = 1_000
#: A length from which on `len` gives it: one of a few items may still change.
_TOLD = 20
#: Comparisons that a search makes in native code come to so many before they count as one step of a loop.
_NATIVE = 10


def measured(flow: Flow, called: Called) -> Value | None:
    """`len(items)`."""
    return length(called.arg(0))


def length(value: Value) -> Value | None:
    """Return how long a value is where that is a great number, None where it is not known."""
    return Value(value.length) if value.length >= _TOLD else None


def searched(flow: Flow, called: Called) -> Value | None:
    """`items.count(x)`, `items.indexOf(x)`: each asks item after item."""
    look_through(flow, called.receiver, called.line)
    return None


def look_through(flow: Flow, value: Value, line: int) -> None:
    """Judge a search through all of a value by how often it is made."""
    if value.length < MANY or value.hashed or value.ref == "range()":
        return
    steps = value.length * flow.times
    if flow.config.iterations * _NATIVE <= steps < 1 << 70:
        why = f"{value.length:,} items are looked through {flow.times:,} times"
        flow.report("time", "block", line, f"{why}; a set, or one pass that counts, is fine")


def kept(flow: Flow, called: Called) -> Value | None:
    """`items.keys()`, `items.sort()`: as many as there were."""
    value = called.receiver
    if not value.length:
        return None
    made = Value(None, "", value.labels, None, value.size)
    made.length = value.length
    return made


def is_column(key: t.Node) -> bool:
    """True for the key of `items[:, None]`, `items[None, :]`."""
    return isinstance(key, t.Group) and any(map(_is_new, key.items))


def _is_new(node: t.Node) -> bool:
    return (isinstance(node, t.Const) and node.value is None) or (isinstance(node, t.Attr) and node.name == "newaxis")


def column(value: Value, key: t.Node) -> Value:
    """Return an array as a row or column; the two together make a table of all pairs."""
    upright = isinstance(key, t.Group) and not _is_new(key.items[0])
    made = Value(None, "%column" if upright else "", value.labels, None, value.size)
    made.length = value.length
    return made


def held_each_time(flow: Flow, size: int, line: int) -> None:
    """Judge what is kept at every turn of a loop without end, at every run of a timer, for every request."""
    often = "storm" in flow.facts and size >= flow.config.memory >> 10
    asked = "served" in flow.facts and size >= flow.config.memory >> 14
    if often or asked or (flow.endless and size >= flow.config.memory >> 4):
        why = f"{size >> 10:,} KiB are kept at every turn, without end; keep a number of them"
        flow.report("resources", "block", line, why)


#: Bytes that an item takes in a container at the least.
_ITEM = 32


def judge_growth(flow: Flow, size: int, line: int) -> None:
    """Judge what a container comes to that a counted loop puts something of a size into."""
    held = max(_ITEM, size) * flow.times
    if flow.times > 1 and held >= 16 * flow.config.memory:
        flow.oversize(line, min(held, 1 << 62))
