"""What expressions give in a trial: names, attributes, operations, choices and containers."""

from __future__ import annotations

from typing import Any

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.trial.leaving import Doubt
from loopwright.guard.checks.safety.trial.relevant import name_of
from loopwright.guard.checks.safety.trial.seen import Tried
from loopwright.guard.checks.safety.trial.setting import assign
from loopwright.guard.checks.safety.trial.values import UNKNOWN, Frame, Thing, kept, operate, truth


def named(run: Tried, node: t.Name, frame: Frame) -> Any:
    if node.id == "this":
        return frame.this
    at = frame.find(node.id)
    if at is None:
        return None if run.script and node.id == "undefined" else UNKNOWN
    return known(run, at.names[node.id])


def known(run: Tried, value: Any) -> Any:
    return UNKNOWN if run.escaped and id(value) in run.escaped else value


def attribute(run: Tried, node: t.Attr, frame: Frame) -> Any:
    holder = run.value(node.of, frame)
    if isinstance(holder, Thing):
        if node.name in holder.fields:
            return known(run, holder.fields[node.name])
        return None if run.script and holder.kind is None else UNKNOWN
    if run.script and node.name in ("length", "size") and isinstance(holder, (list, str, dict, set)):
        return len(holder)
    return UNKNOWN


def item(run: Tried, node: t.Index, frame: Frame) -> Any:
    holder, key = run.value(node.of, frame), run.value(node.key, frame)
    if key is UNKNOWN or holder is UNKNOWN:
        return UNKNOWN
    try:
        if isinstance(holder, Thing):
            return known(run, holder.fields[str(key)])
        if run.script and isinstance(holder, dict):  # a set or map, which has no items by place
            return UNKNOWN
        if isinstance(holder, (list, str, tuple, range, dict)):
            return known(run, holder[key])
    except (LookupError, TypeError):
        return None if run.script else UNKNOWN
    return UNKNOWN


def operation(run: Tried, node: t.Op, frame: Frame) -> Any:
    left = run.value(node.left, frame)
    if node.op == "not":
        holds = truth(left, run.script)
        return UNKNOWN if holds is None else not holds
    if node.op == "[:]":
        return slice(run, left, node.right, frame)
    return operate(node.op, left, run.value(node.right, frame), run.script)


def slice(run: Tried, holder: Any, key: t.Node, frame: Frame) -> Any:
    bounds = [run.value(p, frame) for p in key.parts] if isinstance(key, t.Several) else []
    whole = all(b is None or isinstance(b, int) for b in bounds)
    if isinstance(holder, (list, str, tuple)) and len(bounds) == 2 and whole:
        return holder[bounds[0] : bounds[1]]
    return UNKNOWN


def choice(run: Tried, node: t.Choice, frame: Frame) -> Any:
    if node.op == "if":
        holds = run.test(node.test, frame, bool(run.active))
        if holds is None:
            run.forget(node.parts, frame)
            return UNKNOWN
        return run.value(node.parts[0 if holds else 1], frame) if len(node.parts) == 2 else UNKNOWN
    value = run.value(node.test, frame)
    for index, each in enumerate(node.parts):
        holds = truth(value, run.script)
        if holds is None:
            run.forget(node.parts[index:], frame)
            return UNKNOWN
        if holds == (node.op == "or"):
            return value
        value = run.value(each, frame)
    return value


def template(run: Tried, node: t.Text, frame: Frame) -> Any:
    parts = [run.value(p, frame) for p in node.parts]
    if any(p is UNKNOWN or not isinstance(p, (str, int)) or isinstance(p, bool) for p in parts):
        return UNKNOWN
    return kept("".join(map(str, parts)))


def collection(run: Tried, node: t.Group, frame: Frame) -> Any:
    made: list[Any] = []
    for each in node.items:
        if isinstance(each, t.Call) and name_of(each.func) == "%spread":
            held = run.value(each.args[0], frame)
            if not isinstance(held, (list, tuple, str, set)):
                return run.several(t.Several(node.line, node.items), frame)
            made += held
        else:
            made.append(run.value(each, frame))
    return kept(made)


def table(run: Tried, node: t.Table, frame: Frame) -> Any:
    made: dict[Any, Any] = {}
    for key, item in node.pairs:
        value = run.value(item, frame)
        name = run.value(key, frame) if key is not None else UNKNOWN
        if not isinstance(name, (str, int, float)):
            return UNKNOWN
        made[name] = value
    return Thing(None, {str(k): x for k, x in made.items()}) if run.script else made


def pause(run: Tried, node: t.Pause, frame: Frame) -> Any:
    value = run.value(node.value, frame) if node.value is not None else UNKNOWN
    if node.gives and run.turning:  # whoever takes what is yielded may stop
        raise Doubt
    run.elsewhere(frame)
    return value


def comprehension(run: Tried, node: t.Comprehension, frame: Frame) -> Any:
    inner = Frame(frame)
    target, over = node.loops[0]
    items = run.value(over, frame)
    if len(node.loops) > 1 or not isinstance(items, (list, range, tuple, str)) or len(items[:201]) > 200:
        return UNKNOWN
    made = []
    for each in items:
        assign(run, target, each, inner)
        holds = [truth(run.value(test, inner), run.script) for test in node.tests]
        if None in holds:
            return UNKNOWN
        if all(holds):
            made.append(run.value(node.element, inner))
    return UNKNOWN if isinstance(node.element, t.Group) else made
