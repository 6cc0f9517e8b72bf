"""Functions that call themselves so often that their time grows exponentially."""

from __future__ import annotations

import math
from collections.abc import Iterator

from loopwright.guard.checks.safety.finding import Found
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.shrinking import ITERATING, sliced, times_over, without_one

#: A call with a number up to this ends soon enough whatever the function does.
_SMALL = 26


_SMALL_NESTED = 3
#: The same where each call goes on with all items but one.
_SMALL_FACTORIAL = 11
#: Calls of itself that a function makes in a loop of a known length, from which on they are told apart.
_BROAD = 4
#: Of a function, by its identity, the greatest number and the greatest length that it is called with.
Given = dict[int, tuple[int, int]]


def judge_growth(func: t.Func, calls: dict[str, list[t.Call]], given: tuple[int, int] | None = None) -> Iterator[Found]:
    if _remembers(func):
        return
    if _doubles(func) and given is not None and max(given) > _SMALL:
        why = f"what `{func.name}` gives is twice as long with each item that it is given"
        yield Found("resources", "block", func.line, f"{why}; give the results one at a time (yield)")
        return
    count, nested = _own_calls(func.body, func)
    shifted = list(_shifted_arguments(func))
    named = any(_steps_by_name(c, func) for c in _own_calls_of(func))
    strict = all(_smaller(a, func) for a in shifted) and not named
    if count < 2 and not nested:
        return
    numbers = _numbers_given(func, calls, _stepped_in_turn(func))
    if given is not None and any(given) and not (numbers and strict):
        size = (
            given[0]
            if named
            else given[1] or given[0]
            if not strict or not shifted or any(map(sliced, shifted))
            else given[0]
        )
        stepped = {a.left.id for a in shifted if isinstance(a, t.Op) and isinstance(a.left, t.Name)}
        numbers, strict = [size * max(1, len(stepped))], True
    limit = _limit(count, nested, any(map(without_one, shifted)))
    if numbers and max(numbers) <= limit:
        return
    reason = (
        f"`{func.name}` calls itself {'on its own result' if nested else 'more than once'} with a "
        "slightly smaller number, which takes exponential time; a loop, or functools.cache, is fine"
    )
    doubtful = numbers == [] or (numbers is None and (not strict or any(map(sliced, shifted))))
    yield Found("time", "ask" if doubtful else "block", func.line, reason)


def _own_calls_of(func: t.Func) -> Iterator[t.Call]:
    """Yield the calls that a function makes of itself, in functions without a name too."""
    pending: list[t.Node] = list(func.body)
    while pending:
        each = pending.pop()
        if isinstance(each, t.Call) and _own(each, func):
            yield each
        if isinstance(each, t.Func) and not each.name:
            pending.extend(each.body)
        pending.extend(t.inner(each))


def _steps_by_name(call: t.Call, func: t.Func) -> bool:
    """`f(amount - coin)`"""
    return any(isinstance(a, t.Op) and _smaller(a, func) and isinstance(a.right, t.Name) for a in call.args)


def _limit(count: int, nested: bool, factorial: bool) -> int:
    """The greatest number with which a function that calls itself so often ends soon enough."""
    if nested:
        return _SMALL_NESTED
    if factorial:
        return _SMALL_FACTORIAL
    return int(_SMALL * math.log(2) / math.log(count)) if count >= _BROAD else _SMALL


def _doubles(func: t.Func) -> bool:
    """`rest = f(items[1:]); return rest + [[items[0], *r] for r in rest]`"""
    held = {
        x.id
        for s in func.body
        if isinstance(s, t.Assign) and not s.op and _own(s.value, func)
        for x in s.targets
        if isinstance(x, t.Name)
    }
    for node in func.body:
        value = node.value if isinstance(node, t.Leave) and node.kind == "return" else None
        if isinstance(value, t.Op) and value.op == "+":
            sides = [value.left, value.right]
            whole = [s for s in sides if isinstance(s, t.Name) and s.id in held]
            made = [s for s in sides if isinstance(s, t.Comprehension) and not s.tests]
            if len(whole) == 2 or (whole and made and isinstance(made[0].loops[0][1], t.Name)):
                return True
    return False


def _remembers(func: t.Func) -> bool:
    for mark in func.marks:
        pending = [mark]
        while pending:
            each = pending.pop()
            name = each.id if isinstance(each, t.Name) else each.name if isinstance(each, t.Attr) else ""
            if "cache" in name.lower() or "memo" in name.lower():
                return True
            pending.extend(t.inner(each))
    pending = list(func.body)
    while pending:
        each = pending.pop()
        if isinstance(each, t.Assign) and any(isinstance(x, t.Index) for x in each.targets):
            return True
        if (
            isinstance(each, t.Call)
            and isinstance(each.func, t.Attr)
            and each.func.name in ("set", "has", "setdefault", "put")
        ):
            return True
        if isinstance(each, t.Op) and each.op == "in":
            return True
        pending.extend(t.inner(each))
    return False


def _own_calls(body: list[t.Node], func: t.Func) -> tuple[int, bool]:
    """Return how many calls of itself with a smaller number one run makes, and whether one is another's argument."""
    total, nested = 0, False
    for node in body:
        found, deep = _calls(node, func)
        total, nested = total + found, nested or deep
    return total, nested


