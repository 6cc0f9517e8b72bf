"""Loops without end that keep what comes in: queues that nobody reads, buffers that only grow."""

from __future__ import annotations

from loopwright.core.expression import expression
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.loop_body import Body, mentions
from loopwright.guard.checks.safety.flow.loop_words import GROWING
from loopwright.guard.checks.safety.flow.seen import Followed

_QUEUE = expression(r"^(?:queue|asyncio|multiprocessing)\.(?:Simple|Lifo|Priority|Joinable)?Queue\(\)$")
_TAKING = frozenset({"pop", "popleft", "clear", "remove", "shift", "splice", "truncate", "getvalue", "popitem", "del"})


def judge_hoards(loop: t.Loop, body: Body, flow: Followed, always: bool) -> None:
    """Judge what a loop keeps that nothing leaves, or that turns while something else holds."""
    if body.leaves or body.gives or loop.over is not None or body.names & _TAKING:
        return
    if always and "sleep" not in body.names:
        for call in body.calls:
            _judge_queue(call, flow)
    growing = [c for c in body.calls if isinstance(c.func, t.Attr) and c.func.name in GROWING]
    if always and growing and any(_reads_on(c, flow) for c in body.calls):
        why = "the end of what is read does not end the loop, which goes on to keep; `if not line: break` is fine"
        flow.report("resources", "block", loop.line, why)
    if always and "recv" in body.names and (growing or any(_buffers(c, flow) for c in body.calls)):
        why = "all that a connection sends is kept, and its end does not end the loop; `if not data: break` is fine"
        flow.report("resources", "block", loop.line, why)
    if not always and loop.test is not None and not (growing and _asks_for(loop.test, body, growing)):
        large = [c for c in growing if any(flow.value(a).size >= flow.config.memory >> 6 for a in c.args)]
        if large:
            why = "each turn keeps a large part of the memory, and nothing counts them; keep a number of them"
            flow.report("resources", "block", loop.line, why)


def _reads_on(call: t.Call, flow: Followed) -> bool:
    """`file.readline()`"""
    func = call.func
    if not isinstance(func, t.Attr) or func.name not in ("readline", "read") or not isinstance(func.of, t.Name):
        return False
    return flow.lookup(func.of.id).ref in ("open()", "sys.stdin")


def _judge_queue(call: t.Call, flow: Followed) -> None:
    if isinstance(call.func, t.Attr) and call.func.name in ("put", "put_nowait") and isinstance(call.func.of, t.Name):
        queue = flow.lookup(call.func.of.id)
        if _QUEUE.match(queue.ref) and not queue.attrs:
            flow.waits.append(("unread", call.line))


def _buffers(call: t.Call, flow: Followed) -> bool:
    func = call.func
    return (
        isinstance(func, t.Attr)
        and func.name == "write"
        and isinstance(func.of, t.Name)
        and flow.lookup(func.of.id).ref in ("io.BytesIO()", "io.StringIO()", "%memory")
    )


def _asks_for(test: t.Node, body: Body, growing: list[t.Call]) -> bool:
    """True where the test asks for what the loop changes."""
    held = {c.func.of.id for c in growing if isinstance(c.func, t.Attr) and isinstance(c.func.of, t.Name)}
    return mentions(test, held | body.assigned)
