"""Functions of the source in a trial: what they give, and recursion that comes to no end."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.trial.expressions import known
from loopwright.guard.checks.safety.trial.leaving import Left
from loopwright.guard.checks.safety.trial.relevant import every
from loopwright.guard.checks.safety.trial.seen import Tried
from loopwright.guard.checks.safety.trial.trends import Trend
from loopwright.guard.checks.safety.trial.values import UNKNOWN, Frame, Kind, Routine, freeze

_DEEPEST = 45
#: Calls that one recursion may make, and the power of ten of those that it never comes to an end of.
MOST_CALLS, HOPELESS_CALLS = 400, 9.0


def enter(run: Tried, routine: Routine, args: list[Any], named: dict[str, Any], node: t.Call) -> Any:
    """Return what a function of the source gives for these arguments."""
    func = routine.func
    run.tried.add(id(func))
    frame = Frame(routine.frame, func)
    frame.this = routine.this
    parameters(run, frame, routine, args, named)
    if any(isinstance(n, t.Pause) and n.gives for n in every(func.body)):
        return UNKNOWN
    own = [(state, trend) for f, state, trend in run.active if f is func]
    if (own and run.perhaps) or not affordable(run, func, len(own)):
        return UNKNOWN
    if not own:
        sizes(run, func, frame)
    if len(run.active) >= _DEEPEST:
        too_deep(run, func, own)
        return UNKNOWN
    state = state_of(run, frame, func)
    if own and state is not None and any(state == s for s, _ in own) and _decided(own[-1][1], state):
        never(run, func)
    trend = own[-1][1] if own else Trend()
    turning, run.turning = run.turning, run.turning if not own else []
    run.active.append((func, state, trend))
    try:
        run.block(func.body, frame)
    except Left as left:
        if left.kind == "return":
            return left.value
        if left.kind != "raise" or not turning:
            raise
        raise
    finally:
        run.active.pop()
        run.turning = turning
    return None


def _decided(trend: Trend, state: Any) -> bool:
    """True where what the function depends on is all known, or it asked for nothing but numbers."""
    return not trend.blind or (not trend.unsure and _whole(state))


def _whole(state: Any) -> bool:
    if isinstance(state, tuple) and len(state) == 2 and state[0] == "id":
        return False
    return not isinstance(state, (tuple, list)) or all(map(_whole, state))


def affordable(run: Tried, func: t.Func, depth: int) -> bool:
    """Count the calls of one recursion by depth; where they are many, say how many there would be."""
    if not depth:
        run.levels[id(func)] = Counter()
    levels = run.levels[id(func)]
    levels[depth] += 1
    total = levels.total()
    if total == MOST_CALLS:
        estimate(run, func)
    return total < MOST_CALLS


def estimate(run: Tried, func: t.Func) -> None:
    """Report a recursion whose calls so far say that all of them never come to an end."""
    levels = run.levels.get(id(func), Counter())
    branching = sum(count > 1 for count in levels.values())
    if id(func) in run.doubted or not branching or levels.total() < 60:
        return
    if max(levels) * math.log10(levels.total()) / branching > HOPELESS_CALLS:
        fine = "a loop, or keeping what was worked out, is fine"
        run.report(func.line, f"`{func.name}` calls itself exponentially often for what it is given; {fine}")


def sizes(run: Tried, func: t.Func, frame: Frame) -> None:
    numbers, lengths = run.given.get(id(func), (0, 0))
    for value in frame.names.values():
        if isinstance(value, int):
            numbers = max(numbers, value)
        elif isinstance(value, (list, tuple, str, dict, set, range)):
            lengths = max(lengths, min(len(value[:10_000]) if isinstance(value, range) else len(value), 10_000))
    run.given[id(func)] = (numbers, lengths)


def state_of(run: Tried, frame: Frame, func: t.Func) -> Any:
    """What a run of the function depends on, None where that is not known or too much."""
    try:
        held = [(k, freeze(known(run, x), {}, [60])) for k, x in frame.names.items()]
        if frame.this is not UNKNOWN:
            held.append(("this", freeze(frame.this, {}, [60])))
        read = {n.id for n in every(func.body) if isinstance(n, t.Name)} - frame.names.keys()
        for name in sorted(read):
            owner = frame.find(name)
            if owner is not None and not isinstance(owner.names[name], (Routine, Kind)):
                held.append((name, freeze(owner.names[name], {}, [60])))
    except (OverflowError, TypeError):
        return None
    return held


def too_deep(run: Tried, func: t.Func, own: list[tuple[Any, Trend]]) -> None:
    if len(own) >= _DEEPEST - 5 and own[0][1].hopeless():
        never(run, func)


def never(run: Tried, func: t.Func) -> None:
    if not func.name:
        raise Left("exit")
    fine = "let each call come nearer to a case that ends"
    run.report(func.line, f"`{func.name}` calls itself again and again without coming to an end; {fine}")
    raise Left("exit")


def parameters(run: Tried, frame: Frame, routine: Routine, args: list[Any], named: dict[str, Any]) -> None:
    func = routine.func
    names = list(func.params)
    if not run.script and func.owner and names and routine.this is not UNKNOWN:
        frame.names[names.pop(0)] = routine.this
    for index, name in enumerate(names):
        if name == func.rest:
            frame.names[name] = list(args[index:])
        elif name in named:
            frame.names[name] = named[name]
        elif index < len(args):
            frame.names[name] = args[index]
        elif name in func.defaults:
            frame.names[name] = run.value(func.defaults[name], frame)
        else:
            frame.names[name] = None if run.script and args else UNKNOWN
