"""Loops over what a search finds, which finds the same again and again."""

from __future__ import annotations

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.loop_body import Body, mentions, steps_of
from loopwright.guard.checks.safety.flow.seen import Followed

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
