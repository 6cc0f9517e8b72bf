"""Loops that ask the same again at once, as often as it fails: neither a pause nor a count is between two tries."""

from __future__ import annotations

from loopwright.core.expression import expression
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.loop_body import Body, contains, mentions, name_of
from loopwright.guard.checks.safety.flow.loop_words import QUIET, WAITING
from loopwright.guard.checks.safety.flow.seen import Followed

#: Calls that ask something of another machine or program, by their dotted name.
_ASKS = expression(
    r"^(?:(?:requests|httpx|axios|got|ky|needle|superagent|urllib3)(?:\.\w+(?:\(\))?)*|urllib\.request\.urlopen|fetch"
    r"|http\.(?:get|request)|socket\.create_connection|subprocess\.(?:call|run|check_call|check_output)|os\.system"
    r"|child_process\.(?:execSync|spawnSync|execFileSync))$"
)
_CONNECTS = frozenset({"connect", "reconnect", "open_connection", "create_connection"})
_PAUSES = expression(r"(?i)sleep|wait|delay|backoff|pause|timer|timeout|tick|select|throttle|limit|retry")
#: Functions that wait for a person or a time.
_ASKING = frozenset({"input", "raw_input", "prompt", "sleep", "getch", "next", "select"})
_LEAVES = frozenset({"return", "raise", "break"})


def asks_at_once(loop: t.Loop, body: Body, flow: Followed, always: bool) -> str:
    """Say what is wrong with a loop that asks the same again and again without a pause, "" where nothing is."""
    if body.gives or any(_PAUSES.search(n) for n in body.names) or _counts(body):
        return ""
    fine = "wait between two tries, and count them"
    if always and len(loop.body) == 1 and _tries_the_same(loop.body[0], body):
        return "what is tried here comes out the same each time, so that it is tried for ever; count the tries"
    if always and len(loop.body) == 1 and _tries_alone(loop.body[0], body):
        return f"whatever goes wrong here is tried again at once, and may be so for ever; {fine}"
    asking = [c for c in body.calls if _asks(c, flow) and not mentions(c, body.assigned)]
    if not asking:
        return ""
    if always:
        if any(isinstance(n, t.Try) and _tries_again(n, asking) for n in loop.body):
            return f"this tries the same again at once, whenever it fails, and may do so for ever; {fine}"
        if not body.leaves and all(_only_asks(n, asking) for n in loop.body):
            return "this asks the same of another machine again and again without a pause; wait in between"
        return ""
    tested = loop.test is not None and (
        mentions(loop.test, body.assigned) or any(contains(loop.test, c) for c in asking)
    )
    if tested and not body.leaves and not _reads_clock(loop.test, flow):
        return f"this asks the same again at once, until the answer changes, and may do so for ever; {fine}"
    return ""


def _asks(call: t.Call, flow: Followed) -> bool:
    func = call.func
    if isinstance(func, t.Attr) and func.name in _CONNECTS and not call.args:
        return True
    plain: t.Node = func
    while isinstance(plain, t.Attr):
        plain = plain.of
    return isinstance(plain, t.Name) and bool(_ASKS.match(flow.value(func).ref))


def _tries_again(node: t.Try, asking: list[t.Call]) -> bool:
    """True where a `try` that leaves the loop when all is well does nothing when it is not."""
    if not node.rescue or not any(contains(n, c) for n in node.body for c in asking):
        return False
    return _leave_in(node.body) and not any(_leave_in(arm) for arm in node.rescue) and not _leave_in(node.last)


def _tries_the_same(node: t.Node, body: Body) -> bool:
    """`while True: try: int("x"); break; except ValueError: pass`: all that is called is given constants."""
    if not isinstance(node, t.Try) or not node.rescue or any(_leave_in(arm) for arm in node.rescue):
        return False
    calls = [c for c in body.calls if any(contains(n, c) for n in node.body)]
    known = all(name_of(c) in QUIET - {"open"} and c.args for c in calls)
    constant = all(isinstance(a, t.Const) for c in calls for a in c.args)
    return _leave_in(node.body) and bool(calls) and known and constant