def _calls(node: t.Node, func: t.Func) -> tuple[int, bool]:
    if isinstance(node, t.Branch):
        tests, deep = _own_calls(node.tests, func)
        arms = [_own_calls(arm, func) for arm in node.arms]
        return tests + max((a for a, _ in arms), default=0), deep or any(d for _, d in arms)
    if isinstance(node, t.Choice):
        tests, deep = _calls(node.test, func)
        arms = [_calls(part, func) for part in node.parts]
        return tests + max((a for a, _ in arms), default=0), deep or any(d for _, d in arms)
    if isinstance(node, (t.Loop, t.Comprehension)):
        # What is iterated over is made once.
        over = node.over if isinstance(node, t.Loop) else node.loops[0][1]
        once, deep = _own_calls([over], func) if over is not None else (0, False)
        count, nested = _own_calls([n for n in t.inner(node) if n is not over], func)
        return once + times_over(over) * count, nested or deep
    if isinstance(node, t.Call) and isinstance(node.func, t.Attr) and node.func.name in ITERATING:
        inline = [a for a in node.args if isinstance(a, t.Func)]
        count, nested = _own_calls([n for a in inline for n in a.body], func)
        rest, deep = _own_calls([node.func.of, *(a for a in node.args if not isinstance(a, t.Func))], func)
        passed = any(isinstance(a, t.Name) and a.id == func.name for a in node.args)
        return rest + times_over(node.args[0] if node.func.name == "from" and node.args else None) * count, (
            nested or deep
        ) and not passed
    own = isinstance(node, t.Call) and isinstance(node.func, t.Name) and node.func.id == func.name
    count, nested = _own_calls(t.inner(node), func)
    if own and isinstance(node, t.Call):
        args = [_resolved(a, func) for a in node.args]
        simple = all(_reckoned(a) or _shifted(a) or _own(a, func) for a in args)
        if simple and any(_own(a, func) for a in args) and _any_smaller(node, func):
            return count + 1, True
        if simple and any(_smaller(a, func) or _further(a, func) for a in args):
            return count + 1, nested
    return count, nested


def _any_smaller(node: t.Call, func: t.Func) -> bool:
    return any(_smaller(a, func) for a in node.args)


def _shifted_arguments(func: t.Func) -> Iterator[t.Node]:
    """Yield the arguments `name + 1` and `name - 1` of the function's calls of itself."""
    for call in _own_calls_of(func):
        yield from (a for a in (_resolved(a, func) for a in call.args) if _shifted(a))


def _resolved(node: t.Node, func: t.Func) -> t.Node:
    """What a name stands for that the function gives a value once."""
    if not isinstance(node, t.Name) or node.id in func.params:
        return node
    made: list[t.Node] = []
    pending: list[t.Node] = list(func.body)
    while pending:
        each = pending.pop()
        if isinstance(each, t.Assign) and any(isinstance(x, t.Name) and x.id == node.id for x in each.targets):
            made.append(each.value if not each.op else each)
        if isinstance(each, t.Func) and not each.name:
            pending.extend(each.body)
        pending.extend(t.inner(each))
    return made[0] if len(made) == 1 and sliced(made[0]) else node


def _reckoned(node: t.Node) -> bool:
    """A name, a constant, or what is reckoned from names, constants and items: no part of a tree, no call."""
    if isinstance(node, (t.Op, t.Index, t.Group)):
        return all(_reckoned(n) for n in t.inner(node))
    return isinstance(node, (t.Name, t.Const))


def _further(node: t.Node, func: t.Func) -> bool:
    """`name + 1` for a parameter: nearer to an end that the length of something gives."""
    return (
        isinstance(node, t.Op)
        and node.op == "+"
        and isinstance(node.left, t.Name)
        and node.left.id in func.params
        and isinstance(node.right, t.Const)
        and isinstance(node.right.value, int)
    )


def _shifted(node: t.Node) -> bool:
    """`name - 1`, `name + 1`, all but a few items."""
    return sliced(node) or (
        isinstance(node, t.Op)
        and node.op in ("+", "-")
        and isinstance(node.left, t.Name)
        and isinstance(node.right, t.Const)
    )


def _own(node: t.Node, func: t.Func) -> bool:
    return isinstance(node, t.Call) and isinstance(node.func, t.Name) and node.func.id == func.name


def _smaller(node: t.Node, func: t.Func) -> bool:
    return sliced(node) or (
        isinstance(node, t.Op)
        and node.op == "-"
        and isinstance(node.left, t.Name)
        and node.left.id in func.params
        and _stepping(node.right, func)
    )


def _stepping(node: t.Node, func: t.Func) -> bool:
    """A number, or a name: of another parameter, or of what a loop goes over."""
    return (isinstance(node, t.Const) and isinstance(node.value, int)) or isinstance(node, t.Name)


def _stepped_in_turn(func: t.Func) -> set[int]:
    """The places of parameters of which one call of itself lessens the one and another the other: `f(x - 1, y)`."""
    places: set[int] = set()
    for call in _own_calls_of(func):
        stepped = [i for i, a in enumerate(call.args) if _shifted(a) and _smaller(a, func)]
        if len(stepped) == 1:
            places.add(stepped[0])
    return places if len(places) > 1 else set()


def _numbers_given(func: t.Func, calls: dict[str, list[t.Call]], together: set[int]) -> list[int] | None:
    """Numbers that calls from outside give, [] where there are no calls, None where one gives something unknown.

    `together`: the places of arguments whose sum says how deep it goes.
    """
    inside: set[int] = set()
    pending: list[t.Node] = list(func.body)
    while pending:
        each = pending.pop()
        inside.add(id(each))
        pending.extend(t.inner(each))
    numbers: list[int] = []
    for call in calls.get(func.name, ()):
        if id(call) in inside:
            continue
        given = [a.value for a in call.args if isinstance(a, t.Const) and isinstance(a.value, int)]
        if not given:
            return None
        summed = [a.value for i, a in enumerate(call.args) if i in together and isinstance(a, t.Const)]
        numbers.append(max(*given, sum(x for x in summed if isinstance(x, int)) if len(summed) > 1 else 0))
    return numbers
