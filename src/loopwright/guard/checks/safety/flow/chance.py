"""Loops that end by a chance alone, and numbers that are multiplied by themselves at every turn."""

from __future__ import annotations

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.loop_body import Body, contains, mentions, name_of, steps_of
from loopwright.guard.checks.safety.flow.seen import Followed

#: So many equal letters at the beginning of a digest do not come by trying.
_RARE = 8


#: Squared so often a number has more digits than memory holds.
MOST_SQUARED = 40


def squares(step: t.Assign, body: Body) -> bool:
    """`x = x * x`, `x **= 2`, where nothing else sets it."""
    target, value = step.targets[0], step.value
    if not isinstance(target, t.Name) or len(steps_of(target.id, body)) != 1:
        return False
    if step.op in ("*", "**"):
        return value == target or step.op == "**"
    both = isinstance(value, t.Op) and isinstance(value.left, t.Name) and value.left.id == target.id
    if not both or not isinstance(value, t.Op) or value.op not in ("*", "**"):
        return False
    return value.op == "**" or (isinstance(value.right, t.Name) and value.right.id == target.id)


def by_chance(loop: t.Loop, body: Body, flow: Followed) -> bool:
    """`while xs != sorted(xs): shuffle(xs)`, `while not digest.startswith("0" * 16)`."""
    if "shuffle" in body.names and (body.names & {"sorted", "is_sorted", "isSorted"} or _asks_shuffled(loop, body)):
        return True
    if _guesses(loop, body, flow) or (not body.leaves and _never_drawn(loop.test, body, flow)):
        return True
    if not body.names & {"hexdigest", "digest", "sha256", "md5", "sha1"}:
        return False
    if isinstance(loop.test, t.Op) and loop.test.op == "!=":
        given = flow.value(loop.test.right).text
        asked = any(name_of(c) in ("hexdigest", "digest") for c in body.calls if contains(loop.test.left, c))
        return asked and len(given) >= _RARE
    wanted = [c for c in body.calls if isinstance(c.func, t.Attr) and c.func.name in ("startswith", "startsWith")]
    texts = [flow.value(c.args[0]).text for c in wanted if c.args]
    return any(len(x) >= _RARE and len(set(x)) == 1 for x in texts)


def _asks_shuffled(loop: t.Loop, body: Body) -> bool:
    """`while any(a > b for a, b in zip(xs, xs[1:])): shuffle(xs)`"""
    shuffled = {a.id for c in body.calls if name_of(c) == "shuffle" for a in c.args[:1] if isinstance(a, t.Name)}
    return loop.test is not None and mentions(loop.test, shuffled) and "len" not in body.names


#: A text of so many letters is not met by drawing letters.
_DRAWN = 8


_DRAWING = frozenset({"choice", "choices", "randint", "random", "randrange", "getrandbits", "token_hex", "randbytes"})


def _guesses(loop: t.Loop, body: Body, flow: Followed) -> bool:
    """`while guess != target: guess = "".join(random.choice(letters) for …)`"""
    test = loop.test
    if not isinstance(test, t.Op) or test.op != "!=" or not body.names & _DRAWING or not isinstance(test.left, t.Name):
        return False
    made = [s.value for s in steps_of(test.left.id, body)]
    drawn = [m for m in made if any(name_of(c) in _DRAWING for c in body.calls if contains(m, c))]
    return bool(drawn) and len(drawn) == len(made) and len(flow.value(test.right).text) >= _DRAWN


#: Calls that give a number from 0 up to, but not, 1.
_FRACTIONS = frozenset({"random.random", "Math.random"})


def _never_drawn(test: t.Node | None, body: Body, flow: Followed) -> bool:
    """`while x < 2: x = random.random()`: whatever is drawn, the test holds."""
    if not isinstance(test, t.Op) or not isinstance(test.right, t.Const):
        return False
    limit = test.right.value
    if isinstance(limit, bool) or not isinstance(limit, (int, float)):
        return False
    holds = (test.op == "<" and limit >= 1) or (test.op == "<=" and limit >= 1) or (test.op == ">=" and limit <= 0)
    holds = holds or (test.op in (">", "!=") and limit < 0) or (test.op == "!=" and limit >= 1)
    made = [s.value for s in steps_of(test.left.id, body)] if isinstance(test.left, t.Name) else [test.left]
    return holds and bool(made) and all(isinstance(m, t.Call) and flow.value(m.func).ref in _FRACTIONS for m in made)
