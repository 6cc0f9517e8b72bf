"""Loops that their test says will end, and that never do."""

from __future__ import annotations

from collections.abc import Callable

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.loop_body import CLOCKS, GROWING, Body, mentions, steps_of
from loopwright.guard.checks.safety.flow.seen import Followed


def waits_busily(loop: t.Loop, body: Body, flow: Followed) -> bool:
    """`while (Date.now() < end);`: the processor is kept busy until a time comes."""
    test = loop.test
    if not isinstance(test, t.Op) or test.op not in ("<", "<=", ">", ">=") or body.assigned:
        return False
    inside = [c for c in body.calls if _clock(c, flow)]
    if not inside or len(inside) < len(body.calls):
        return False
    flow.report("time", "block", loop.line, "this loop waits by turning, with all of a processor; sleep instead")
    return True


def _clock(call: t.Call, flow: Followed) -> bool:
    func = call.func
    plain = isinstance(func, t.Attr) and isinstance(func.of, (t.Name, t.Attr))
    return (isinstance(func, t.Name) or plain) and flow.value(func).ref in CLOCKS


#: Calls that ask how something stands, and neither wait nor change it.
_QUERIES = frozenset({
    "exists", "isfile", "isdir", "is_file", "is_dir", "existsSync", "is_set", "isSet", "is_alive", "isAlive", "locked",
    "done", "running", "is_running", "ready", "is_ready", "isReady", "active_count", "closed", "is_closing", "isalive",
    "empty", "isEmpty", "is_empty", "statSync", "getsize",
})  # fmt: skip


def asks_busily(loop: t.Loop, body: Body, flow: Followed) -> bool:
    """`while not path.exists(): pass`: something is asked for again and again, as fast as can be."""
    asked = {c.func.name for c in body.calls if isinstance(c.func, t.Attr)} & _QUERIES
    named = [c for c in body.calls if not (isinstance(c.func, t.Attr) and c.func.name in _QUERIES)]
    idle = all(isinstance(c.func, (t.Name, t.Attr)) and _spoken(c) for c in named)
    if not asked or body.leaves or body.pauses or not idle or body.assigned or _inner_loops(loop):
        return False
    flow.report("time", "block", loop.line, "this loop waits by turning, with all of a processor; wait, or sleep in it")
    return True


def _spoken(call: t.Call) -> bool:
    name = call.func.id if isinstance(call.func, t.Name) else call.func.name if isinstance(call.func, t.Attr) else ""
    return name in ("print", "log", "info", "debug", "len", "str", "Path", "write", "flush")


def _inner_loops(loop: t.Loop) -> bool:
    return any(isinstance(n, t.Loop) for n in loop.body)


def uncounted(loop: t.Loop, body: Body, flow: Followed) -> bool:
    """`while tries < 5` where nothing counts the tries: only what else leaves the loop ends it."""
    test = loop.test
    if not isinstance(test, t.Op) or body.gives:
        return False
    if test.op in (">", ">="):
        return _never_spent(test, body, flow)
    if test.op not in ("<", "<="):
        return False
    names = [n for n in (test.left, test.right) if isinstance(n, t.Name)]
    if not isinstance(test.left, t.Name) or not isinstance(test.right, (t.Name, t.Const)):
        return False
    start = flow.lookup(test.left.id).number
    free = {n.id for n in names}.isdisjoint(body.assigned | flow.shared())
    return free and start in (0, 1) and flow.times_set(test.left.id) <= 2


def _never_spent(test: t.Op, body: Body, flow: Followed) -> bool:
    """`tries = 3; while tries > 0` where nothing takes one away."""
    if not isinstance(test.left, t.Name) or not isinstance(test.right, t.Const) or test.right.value not in (0, 1):
        return False
    name, start = test.left.id, flow.lookup(test.left.id).number
    free = name not in body.assigned | flow.shared()
    return free and start is not None and 1 < start <= 100 and flow.times_set(name) == 1


def overgrows(loop: t.Loop, flow: Followed) -> bool:
    """`while (s.length < 1e12) s += s`: until a length that no memory holds."""
    test = loop.test
    if not isinstance(test, t.Op) or test.op not in ("<", "<="):
        return False
    left = test.left
    length = (isinstance(left, t.Attr) and left.name in ("length", "size", "byteLength")) or (
        isinstance(left, t.Call) and _length_of(left)
    )
    bound = flow.value(test.right).number if length else None
    if bound is None or bound < flow.config.memory:
        return False
    flow.report(
        "resources",
        "block",
        loop.line,
        f"something grows here to a length of {bound:,}, which no memory holds; stop sooner",
    )
    return True


