"""What statements do: assignments, definitions, imports, loops and branches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.asked import judge_page
from loopwright.guard.checks.safety.flow.assignment import assign
from loopwright.guard.checks.safety.flow.called import Scope
from loopwright.guard.checks.safety.flow.entering import instance
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.loops import Span, span
from loopwright.guard.checks.safety.flow.values import Value

#: Decorators of functions that answer requests.
_ANSWERING = frozenset(
    {"route", "get", "post", "put", "patch", "websocket", "message_handler", "on_message", "event", "api_route",
     "expose", "tool", "function_tool", "resolver", "slash_command", "on_event", "delete", "message", "listener",
     "action"}
)  # fmt: skip
#: Decorators of functions that are given the program's arguments, and of functions that are a command of either kind.
_ARGUMENTS, _COMMAND = frozenset({"argument", "option"}), "command"
#: Modules that make commands of functions for a command line.
_COMMAND_LINES = frozenset({"click", "typer", "cloup", "rich_click", "asyncclick", "flask.cli"})


def _assignment(flow: Flow, node: t.Assign) -> Value:
    if node.op == "del":
        for target in node.targets:
            for part in t.inner(target):
                flow.value(part)
        return Value()
    _named_within(flow, node)
    value = flow.value(node.value)
    if node.op and len(node.targets) == 1:
        old = flow.value(node.targets[0])
        value = v.operate(node.op, old, value) if node.op in ("+", "*", "**", "<<", "-") else v.join([old, value])
        if flow.doubtful and not isinstance(value.const, (str, bytes)):
            value = Value(None, "", value.labels)
        elif old.items is not None:
            value.items = old.items
    for target in node.targets:
        assign(flow, target, value)
    return value


def _named_within(flow: Flow, node: t.Assign) -> None:
    """`const c = connect(port, () => c.pipe(…))`: the callback runs when `c` is there."""
    call, target = node.value, node.targets[0]
    if not (isinstance(call, t.Call) and isinstance(target, t.Name) and any(isinstance(a, t.Func) for a in call.args)):
        return
    plain = isinstance(call.func, t.Name) or (isinstance(call.func, t.Attr) and isinstance(call.func.of, t.Name))
    if plain and flow.scope.find(target.id) is None:
        flow.scope.names[target.id] = Value(None, f"{flow.value(call.func).ref}()")


def _function(flow: Flow, node: t.Func) -> Value:
    made = Value(func=node)
    if id(node) not in flow.closures:
        flow.closures[id(node)] = flow.scope
        this = flow.scope.find("this")
        if this is not None:
            made.attrs = {"this": this}
        flow.pending.append((node, flow.scope, this))
        _marks(flow, node)
    if node.name and not node.owner:
        flow.scope.names[node.name] = made
    return made


def _marks(flow: Flow, node: t.Func) -> None:
    """Decorators: those that make the function answer requests say that its arguments come from outside."""
    for mark in node.marks:
        value = flow.value(mark)
        if value.ref in ("exec", "eval"):
            flow.report("syntax", "block", mark.line, f"`{value.ref}` is used as a decorator, which hides what it runs")
        target = mark.func if isinstance(mark, t.Call) else mark
        name = target.name if isinstance(target, t.Attr) else target.id if isinstance(target, t.Name) else ""
        lines = not _COMMAND_LINES.isdisjoint(flow.modules)
        if name in _ARGUMENTS or (name == _COMMAND and lines):
            flow.from_arguments.add(id(node))
        elif name in _ANSWERING or (name == _COMMAND and isinstance(mark, t.Call)):
            flow.from_outside.add(id(node))


def _class(flow: Flow, node: t.Class) -> Value:
    made = Value(func=node)
    for base in (*node.bases, *node.marks):
        flow.value(base)
    flow.closures[id(node)] = flow.scope
    own = instance(flow, node)
    outer = flow.scope
    flow.scope = Scope(outer)
    flow.scope.names["this"] = own
    flow.methods_of[id(node)] = {f.name: f for f in node.body if isinstance(f, t.Func)}
    for each in node.body:
        if isinstance(each, t.Func):
            flow.closures[id(each)] = outer
            _marks(flow, each)
            flow.pending.append((each, outer, own))
        else:
            flow.value(each)
    if own.attrs is not None:
        own.attrs.update({k: x for k, x in flow.scope.names.items() if k != "this" and k not in own.attrs})
    flow.scope = outer
    if node.name:
        flow.scope.names[node.name] = made
    return made


def _import(flow: Flow, node: t.Import) -> Value:
    module = flow.language.canonical(node.module)
    if module.startswith(("http://", "https://", "data:")):
        flow.report("imports", "block", node.line, f"code is imported from {module[:80]}; install it as a dependency")
    if not node.relative and module:
        flow.modules.setdefault(module, node.line)
    for local, name in node.names:
        if name == "*":
            flow.stars.append(module)
        elif node.relative:
            flow.scope.names[local] = Value()
        else:
            flow.scope.names[local] = Value(ref=flow.language.canonical(f"{module}.{name}" if name else module))
    return Value(ref=module)


#: Items of a written list for each of which the body of a loop is followed.
_EACH = 5


def _told_apart(flow: Flow, node: t.Loop, over: Value | None) -> list[Value]:
    """The further items of a list whose items are all written, in a loop that stands in no other."""
    if over is None or not over.items or node.target is None or flow.doubtful > 1 or len(over.items) < 2:
        return []
    known = all((i.text and not i.items) or (i.items and all(x.text for x in i.items)) for i in over.items)
    return over.items[1:_EACH] if known else []


def _counts(flow: Flow, node: t.Loop) -> None:
    """Note what the number comes to that a loop counts."""
    if isinstance(node.test, t.Op) and isinstance(node.test.left, t.Name):
        limit, old = flow.value(node.test.right), flow.lookup(node.test.left.id)
        counter = Value(old.const, old.ref, old.labels)
        counter.bound = limit.number or limit.bound
        flow.scope.owner(node.test.left.id).names[node.test.left.id] = counter


def _loop(flow: Flow, node: t.Loop) -> Value:
    test = flow.value(node.test) if node.test is not None else Value(True)
    over = flow.value(node.over) if node.over is not None else None
    times, endless, searching, turning = flow.times, flow.endless, flow.searching, flow.turning
    found: Span = span(node, test, over, flow)
    lasting = found.lasting or found.endless
    flow.times = min(times * found.times, 1 << 80)
    flow.searching = min(searching * found.searched, 1 << 80)
    flow.turning = min(turning * found.turns, 1 << 80)
    flow.endless = endless or found.endless
    if over is not None and node.target is not None:
        assign(flow, node.target, flow.each(over))
    if found.counted and over is None:
        _counts(flow, node)
    flow.doubtful += 1
    flow.surely += found.counted
    for item in _told_apart(flow, node, over):
        assign(flow, node.target or node, item)
        flow.block(node.body)
    flow.block(node.body)
    flow.surely -= found.counted
    if node.step is not None:
        flow.value(node.step)
    flow.doubtful -= 1
    if found.counted:
        flow.count(node.line, flow.times)
    flow.times, flow.endless, flow.searching, flow.turning = times, endless, searching, turning
    flow.block(node.orelse)
    flow.lasting = node if lasting else None
    return Value()


def _branch(flow: Flow, node: t.Branch) -> Value:
    for test in node.tests:
        flow.value(test)
    flow.doubtful += 1
    for arm in node.arms:
        flow.block(arm)
    flow.doubtful -= 1
    flow.lasting = None
    return Value()


def _try(flow: Flow, node: t.Try) -> Value:
    flow.doubtful += 1
    flow.block(node.body)
    for arm in node.rescue:
        flow.block(arm)
    flow.block(node.last)
    flow.doubtful -= 1
    flow.lasting = None
    return Value()


def _block(flow: Flow, node: t.Block) -> Value:
    taken = [flow.locks.take(flow.value(each), node.line) for each in node.held]
    flow.block(node.body)
    for lock in taken:
        flow.locks.release(lock)
    return Value()


def _leave(flow: Flow, node: t.Leave) -> Value:
    if node.value is not None:
        value = flow.value(node.value)
        if node.kind == "return":
            judge_page(flow, value, node.line)
            flow.returned.append(value)
    return Value()


def _shared(flow: Flow, node: t.Shared) -> Value:
    return Value()


STATEMENTS: dict[type[t.Node], Callable[[Flow, Any], Value]] = {
    t.Shared: _shared,
    t.Assign: _assignment,
    t.Func: _function,
    t.Class: _class,
    t.Import: _import,
    t.Loop: _loop,
    t.Branch: _branch,
    t.Try: _try,
    t.Block: _block,
    t.Leave: _leave,
}
