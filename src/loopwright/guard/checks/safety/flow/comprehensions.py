"""Comprehensions: what they give, how much of it, and item by item where all of it is known."""

from __future__ import annotations

from loopwright.core.expression import expression
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.assignment import assign
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.itemwise import holds, items_of
from loopwright.guard.checks.safety.flow.piles import gone_through
from loopwright.guard.checks.safety.flow.values import Value

_ALL_OF_ENDLESS = "all of a sequence that never ends is taken; itertools.islice takes a part"
#: Turns from which on what is started in each is counted.
_FEW = 10
#: Bytes that an item takes at the least, with what it refers to: in a list, and in a set or dictionary.
_ITEM, _HASHED_ITEM = 32, 100
_KEYS = expression(r"(?i)key|token|secret|passw|cred|aws|auth")


def comprehension(flow: Flow, node: t.Comprehension) -> Value:
    flow.doubtful += 1
    times = flow.times
    endless = False
    items: list[Value] | None = None
    surely = True
    for target, over in node.loops:
        value = flow.value(over)
        surely = surely and (value.length > 0 or bool(value.items)) and not node.tests
        items = items_of(flow, value) if len(node.loops) == 1 and not flow.picking else None
        endless = endless or value.ref in v.ENDLESS
        flow.times = min(flow.times * max(1, value.length), 1 << 80)
        assign(flow, target, flow.each(value))
    for test in node.tests:
        flow.value(test)
    flow.picking += 1
    flow.surely += surely
    made = flow.value(node.element)
    given = _worked_out(flow, node, items) if items is not None else None
    flow.surely -= surely
    flow.picking -= 1
    if made.size * flow.times >= 16 * flow.config.memory and flow.times > 1:
        flow.oversize(node.line, made.size * flow.times)
    flow.count(node.line, flow.times)
    length = flow.times // max(1, times)
    if length >= _FEW:
        gone_through(flow, node.line, [node.element], length, not node.lazy)
    flow.times = times
    flow.doubtful -= 1
    if endless and not node.lazy:
        flow.report("time", "block", node.line, _ALL_OF_ENDLESS)
    result = _made(flow, node, made, length, endless)
    if given is not None:
        result.items = given
        result.labels |= v.join(given).labels
    return result


def _made(flow: Flow, node: t.Comprehension, made: Value, length: int, endless: bool) -> Value:
    """Return what a comprehension of so many such elements is."""
    labels = made.labels
    if node.tests and not _picks_keys(node.tests):
        labels &= ~v.ENVIRON
    result = Value(None, "%forever" if endless else "", labels)
    least = _HASHED_ITEM if node.hashed else _ITEM
    if not node.lazy and not node.tests and least * length >= 8 * flow.config.iterations:
        flow.oversize(node.line, min(least * length, 1 << 62))
    if length > 1 and not node.tests:
        result.length, result.size, result.hashed = length, length * max(8, made.size), node.hashed
    return result


def _worked_out(flow: Flow, node: t.Comprehension, items: list[Value]) -> list[Value] | None:
    """Return what a comprehension gives for each of its items, None where it is not known which it takes."""
    made: list[Value] = []
    for item in items:
        assign(flow, node.loops[0][0], item)
        taken = [holds(flow.value(test)) for test in node.tests]
        if None in taken:
            return None
        if all(taken):
            made.append(flow.value(node.element))
    return made


def _picks_keys(tests: list[t.Node]) -> bool:
    """True where what is picked out is told by words for credentials."""
    pending = list(tests)
    while pending:
        node = pending.pop()
        if isinstance(node, t.Const) and isinstance(node.value, str) and _KEYS.search(node.value):
            return True
        pending.extend(t.inner(node))
    return False