def _switched(test: t.Node | None, body: Body, flow: Followed) -> bool:
    """`while (!done)`, `while running`: a switch that nothing sets while the loop turns.

    In JavaScript no other code runs meanwhile; elsewhere another thread may, so the file must set it nowhere else.
    """
    wanted = True
    if isinstance(test, t.Op) and test.op == "not":
        wanted, test = False, test.left
    if not isinstance(test, t.Name) or test.id in body.assigned or not body.quiet:
        return False
    if flow.alone:
        return flow.times_set(test.id) > 0
    const = flow.lookup(test.id).const
    return isinstance(const, (bool, int)) and bool(const) is wanted and flow.times_set(test.id) == 1


def stays_on(loop: t.Loop, body: Body, flow: Followed) -> bool:
    """`while not self.ready: sleep(1)`: a switch of an object that nothing in a program sets."""
    test, wanted = loop.test, True
    if isinstance(test, t.Op) and test.op == "not":
        test, wanted = test.left, False
    if not isinstance(test, t.Attr) or not isinstance(test.of, t.Name) or test.of.id not in ("self", "this"):
        return False
    const = flow.value(test).const
    set_once = flow.times_set(f".{test.name}") == 1 and isinstance(const, bool) and const is wanted
    return set_once and flow.starting and body.sleeps and not (body.leaves or body.gives or body.pauses)


def is_stuck(loop: t.Loop, body: Body, flow: Followed) -> bool:
    """True where the body does not change what the loop tests, or moves it away from its bound."""
    test = loop.test
    if _switched(test, body, flow) or _waits_alone(test, body, flow):
        return True
    if not isinstance(test, t.Op) or not body.quiet:
        return False
    if test.op in (">", ">=", "!=") and isinstance(test.left, t.Call) and isinstance(test.right, t.Const):
        return _length_of(test.left) and bool(GROWING & body.names) and not body.assigned
    if not isinstance(test.left, t.Name):
        return False
    if _compares_nothing(test):
        values = [s.value for s in steps_of(test.left.id, body)]
        computed = all(isinstance(x, t.Op) or (isinstance(x, t.Const) and x.value is not None) for x in values)
        return computed and flow.lookup(test.left.id).number is not None
    return _moves_away(test, test.left.id, body, flow)


def _waits_alone(test: t.Node | None, body: Body, flow: Followed) -> bool:
    """`while (answer === undefined) {}`: in JavaScript nothing else runs that could set it."""
    if not flow.alone or not isinstance(test, t.Op) or not body.quiet or body.calls:
        return False
    sides = [test.left, test.right]
    names = {s.id for s in sides if isinstance(s, t.Name)} - {"undefined", "Infinity", "NaN"}
    plain = all(isinstance(s, (t.Name, t.Const)) or s == t.Several(s.line, []) for s in sides)  # `undefined`
    return plain and bool(names) and names.isdisjoint(body.assigned) and all(flow.times_set(n) for n in names)


