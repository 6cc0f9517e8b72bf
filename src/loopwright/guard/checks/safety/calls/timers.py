"""Functions that are set to run later, and those that set themselves to run again."""

from __future__ import annotations

from loopwright.guard.checks.safety.calls import sizes
from loopwright.guard.checks.safety.calls.running import code
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.entering import call_back
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.loop_body import Body
from loopwright.guard.checks.safety.flow.loop_words import GROWING, QUIET
from loopwright.guard.checks.safety.flow.values import Value

#: A timer of fewer milliseconds is a loop.
_OFTEN = 200


def timer(flow: Flow, called: Called) -> Value | None:
    """`setTimeout`: code where its argument is text."""
    value = called.arg(0)
    if value.func is None and (value.text or value.labels & (v.REMOTE | v.INPUT | v.DECODED | v.COOKIE)):
        code(flow, called)
    if isinstance(value.func, t.Func):
        _timed(flow, called, value.func)
    delay = called.arg(1).number
    if called.name == "setTimeout" and value.func is None and delay:  # `new Promise((done) => setTimeout(done, ms))`
        sizes.sleep(flow, Called(called.node, called.ref, [Value(delay // 1000)], {}, Value()))
    if (
        value.func is not None
        and called.name == "setInterval"
        and len(called.args) > 1
        and (delay is None or delay < _OFTEN)
    ):
        flow.endless = True
        flow.facts["storm"] = called.line
        call_back(flow, value, [])
        flow.endless = False
        flow.facts.pop("storm", None)
    return None


def settled(flow: Flow, called: Called) -> Value | None:
    """`Promise.resolve().then(loop)` within `loop`."""
    func = called.arg(0).func
    if called.receiver.ref == "Promise.resolve()" and flow.certain and flow.active[-1:] == [func]:
        flow.report(
            "time", "block", called.line, "this runs itself again before anything else gets its turn; use setTimeout"
        )
    return None


_STARTING = frozenset({"fork", "spawn", "Worker", "execFile", "exec"})


def _starts(func: t.Func) -> bool:
    pending = list(func.body)
    while pending:
        node = pending.pop()
        if isinstance(node, t.Call):
            held = node.func
            if (isinstance(held, t.Name) and held.id in _STARTING) or (
                isinstance(held, t.Attr) and held.name in _STARTING and not isinstance(held.of, t.Const)
            ):
                return True
        pending.extend(t.inner(node))
    return False


def _leaves(func: t.Func) -> bool:
    """True where a condition may keep the function from going on."""
    pending = list(func.body)
    while pending:
        node = pending.pop()
        if isinstance(node, t.Branch):
            return True
        if isinstance(node, t.Func):
            pending.extend(node.body)
        pending.extend(t.inner(node))
    return False


def later(flow: Flow, called: Called) -> Value | None:
    """`threading.Timer(seconds, function)`."""
    delay, func = called.arg(0, "interval"), called.arg(1, "function").func
    seconds = delay.const if isinstance(delay.const, (int, float)) else None
    if isinstance(func, t.Func) and seconds is not None and seconds * 1000 < _OFTEN:
        _timed(flow, called, func)
    return Value(None, f"{called.ref}()")


def _repeats(flow: Flow, called: Called, func: t.Func) -> None:
    """A function that sets itself to run again at once is a loop: judge what it keeps, and whether it does anything."""
    if _leaves(func) or not flow.certain:
        return
    body = Body(t.Loop(func.line, None, None, None, func.body), flow)
    growing = [c for c in body.calls if isinstance(c.func, t.Attr) and c.func.name in GROWING]
    if not body.names & _TAKING and any(
        flow.value(a).size >= flow.config.memory >> 10 for c in growing for a in c.args
    ):
        why = "each run keeps more and sets the next one at once, without end; keep a number of them"
        flow.report("resources", "block", called.line, why)
    elif called.name == "setImmediate" and body.names <= QUIET | {"setImmediate", func.name}:
        why = "this sets itself to run again at once, for ever, with all of a processor; a timer of a second is fine"
        flow.report("time", "block", called.line, why)


_TAKING = frozenset({"pop", "shift", "splice", "clear", "popleft", "delete"})


def _timed(flow: Flow, called: Called, func: t.Func) -> None:
    """A function that sets a timer for itself: by `setInterval` or twice they are more each time."""
    if not any(f is func for f in flow.active):
        return
    if called.ref in ("process.nextTick", "queueMicrotask"):
        flow.report(
            "time", "block", called.line, "this runs itself again before anything else gets its turn; use setTimeout"
        )
    elif called.name != "Timer" and _starts(func) and not _leaves(func):
        flow.report(
            "resources", "block", called.line, "a function that starts processes sets itself to run again, without end"
        )
    delay = called.arg(1).number
    if called.name in ("setImmediate", "Timer") or (delay is not None and delay < _OFTEN):
        _repeats(flow, called, func)
    key = f"timer {id(func)}"
    if called.name == "setInterval" or flow.facts.get(key, id(called.node)) != id(called.node):
        flow.report(
            "resources",
            "block",
            called.line,
            "each run of this function starts more timers for itself, without end; one `setTimeout` of itself is fine",
        )
    flow.facts.setdefault(key, id(called.node))
