"""What calls give in a trial: functions and classes of the source, and what only computes."""

from __future__ import annotations

from typing import Any

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.trial import calls
from loopwright.guard.checks.safety.trial.entering import enter
from loopwright.guard.checks.safety.trial.leaving import Left
from loopwright.guard.checks.safety.trial.relevant import name_of
from loopwright.guard.checks.safety.trial.seen import Tried
from loopwright.guard.checks.safety.trial.setting import swelling
from loopwright.guard.checks.safety.trial.values import UNKNOWN, Frame, Kind, Module, Queue, Routine, Thing, kept, truth


def called(run: Tried, node: t.Call, frame: Frame) -> Any:
    func = node.func
    holder: Any = run.value(func.of, frame) if isinstance(func, t.Attr) else UNKNOWN
    args = spread(run, node.args, frame)
    named = {k: run.value(x, frame) for k, x in node.named}
    if isinstance(func, t.Attr):
        routine = method(run, holder, func.name)
        if isinstance(holder, list) and args and isinstance(args[0], Routine) and len(holder) <= 200:
            return for_each(run, holder, func.name, args[0], node)
        if routine is None:
            if isinstance(holder, Queue) and func.name == "get" and not (holder or args or named):
                fine = "a timeout is fine"
                run.report(node.line, f"this waits for an item of a queue that is empty, for ever; {fine}")
                raise Left("exit")
            before = len(holder) if isinstance(holder, list) else 0
            found = calls.method(holder, func.name, args, run.script)
            if isinstance(holder, list) and len(holder) > before:
                swelling(run, node, before, len(holder))
            if found is not None:
                return found[0]
    else:
        routine = run.value(func, frame)
    if isinstance(routine, Routine):
        return enter(run, routine, args, named, node)
    if isinstance(routine, Kind):
        return make(run, routine, args, named, node)
    ref = routine.name if isinstance(routine, Module) else dotted(func, frame)
    name = name_of(func)
    if ref == "Array.from" and len(args) == 2 and isinstance(args[1], Routine):
        items = calls.plain(ref, args[:1], run.script)
        known = isinstance(items, list) and len(items) <= 200
        return [enter(run, args[1], [x, i], {}, node) for i, x in enumerate(items)] if known else UNKNOWN
    if ref in ("sys.exit", "process.exit", "os._exit", "exit", "quit", "os.abort"):
        raise Left("exit")
    if ref == "isinstance" and len(args) == 2:
        return calls.is_instance(args[0], name_of(node.args[1]))
    made = calls.plain(ref, args, run.script) if ref and not named else None
    if made is not None:
        return made
    if name in calls.QUIET:
        return UNKNOWN
    run.foreign(node, frame)
    return UNKNOWN


def spread(run: Tried, nodes: list[t.Node], frame: Frame) -> list[Any]:
    """Return the values of arguments, those of `...items` one by one."""
    made: list[Any] = []
    for node in nodes:
        held = run.value(node.args[0], frame) if isinstance(node, t.Call) and name_of(node.func) == "%spread" else None
        if isinstance(held, (list, tuple)):
            made += held
        else:
            made.append(run.value(node, frame))
    return made


def for_each(run: Tried, items: list[Any], name: str, routine: Routine, node: t.Call) -> Any:
    """`items.map(f)`, `items.filter(f)`: what a function gives for each item."""
    made = [enter(run, routine, [each, index], {}, node) for index, each in enumerate(items)]
    if name == "map":
        return made
    if name == "flatMap" and all(isinstance(each, list) for each in made):
        return kept([x for each in made for x in each])
    holds = [truth(each, run.script) for each in made]
    if None in holds or name != "filter":
        return UNKNOWN
    return [each for each, holds_for in zip(items, holds, strict=True) if holds_for]


def method(run: Tried, holder: Any, name: str) -> Any:
    if not isinstance(holder, Thing):
        return None
    if name in holder.fields:
        return holder.fields[name]
    if holder.kind is not None:
        for each in holder.kind.body:
            if isinstance(each, t.Func) and each.name == name and not each.marks:
                return Routine(each, holder.fields.get("%frame") or Frame(), holder)
    return None


def make(run: Tried, kind: Kind, args: list[Any], named: dict[str, Any], node: t.Call) -> Any:
    if kind.node.bases and not (run.script and not kind.node.bases):
        return UNKNOWN
    made = Thing(kind.node, {})
    for each in kind.node.body:
        if isinstance(each, t.Assign) and len(each.targets) == 1:
            target = each.targets[0]
            held = Frame(kind.frame)
            name = target.id if isinstance(target, t.Name) else target.name if isinstance(target, t.Attr) else ""
            made.fields[name] = run.value(each.value, held)
    made.fields["%frame"] = kind.frame
    for each in kind.node.body:
        if isinstance(each, t.Func) and each.name in ("__init__", "constructor"):
            enter(run, Routine(each, kind.frame, made), args, named, node)
    return made


def dotted(node: t.Node, frame: Frame) -> str:
    """The dotted name of a function of the language that no name of the source hides."""
    if isinstance(node, t.Name):
        return node.id if frame.find(node.id) is None else ""
    if isinstance(node, t.Attr) and isinstance(node.of, t.Name):
        owner = frame.find(node.of.id)
        held = owner.names[node.of.id] if owner is not None else None
        if owner is None or isinstance(held, Module):
            return f"{held.name if held is not None else node.of.id}.{node.name}"
    return ""
