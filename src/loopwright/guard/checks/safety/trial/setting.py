"""What assignments, definitions and imports set in a trial."""

from __future__ import annotations

import math
from typing import Any

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.trial.leaving import Doubt
from loopwright.guard.checks.safety.trial.seen import Tried
from loopwright.guard.checks.safety.trial.values import (
    MOST_HELD,
    MOST_ITEMS,
    UNKNOWN,
    Frame,
    Kind,
    Module,
    Routine,
    Thing,
    kept,
    operate,
)


def function(run: Tried, node: t.Func, frame: Frame) -> Any:
    made = Routine(node, frame, frame.this)
    if node.name and not node.owner:
        frame.names[node.name] = made if not node.marks else UNKNOWN
    return made


def define(run: Tried, node: t.Class, frame: Frame) -> Any:
    made = Kind(node, frame)
    if node.name:
        frame.names[node.name] = made
    return made


def imports(run: Tried, node: t.Import, frame: Frame) -> Any:
    for local, name in node.names:
        frame.names[local] = Module(f"{node.module}.{name}" if name else node.module)


def declared(run: Tried, node: t.Shared, frame: Frame) -> Any:
    frame.outside.update(node.names)


def assignment(run: Tried, node: t.Assign, frame: Frame) -> Any:
    if node.op == "del":
        return delete(run, node, frame)
    value = run.value(node.value, frame)
    if node.op and len(node.targets) == 1:
        old = run.value(node.targets[0], frame)
        if isinstance(old, list) and node.op == "+" and isinstance(value, list):
            swelling(run, node, len(old), len(old) + len(value))
            if len(old) + len(value) > MOST_HELD:
                raise Doubt  # it would grow in place, here as well
            old.extend(value)
            value = kept(old)
        else:
            value = operate(node.op, old, value, run.script)
    if isinstance(value, (list, str, bytes)) and len(value) > 60:
        target = node.targets[0]
        owner = frame.find(target.id) if isinstance(target, t.Name) else None
        held = owner.names[target.id] if owner is not None and isinstance(target, t.Name) else None
        if isinstance(held, (list, str, bytes)) and held is not value:
            swelling(run, node, len(held), len(value))
        value = value if len(value) <= MOST_ITEMS else UNKNOWN
    for target in node.targets:
        assign(run, target, value, frame)
    return value


def delete(run: Tried, node: t.Assign, frame: Frame) -> None:
    for target in node.targets:
        if not isinstance(target, t.Index):
            assign(run, target, UNKNOWN, frame)
            continue
        holder, key = run.value(target.of, frame), run.value(target.key, frame)
        try:
            del holder[key]
        except (TypeError, LookupError, AttributeError):
            run.escape(holder)


def swelling(run: Tried, node: t.Node, before: int, after: int) -> None:
    """Judge a list or text that grows by a factor with each turn, by the turns that are to come."""
    left = run.turning[-1].left() if run.turning else 0
    if before > 20 and left:
        factor = after / before
        if factor > 1.2 and math.log(after) + left * math.log(factor) > math.log(1 << 30):
            why = f"this grows {factor:.1f}-fold with each of {left + 1:,.0f} turns, to more than memory holds"
            run.report(node.line, f"{why}; fewer turns, or a part of it, are fine", "resources")


def assign(run: Tried, target: t.Node, value: Any, frame: Frame) -> None:
    match target:
        case t.Name():
            at = frame
            if run.script or target.id in frame.outside:
                at = frame.find(target.id) or frame
            at.names[target.id] = value
        case t.Attr():
            holder = run.value(target.of, frame)
            if isinstance(holder, Thing):
                holder.fields[target.name] = value
            elif isinstance(holder, list) and target.name == "length" and isinstance(value, int):
                del holder[value:]
        case t.Index():
            set_item(run, run.value(target.of, frame), run.value(target.key, frame), value)
        case t.Group():
            known = isinstance(value, (list, tuple)) and len(value) == len(target.items)
            for index, item in enumerate(target.items):
                assign(run, item, value[index] if known else UNKNOWN, frame)
        case t.Call():
            for each in target.args:
                assign(run, each, UNKNOWN, frame)


def set_item(run: Tried, holder: Any, key: Any, value: Any) -> None:
    if isinstance(holder, list):
        if isinstance(key, int) and -len(holder) <= key < len(holder):
            holder[key] = value
        else:
            run.escape(holder)
    elif isinstance(holder, dict) and isinstance(key, (str, int, float, tuple)) and len(holder) < 2_000:
        holder[key] = value
    elif isinstance(holder, Thing) and isinstance(key, (str, int)):
        holder.fields[str(key)] = value
    else:
        run.escape(holder)