_HOLDS: dict[str, Callable[[int, int], bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "!=": lambda a, b: a != b,
}  # fmt: skip


def _moves_away(test: t.Op, name: str, body: Body, flow: Followed) -> bool:
    """`i < 10` where `i` stays or shrinks, `n != 0` where it grows: with a number known at the start."""
    if test.op not in _HOLDS or not isinstance(test.right, (t.Const, t.Name)):
        return False
    bound_name = test.right.id if isinstance(test.right, t.Name) else ""
    start = flow.lookup(name).number
    bound = flow.value(test.right).number
    steps = steps_of(name, body)
    if start is None and steps and test.op != "!=" and bound_name not in body.assigned:
        # Whatever it begins with: where the loop turns once it goes on.
        return {_drift(s, name, 0) for s in steps} == {1 if test.op[0] == ">" else -1}
    if start is None or bound is None or bound_name in body.assigned or not _HOLDS[test.op](start, bound):
        return False
    if not steps:
        return name not in body.assigned
    drifts = {_drift(s, name, start) for s in steps}
    if len(drifts) != 1:
        return False
    drift = drifts.pop()
    if test.op == "!=":
        return (drift == 1 and start > bound) or (drift == -1 and start < bound)
    return drift == (1 if test.op[0] == ">" else -1)


def _drift(step: t.Assign, name: str, start: int) -> int:
    """1 where an assignment only makes its name greater, -1 where only smaller, 0 where that is not known."""
    value = step.value
    if step.op in ("+", "-", "*"):
        known = isinstance(value, t.Const) and isinstance(value.value, int) and value.value > 0
        if not known or (step.op == "*" and start <= 0):
            return 0
        return -1 if step.op == "-" else 1
    if step.op or not isinstance(value, t.Op):
        return 0
    if value.op == "-" and isinstance(value.left, t.Name) and value.left.id == name and _positive(value.right, ""):
        return -1
    return 1 if start > 0 and _names_itself(value, name) and _positive(value, name) else 0


def _positive(node: t.Node, name: str) -> bool:
    """True for a sum or product of a positive name and positive numbers."""
    if isinstance(node, t.Op):
        return node.op in ("+", "*") and _positive(node.left, name) and _positive(node.right, name)
    if isinstance(node, t.Const):
        return isinstance(node.value, int) and node.value > 0
    return isinstance(node, t.Name) and node.id == name


def _names_itself(node: t.Node, name: str) -> bool:
    return (isinstance(node, t.Name) and node.id == name) or any(_names_itself(n, name) for n in t.inner(node))


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


_FINDING = frozenset({"find", "index", "indexOf", "search", "rfind"})


def finds_the_same(loop: t.Loop, body: Body) -> bool:
    """`while pos != -1: pos = text.find(word, pos)`: what is found is found again."""
    test = loop.test
    if not isinstance(test, t.Op) or not isinstance(test.left, t.Name) or body.leaves or body.pauses:
        return False
    steps = steps_of(test.left.id, body)
    again = [s.value for s in steps if not s.op and _finds_from(s.value, test.left, body.assigned)]
    return bool(steps) and len(again) == len(steps) and test.op in ("!=", ">=", ">")


def _finds_from(value: t.Node, place: t.Name, changed: set[str]) -> bool:
    if not isinstance(value, t.Call) or not isinstance(value.func, t.Attr) or value.func.name not in _FINDING:
        return False
    at = value.args[1] if len(value.args) == 2 else None
    same = isinstance(at, t.Name) and at.id == place.id
    return same and not mentions(value.func.of, changed) and not mentions(value.args[0], changed)


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


def searches_from_start(loop: t.Loop, body: Body, flow: Followed) -> bool:
    """`while ((m = /x/.exec(text)) !== null)`: without the flag `g` each search begins anew."""
    if not flow.alone or body.leaves or loop.test is None:
        return False
    test = loop.test.left if isinstance(loop.test, t.Op) and loop.test.op == "!=" else loop.test
    call = test.value if isinstance(test, t.Assign) else None
    if not isinstance(call, t.Call) or not isinstance(call.func, t.Attr) or call.func.name != "exec":
        return False
    texts = {a.id for a in call.args if isinstance(a, t.Name)}
    flags = (flow.value(call.func.of).attrs or {}).get("%flags")
    changed = texts & body.assigned or not isinstance(call.func.of, t.Name)
    return flags is not None and isinstance(flags.const, str) and not set(flags.const) & {"g", "y"} and not changed


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
            if plain and not body.pauses and "sleep" not in body.names and any(
                isinstance(a, t.Name) and a.id in taken for c in put for a in c.args
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
    if isinstance(test, t.Call) and _length_of(test) and test.args:
        test = test.args[0]
    if isinstance(test, t.Attr) and test.name in ("length", "size"):
        test = test.of
    return test.id if isinstance(test, t.Name) else ""


def swells(body: Body, flow: Followed) -> bool:
    """`s = s + s`, `cache[i] = …`: each turn keeps more."""
    for step in body.steps:
        for target in step.targets:
            if isinstance(target, t.Index) and _changes(target.key, body) and not isinstance(step.value, t.Name):
                return True
            if isinstance(target, t.Name) and _doubles(step, target.id, flow):
                return True
    return False


def _changes(key: t.Node, body: Body) -> bool:
    if isinstance(key, t.Assign):
        return True
    return (isinstance(key, t.Name) and key.id in body.assigned) or any(_changes(n, body) for n in t.inner(key))


def _doubles(step: t.Assign, name: str, flow: Followed) -> bool:
    value = step.value
    times = _mentions(value, name)
    if isinstance(value, t.Text):
        return times > 0
    if isinstance(value, t.Call):
        return times > 1
    if step.op == "+":
        return times > 0 or isinstance(flow.lookup(name).const, (str, bytes))
    if step.op == "*":
        return isinstance(flow.lookup(name).const, (str, bytes))
    if isinstance(value, t.Op) and value.op == "+":
        return times > 1 or (times == 1 and isinstance(flow.lookup(name).const, (str, bytes)))
    return False


def _mentions(node: t.Node, name: str) -> int:
    return int(isinstance(node, t.Name) and node.id == name) + sum(_mentions(n, name) for n in t.inner(node))


def _length_of(call: t.Call) -> bool:
    return isinstance(call.func, t.Name) and call.func.id == "len"


def _compares_nothing(test: t.Op) -> bool:
    """`x is not None`"""
    return test.op in ("is not", "!=") and isinstance(test.right, t.Const) and test.right.value is None
