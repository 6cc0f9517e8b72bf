"""Functions that call themselves so often that their time grows exponentially."""

from __future__ import annotations

from collections.abc import Iterator

from loopwright.guard.checks.safety.finding import Found
from loopwright.guard.checks.safety.flow import tree as t

#: A call with a number up to this ends soon enough whatever the function does.
_SMALL = 26


_SMALL_NESTED = 3
#: Of a function, by its identity, the greatest number and the greatest length that it is called with.
Given = dict[int, tuple[int, int]]


def judge_growth(func: t.Func, calls: dict[str, list[t.Call]], given: tuple[int, int] | None = None) -> Iterator[Found]:
    if _remembers(func):
        return
    count, nested = _own_calls(func.body, func)
    shifted = list(_shifted_arguments(func))
    strict = all(_smaller(a, func) for a in shifted)
    if count < 2 and not nested:
        return
    numbers = _numbers_given(func, calls)
    if given is not None and any(given) and not (numbers and strict):
        size = given[1] or given[0] if not strict or not shifted or any(map(_sliced, shifted)) else given[0]
        stepped = {a.left.id for a in shifted if isinstance(a, t.Op) and isinstance(a.left, t.Name)}
        numbers, strict = [size * max(1, len(stepped))], True
    limit = _SMALL_NESTED if nested else _SMALL
    if numbers and max(numbers) <= limit:
        return
    reason = (
        f"`{func.name}` calls itself {'on its own result' if nested else 'more than once'} with a "
        "slightly smaller number, which takes exponential time; a loop, or functools.cache, is fine"
    )
    doubtful = numbers == [] or (numbers is None and (not strict or any(map(_sliced, shifted))))
    yield Found("time", "ask" if doubtful else "block", func.line, reason)


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
        return once + 2 * count, nested or deep
    own = isinstance(node, t.Call) and isinstance(node.func, t.Name) and node.func.id == func.name
    count, nested = _own_calls(t.inner(node), func)
    if own and isinstance(node, t.Call):
        simple = all(_reckoned(a) or _shifted(a) or _own(a, func) for a in node.args)
        if simple and any(_own(a, func) for a in node.args) and _any_smaller(node, func):
            return count + 1, True
        if simple and any(_smaller(a, func) or _further(a, func) for a in node.args):
            return count + 1, nested
    return count, nested


def _any_smaller(node: t.Call, func: t.Func) -> bool:
    return any(_smaller(a, func) for a in node.args)


def _shifted_arguments(func: t.Func) -> Iterator[t.Node]:
    """Yield the arguments `name + 1` and `name - 1` of the function's calls of itself."""
    pending: list[t.Node] = list(func.body)
    while pending:
        each = pending.pop()
        if isinstance(each, t.Call) and _own(each, func):
            yield from (a for a in each.args if _shifted(a))
        pending.extend(t.inner(each))


def _reckoned(node: t.Node) -> bool:
    """A name, a constant, or what is reckoned from names, constants and items: no part of a tree, no call."""
    if isinstance(node, (t.Op, t.Index, t.Group)):
        return all(_reckoned(n) for n in t.inner(node))
    return isinstance(node, (t.Name, t.Const))


def _sliced(node: t.Node) -> bool:
    """`items[1:]`, `items.slice(1)`, `items[:i] + items[i + 1:]`: all but a few."""
    if isinstance(node, t.Op) and node.op == "+":
        return all(isinstance(n, t.Op) and n.op == "[:]" for n in (node.left, node.right))
    if isinstance(node, t.Op) and node.op == "[:]":
        held = [n for n in t.inner(node.right) if not (isinstance(n, t.Const) and n.value is None)]
        return isinstance(node.left, t.Name) and bool(held) and all(map(_fixed, held))
    return (
        isinstance(node, t.Call)
        and isinstance(node.func, t.Attr)
        and node.func.name in ("slice", "substring", "substr")
        and isinstance(node.func.of, t.Name)
        and all(map(_fixed, node.args))
    )


def _fixed(node: t.Node) -> bool:
    """A number as it is written, with its sign."""
    return isinstance(node, t.Const) or (isinstance(node, t.Op) and all(isinstance(n, t.Const) for n in t.inner(node)))


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
    return _sliced(node) or (
        isinstance(node, t.Op)
        and node.op in ("+", "-")
        and isinstance(node.left, t.Name)
        and isinstance(node.right, t.Const)
    )


def _own(node: t.Node, func: t.Func) -> bool:
    return isinstance(node, t.Call) and isinstance(node.func, t.Name) and node.func.id == func.name


def _smaller(node: t.Node, func: t.Func) -> bool:
    return _sliced(node) or (
        isinstance(node, t.Op)
        and node.op == "-"
        and isinstance(node.left, t.Name)
        and node.left.id in func.params
        and isinstance(node.right, t.Const)
        and isinstance(node.right.value, int)
    )


def _numbers_given(func: t.Func, calls: dict[str, list[t.Call]]) -> list[int] | None:
    """Numbers that calls from outside give, [] where there are no calls, None where one gives something unknown."""
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
        numbers.append(max(given))
    return numbers