def _tries_alone(node: t.Node, body: Body) -> bool:
    """True where all of a loop is one call, made until nothing is raised, and whatever is raised is passed over."""
    if not isinstance(node, t.Try) or not node.whatever or not _tries_again(node, body.calls):
        return False
    calls = [c for c in body.calls if any(contains(n, c) for n in node.body)]
    same = len(calls) == 1 and not mentions(calls[0], body.assigned) and not _may_wait(calls[0])
    return same and all(isinstance(n, (t.Leave, t.Const)) or _idle(n) for arm in node.rescue for n in arm)


def _may_wait(call: t.Call) -> bool:
    """True for a call that may wait for something by itself, by its name."""
    name = name_of(call)
    return name in WAITING if isinstance(call.func, t.Attr) else name in _ASKING


def _leave_in(body: list[t.Node]) -> bool:
    pending = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, t.Leave) and node.kind in _LEAVES:
            return True
        pending.extend(t.inner(node))
    return False


def _counts(body: Body) -> bool:
    """True where a number is counted or a list grows with the tries."""
    return any(s.op in ("+", "-", "*") for s in body.steps) or bool(body.names & {"append", "push", "pop", "next"})


def _idle(node: t.Node) -> bool:
    return isinstance(node, t.Call) and isinstance(node.func, t.Name) and node.func.id == "print"


def _only_asks(node: t.Node, asking: list[t.Call]) -> bool:
    """True where a statement asks, or does nothing with the answer but look at it."""
    if isinstance(node, t.Assign):
        return not node.op and _only_asks(node.value, asking)
    if isinstance(node, t.Pause):
        return node.value is not None and not node.gives and _only_asks(node.value, asking)
    if isinstance(node, t.Branch):
        return all(_only_asks(n, asking) for arm in node.arms for n in arm)
    if isinstance(node, t.Try):
        return all(_only_asks(n, asking) for n in (*node.body, *_all(node.rescue), *node.last))
    if isinstance(node, (t.Const, t.Several)):
        return not t.inner(node)  # `pass`
    return node in asking or _idle(node) or (isinstance(node, t.Leave) and node.kind == "continue")


def _reads_clock(node: t.Node | None, flow: Followed) -> bool:
    if node is None:
        return False
    if isinstance(node, t.Call) and isinstance(node.func, (t.Name, t.Attr)):
        name = node.func.id if isinstance(node.func, t.Name) else node.func.name
        if name in ("time", "monotonic", "now", "perf_counter"):
            return True
    return any(_reads_clock(n, flow) for n in t.inner(node))


def fails_always(loop: t.Loop, flow: Followed) -> bool:
    """`while True: try: return call() except Error: pass` where `call` can only fail."""
    for node in loop.body:
        if isinstance(node, t.Try) and node.body and node.rescue and not _leave_in([*node.last, *_all(node.rescue)]):
            called = _first_call(node.body[0])
            func = flow.lookup(called.func.id).func if called is not None and isinstance(called.func, t.Name) else None
            if isinstance(func, t.Func) and _only_fails(func) and node is loop.body[-1]:
                return True
    return False


def _all(arms: list[list[t.Node]]) -> list[t.Node]:
    return [n for arm in arms for n in arm]


def _first_call(node: t.Node) -> t.Call | None:
    if isinstance(node, t.Call):
        return node
    value = node.value if isinstance(node, (t.Leave, t.Assign, t.Pause)) else None
    return _first_call(value) if value is not None else None


def _only_fails(func: t.Func) -> bool:
    for node in func.body:
        if isinstance(node, t.Leave):
            return node.kind == "raise"
        if isinstance(node, (t.Branch, t.Loop, t.Try)):
            return False
    return False
