"""Calls whose cost is known from their arguments: memory, time and recursion."""

from __future__ import annotations

import math
from typing import Any

from loopwright.core.expression import expression
from loopwright.guard.checks.safety.calls.waiting import endless_sleep
from loopwright.guard.checks.safety.flow import itemwise
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.asked import judge_amount, judge_expression
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.entering import call_back
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.piles import gone_through
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.patterns import is_exponential
from loopwright.guard.checks.safety.places import HOLE

_DAY = 86_400
#: Seconds that the waits of one loop may take together.
_LONGEST_WAIT = 14 * _DAY


def counted(flow: Flow, called: Called) -> Value | None:
    """`range(n)`: `size` is eight bytes an item, as a list of them would take."""
    numbers = [a.bound // 2 or a.number for a in called.args]  # a counter is on average half of what it comes to
    made = Value(None, "range()")
    for each in called.args:
        judge_amount(flow, each, called.line, "time", "a loop turns")
    known = [n for n in numbers if n is not None]
    if known and len(known) == len(numbers):
        start, stop = (known[0], known[1]) if len(known) > 1 else (0, known[0])
        step = known[2] if len(known) > 2 and known[2] else 1
        made.length = max(0, (stop - start) // step)
        made.size = 8 * made.length
        made.bound = max(start, stop)
        exact = all(a.number is not None for a in called.args)
        made.steps = range(start, stop, step) if exact else None
    return made


def exhausted(flow: Flow, called: Called) -> Value | None:
    """`max(items)`, `[*items]`: all items are asked for."""
    value = called.arg(0)
    if value.ref in v.ENDLESS:
        name = "it" if called.name == "%spread" else f"`{called.name}`"
        flow.report(
            "time", "block", called.line, f"{name} takes all of a sequence that never ends; take a part of it (islice)"
        )
    if value.ref == "range()":
        flow.count(called.line, value.size // 8 * flow.times)
    return value if called.name == "%spread" else None


def collected(flow: Flow, called: Called) -> Value | None:
    """`list(range(n))`, `sorted(…)`: all items at once."""
    value = called.arg(0)
    if value.size >= flow.config.memory:
        flow.oversize(called.line, value.size)
    exhausted(flow, called)
    made = Value(None, "", value.labels, None, value.size)
    made.length, made.hashed = value.length, called.name in ("set", "dict", "frozenset")
    made.items, made.attrs = value.items, {**(value.attrs or {}), **called.named} or None
    if called.named:
        made.labels |= v.join(list(called.named.values())).labels
    return made


def allocated(unit: int) -> Any:
    """Return a handler for calls that take memory for as many items as their first argument says, `unit` bytes each."""

    def handle(flow: Flow, called: Called) -> Value | None:
        first = called.args[0] if called.args else called.named.get("shape", Value())
        count = first.number
        if count is None and first.items:
            dims = [i.number or 1 for i in first.items]
            count = math.prod(dims)
        judge_amount(flow, first, called.line, "resources", "memory is taken")
        size = (count or 0) * unit
        if size >= flow.config.memory:
            flow.oversize(called.line, size)
        made = Value(None, "", first.labels & v.STURDY, None, size)
        made.length = count or 0
        return made

    return handle


def array_from(flow: Flow, called: Called) -> Value | None:
    """`Array.from({length: n})`."""
    exhausted(flow, called)
    length = (called.arg(0).attrs or {}).get("length", Value()).number or 0
    length = length or called.arg(0).length
    times, flow.times = flow.times, flow.times * max(1, length)
    func = called.arg(1).func
    if isinstance(func, t.Func):
        gone_through(flow, called.line, func.body, length, True)
    each = call_back(flow, called.arg(1), []).size
    flow.times = times
    if length * max(8, each) >= flow.config.memory:
        flow.oversize(called.line, length * max(8, each))
    made = Value(None, "", called.all.labels, None, length * max(8, each))
    made.items, made.length = called.arg(0).items, length
    return made


def repeated(flow: Flow, called: Called) -> Value | None:
    """`"x".repeat(n)`."""
    judge_amount(flow, called.arg(0), called.line, "resources", "a text is repeated")
    size = len(called.receiver.text) * (called.arg(0).number or 0)
    if size >= flow.config.memory:
        flow.oversize(called.line, size)
    made = Value(None, "", called.receiver.labels, None, size)
    if 0 < size <= 4096:
        made.const = called.receiver.text * (called.arg(0).number or 0)
    made.length = size
    return made


def padded(flow: Flow, called: Called) -> Value | None:
    """`"x".padEnd(n)`, `"x".ljust(n)`."""
    made = Value(called.receiver.const, "", called.receiver.labels)
    judge_amount(flow, called.arg(0), called.line, "resources", "a text is filled up")
    made.size = made.length = called.arg(0).number or 0
    if made.size >= flow.config.memory:
        flow.oversize(called.line, made.size)
    return made


#: Tasks that are made at once.
_MOST_TASKS = 100_000


def gathered(flow: Flow, called: Called) -> Value | None:
    """`asyncio.gather(*[f(i) for i in range(n)])`: all of them begin at once."""
    many = max((a.length for a in called.args), default=0)
    if many >= _MOST_TASKS:
        why = f"{many:,} tasks begin at once, each with its memory and connection"
        flow.report("resources", "block", called.line, f"{why}; a semaphore, or a pool of workers, is fine")
    return None


def combined(flow: Flow, called: Called) -> Value | None:
    """`permutations(range(n))`, `product(…, repeat=k)`: how many there are."""
    value = called.arg(0)
    count = v.length_of(value)
    chosen = called.named.get("r") or called.named.get("repeat") or called.arg(1)
    width = max(0, chosen.bound - 1) or chosen.number
    if called.name == "permutations":
        total = math.perm(min(count, 200), min(width or count, count, 200)) if count else 0
    elif called.name == "product":
        lengths = [min(v.length_of(x), 1 << 60) for x in called.args]
        total = math.prod(lengths) ** min(width or 1, 60) if lengths else 0
    else:
        widest = min(width or 0, count // 2) if chosen.bound else width or 0
        total = math.comb(min(count, 2000), min(widest, count))
    made = Value(None, "range()", 0, None, 8 * min(total, 1 << 60))
    made.length = min(total, 1 << 60)
    return made


def pooled(flow: Flow, called: Called) -> Value | None:
    """`Pool(n)`, `ThreadPoolExecutor(max_workers=n)`."""
    count = called.arg(0, "processes" if called.name == "Pool" else "max_workers").number or 0
    if count >= (5_000 if "Thread" in called.name else 1_000):
        flow.report(
            "resources", "block", called.line, f"{count:,} processes or threads are started at once; a few are fine"
        )
    return Value(None, f"{called.ref}()")


def factorial(flow: Flow, called: Called) -> Value | None:
    judge_amount(flow, called.arg(0), called.line, "time", "a factorial is worked out of")
    number = called.arg(0).number or 0
    if number >= 10**7:
        flow.report(
            "time",
            "block",
            called.line,
            f"the factorial of {number:,} takes hours and gigabytes; math.lgamma gives its logarithm at once",
        )
    return Value()


def power(flow: Flow, called: Called) -> Value | None:
    if len(called.args) != 2:
        return None
    made = v.operate("**", called.args[0], called.args[1])
    if made.size >= flow.config.memory:
        flow.oversize(called.line, made.size)
    return made


def sleep(flow: Flow, called: Called) -> Value | None:
    seconds = called.arg(0).number or 0
    if endless_sleep(flow, called):
        flow.lasting = called.node
    judge_amount(flow, called.arg(0), called.line, "time", "this sleeps")
    if seconds * flow.turning >= _LONGEST_WAIT and flow.turning > 1 and seconds < _DAY:
        days = seconds * flow.turning // _DAY
        why = f"{flow.turning:,} waits of {seconds:,} seconds take {days:,} days; fewer are fine"
        flow.report("time", "block", called.line, why)
    if seconds >= (7 * _DAY if flow.doubtful else _DAY):
        flow.report(
            "time",
            "block",
            called.line,
            f"this sleeps for {seconds // _DAY:,} days; wait for an event with a deadline instead",
        )
    return Value()


def recursion_limit(flow: Flow, called: Called) -> Value | None:
    limit = called.arg(0).number or 0
    if limit > 10**6:
        flow.report(
            "resources",
            "block",
            called.line,
            f"a recursion limit of {limit:,} lets the stack overflow and the process crash; up to 1,000,000 is fine",
        )
    return None


def whole(flow: Flow, called: Called) -> Value | None:
    """`int(1e9)`, `Number(x)`, `Math.floor(x)`: the number itself."""
    number = called.arg(0).number
    if number is None or len(called.args) != 1:
        return None
    made = Value(number, "", called.arg(0).labels)
    made.bound = called.arg(0).bound
    return made


def iterated(flow: Flow, called: Called) -> Value | None:
    """`iter(callable, sentinel)`: without end where the callable can never give the sentinel."""
    if len(called.args) == 2 and isinstance(called.args[0].func, t.Func):
        gives, wanted = call_back(flow, called.args[0], []).const, called.args[1].const
        if gives is not None and wanted is not None and gives != wanted:
            return Value(None, "%forever")
    if len(called.args) == 2 and called.args[0].ref in ("int", "str", "list", "dict", "float", "bool", "object"):
        blank = {"int": 0, "str": "", "float": 0.0, "bool": False}.get(called.args[0].ref)
        if called.args[1].const != blank:
            return Value(None, "%forever")
    return None


def endless_repeat(flow: Flow, called: Called) -> Value | None:
    return Value(None, "%forever" if len(called.args) < 2 and not called.named else "")


_ALTERNATIVES = expression(r"\((?:\?:)?(\w|\\w|\.)\|\1\1?[+*]?\)[+*]|\((?:\\w\|\\d|\\d\|\\w)\)[+*]")


def pattern(flow: Flow, called: Called) -> Value | None:
    """A regular expression of which one repetition holds another of the same."""
    text = called.arg(0).text
    judge_expression(flow, called.arg(0), called.line)
    spaced = any(_is_spaced(each) for each in (*called.node.args[1:], *(x for _, x in called.node.named)))
    made = Value(None, f"{called.ref}()")
    made.attrs = {"%pattern": called.arg(0), "%flags": called.arg(1) if len(called.args) > 1 else Value("")}
    if (
        text
        and HOLE not in text
        and (_ALTERNATIVES.search(text) or is_exponential(text + ("$" if called.name == "fullmatch" else ""), spaced))
    ):
        flow.report(
            "time",
            "block",
            called.line,
            (
                "this regular expression repeats a repetition, which takes exponential time on text that "
                "does not match; `a+` instead of `(a+)+` is fine"
            ),
        )
    return made


def _is_spaced(node: t.Node) -> bool:
    """True for the flag `re.VERBOSE`, alone or with others."""
    return (isinstance(node, t.Attr) and node.name in ("VERBOSE", "X")) or any(map(_is_spaced, t.inner(node)))


def chained(flow: Flow, called: Called) -> Value | None:
    """`itertools.chain(a, b)`, `itertools.accumulate(a)`: without end where one of them is."""
    endless = any(a.ref in v.ENDLESS for a in called.args)
    return Value(None, "%forever" if endless else "", called.all.labels)


def reduced(flow: Flow, called: Called) -> Value | None:
    """`functools.reduce(f, items)`."""
    if called.arg(1).ref in v.ENDLESS:
        why = f"`{called.name}` takes all of a sequence that never ends; take a part of it (islice)"
        flow.report("time", "block", called.line, why)
        return None
    items = itemwise.items_of(flow, called.arg(1))
    start = called.args[2] if len(called.args) > 2 else None
    made = itemwise.reduced(flow, called.arg(0), items, start) if items else None
    if made is not None:
        made.labels |= v.DECODED if made.text else 0
    return made


def waited(flow: Flow, called: Called) -> Value | None:
    """`datetime.timedelta(days=30)`: in seconds."""
    unit = {"days": _DAY, "hours": 3600, "minutes": 60, "seconds": 1, "weeks": 7 * _DAY}
    given = {**dict(zip(("days", "seconds"), called.args, strict=False)), **called.named}
    known = [unit.get(name, 0) * (value.number or 0) for name, value in given.items()]
    made = Value(None, f"{called.ref}()")
    made.attrs = {"%seconds": Value(sum(known))}
    return made


def seconds(flow: Flow, called: Called) -> Value | None:
    """`delta.total_seconds()`."""
    return (called.receiver.attrs or {}).get("%seconds")
