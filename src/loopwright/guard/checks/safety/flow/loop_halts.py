"""Loops that their test says will end, and that never do."""

from __future__ import annotations

from collections.abc import Callable

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.loop_body import Body, length_of, steps_of
from loopwright.guard.checks.safety.flow.loop_words import CLOCKS, GROWING
from loopwright.guard.checks.safety.flow.seen import Followed


def waits_busily(loop: t.Loop, body: Body, flow: Followed) -> bool:
    """`while (Date.now() < end);`: the processor is kept busy until a time comes."""
    test = loop.test
    if not isinstance(test, t.Op) or test.op not in ("<", "<=", ">", ">=") or body.assigned:
        return False
    inside = [c for c in body.calls if _clock(c, flow)]
    if not inside or not all(c in inside or _is_moment(c) for c in body.calls):
        return False
    flow.report("time", "block", loop.line, "this loop waits by turning, with all of a processor; sleep instead")
    return True


def _is_moment(call: t.Call) -> bool:
    """`datetime(2030, 1, 1)`, `timedelta(days=1)`: a time that is written."""
    func = call.func
    name = func.id if isinstance(func, t.Name) else func.name if isinstance(func, t.Attr) else ""
    given = [*call.args, *(x for _, x in call.named)]
    return name in ("datetime", "date", "timedelta", "Date", "parse", "fromisoformat") and all(
        isinstance(a, t.Const) for a in given
    )


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
        isinstance(left, t.Call) and length_of(left)
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
    held = _asked_for_items(test)
    if held and _only_grows(held, body, flow):
        return True
    if isinstance(test, t.Name):  # `while n`
        test = t.Op(test.line, "!=", test, t.Const(test.line, 0))
    if not isinstance(test, t.Op) or not body.quiet:
        return False
    if test.op in (">", ">=", "!=") and isinstance(test.left, t.Call) and isinstance(test.right, t.Const):
        return length_of(test.left) and bool(GROWING & body.names) and not body.assigned
    if not isinstance(test.left, t.Name):
        return False
    if _compares_nothing(test):
        values = [s.value for s in steps_of(test.left.id, body)]
        computed = all(isinstance(x, t.Op) or (isinstance(x, t.Const) and x.value is not None) for x in values)
        return computed and flow.lookup(test.left.id).number is not None
    return _moves_away(test, test.left.id, body, flow)


def _only_grows(name: str, body: Body, flow: Followed) -> bool:
    """`while items: items |= {…}`: what is asked for is never empty again."""
    steps = steps_of(name, body)
    known = flow.lookup(name)
    if not body.quiet or not (known.items or known.text or known.length) or not steps:
        return False
    return all((s.op in ("|", "+") and isinstance(s.value, t.Group)) or _doubles(s, name, flow) for s in steps)


def _asked_for_items(test: t.Node | None) -> str:
    """The name of what is tested to hold anything: `items`, `items.length`, `len(items) > 0`."""
    if isinstance(test, t.Op) and test.op in (">", "!=") and isinstance(test.right, t.Const) and test.right.value == 0:
        test = test.left
        if isinstance(test, t.Name):
            return ""
    if isinstance(test, t.Call) and length_of(test) and test.args:
        test = test.args[0]
    elif isinstance(test, t.Attr) and test.name == "length":
        test = test.of
    return test.id if isinstance(test, t.Name) else ""


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
    if isinstance(value, (t.Call, t.Group)):
        merges = isinstance(value, t.Group) or (isinstance(value.func, t.Attr) and value.func.name == "concat")
        return times > 1 or (times == 1 and step.op == "+" and merges)
    if step.op == "+":
        return times > 0 or isinstance(flow.lookup(name).const, (str, bytes))
    if step.op == "*" or (isinstance(value, t.Op) and value.op == "*" and times == 1):
        return isinstance(flow.lookup(name).const, (str, bytes)) or flow.lookup(name).items is not None
    if isinstance(value, t.Op) and value.op == "+":
        return times > 1 or (times == 1 and isinstance(flow.lookup(name).const, (str, bytes)))
    return False


def _mentions(node: t.Node, name: str) -> int:
    return int(isinstance(node, t.Name) and node.id == name) + sum(_mentions(n, name) for n in t.inner(node))


def _compares_nothing(test: t.Op) -> bool:
    """`x is not None`"""
    return test.op in ("is not", "!=") and isinstance(test.right, t.Const) and test.right.value is None
