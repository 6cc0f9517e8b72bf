"""Loops that go on until a container is empty or full, and what keeps it from coming to that."""

from __future__ import annotations

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.loop_body import Body, length_of, mentions
from loopwright.guard.checks.safety.flow.seen import Followed

_TAKING = frozenset({"pop", "shift", "popleft", "get", "dequeue", "splice", "remove", "clear", "delete", "discard"})


_PUTTING = frozenset({"append", "push", "unshift", "appendleft"})


def refilled(loop: t.Loop, body: Body) -> bool:
    """`while (queue.length) queue.push(queue.shift() + 1)`: each turn puts back what it takes."""
    held = _tested_container(loop.test) or _bounding_container(loop.test)
    if not held or held in body.assigned or body.leaves or body.pauses:
        return False
    taken = sum(_on(c, held, _TAKING) for c in body.calls)
    put = sum(isinstance(n, t.Call) and _on(n, held, _PUTTING) and not _spreads(n) for n in loop.body)
    return put > 0 and put >= taken and not body.skips


def taken_out(loop: t.Loop, flow: Followed) -> int:
    """How often `while items: items.remove(…)` turns: as often as there are items."""
    held = _tested_container(loop.test)
    calls = [n for s in loop.body for n in (s, *t.inner(s)) if isinstance(n, t.Call)] if held else []
    if not any(_on(c, held, _TAKING) for c in calls) or any(_on(c, held, _PUTTING) for c in calls):
        return 0
    return flow.lookup(held).length


def takes_nothing(loop: t.Loop, body: Body, flow: Followed) -> bool:
    """`while queue: item = queue[0]; await handle(item)`: the first is taken again and again."""
    held = _tested_container(loop.test)
    first = [s for s in loop.body if isinstance(s, t.Assign) and isinstance(s.value, t.Index)]
    reads = any(isinstance(s.value.of, t.Name) and s.value.of.id == held for s in first if isinstance(s.value, t.Index))
    if not held or not reads or body.leaves or body.gives or held in body.assigned | flow.shared():
        return False
    handed = any(isinstance(a, t.Name) and a.id == held for c in body.calls for a in c.args)
    used = any(isinstance(c.func, t.Attr) and mentions(c.func.of, {held}) for c in body.calls)
    removed = any(isinstance(x, (t.Index, t.Attr)) and mentions(x, {held}) for s in body.steps for x in s.targets)
    return not (handed or used or removed)


def filled_up(loop: t.Loop, flow: Followed) -> int:
    """How often `while len(items) < n: items.append(…)` turns: as often as there are to be items."""
    test = loop.test
    held = _tested_container(test.left) if isinstance(test, t.Op) and test.op in ("<", "<=") else ""
    puts = [n for n in loop.body if isinstance(n, t.Call) and _on(n, held, _PUTTING)] if held else []
    return (flow.value(test.right).number or 0) if len(puts) == 1 and isinstance(test, t.Op) else 0


def puts_back(loop: t.Loop, body: Body) -> bool:
    """`task = queue.popleft(); try: task() except Error: queue.append(task)`: what fails is tried for ever."""
    held = _tested_container(loop.test)
    if not held or body.leaves or any(s.op in ("+", "-") for s in body.steps):
        return False
    taken = {
        x.id
        for s in loop.body
        if isinstance(s, t.Assign) and isinstance(s.value, t.Call) and _on(s.value, held, _TAKING)
        for x in s.targets
        if isinstance(x, t.Name)
    }
    for node in loop.body:
        for arm in node.rescue if isinstance(node, t.Try) else []:
            plain = not any(isinstance(n, (t.Branch, t.Leave)) for n in arm)
            put = [n for n in arm if isinstance(n, t.Call) and _on(n, held, _PUTTING)]
            if (
                plain
                and not body.pauses
                and "sleep" not in body.names
                and any(isinstance(a, t.Name) and a.id in taken for c in put for a in c.args)
            ):
                return True
    return False


def _spreads(call: t.Call) -> bool:
    """`push(...more)`: it may be none."""
    return any(isinstance(a, t.Call) and isinstance(a.func, t.Name) and a.func.id == "%spread" for a in call.args)


def _bounding_container(test: t.Node | None) -> str:
    """The container whose length bounds a count: `i < queue.length`."""
    if isinstance(test, t.Op) and test.op in ("<", "<=") and not isinstance(test.right, t.Name):
        return _tested_container(test.right)
    return ""


def _on(call: t.Call, name: str, methods: frozenset[str]) -> bool:
    func = call.func
    return isinstance(func, t.Attr) and func.name in methods and isinstance(func.of, t.Name) and func.of.id == name


def _tested_container(test: t.Node | None) -> str:
    """The container whose length a test asks for: `len(queue) > 0`, `queue.length`, `queue`."""
    if isinstance(test, t.Op) and test.op in (">", "!=", ">="):
        return _tested_container(test.left)
    if isinstance(test, t.Call) and length_of(test) and test.args:
        test = test.args[0]
    if isinstance(test, t.Attr) and test.name in ("length", "size"):
        test = test.of
    return test.id if isinstance(test, t.Name) else ""
