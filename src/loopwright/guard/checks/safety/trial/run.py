"""Works a program out as far as its values are known, and reports loops and recursions that come to no end.

Nothing of the program runs: its tree is evaluated on constants, with a bound on all steps together. What comes from
outside is UNKNOWN; where the way depends on it, the loop around is given up.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from loopwright.guard.checks.safety.finding import Found, Name
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.trial import calls
from loopwright.guard.checks.safety.trial.leaving import Doubt, Left, Spent
from loopwright.guard.checks.safety.trial.loops import loop
from loopwright.guard.checks.safety.trial.relevant import every
from loopwright.guard.checks.safety.trial.trends import Trend
from loopwright.guard.checks.safety.trial.values import (
    UNKNOWN,
    Frame,
    Kind,
    MOST_ITEMS,
    Module,
    Queue,
    Routine,
    Thing,
    freeze,
    kept,
    operate,
    truth,
)

#: Nodes evaluated in one text.
MOST_STEPS = 10_000
_DEEPEST = 45
#: Calls that one recursion may make, and the power of ten of those that it never comes to an end of.
MOST_CALLS, HOPELESS_CALLS = 400, 9.0
_LEAVING = frozenset({"return", "raise", "break", "continue"})
_EXITS = frozenset({"exit", "_exit", "quit", "abort"})


class Report(Protocol):
    """Takes the line and reason of what comes to no end."""

    def __call__(self, line: int, why: str, name: Name = "time") -> None: ...


class Run:
    """One trial. `report` is called with the line and reason of what comes to no end."""

    def __init__(self, script: bool, shared: set[str], report: Report) -> None:
        self.script = script
        self.shared = shared
        self.report = report
        self.steps = 0
        self.calls = 0  # of what is not known
        self.turning: list[Trend] = []  # the loops that are being worked out
        self.active: list[tuple[t.Func, Any, Trend]] = []
        self.escaped: set[int] = set()
        self.kept: list[Any] = []  # what has escaped stays alive, so that its identity is its own
        self.tried: set[int] = set()
        self.doubted: set[int] = set()  # functions that something unknown may end
        self.levels: dict[int, Counter[int]] = {}  # of a recursion, the calls by their depth
        self.given: dict[int, tuple[int, int]] = {}  # of a function, the greatest number and length it is called with

    # ------------------------------------------------------------ statements

    def block(self, body: list[t.Node], frame: Frame) -> None:
        if self.script:
            for each in body:
                if isinstance(each, t.Func) and each.name:
                    frame.names[each.name] = Routine(each, frame)
        for each in body:
            self.value(each, frame)

    def value(self, node: t.Node, frame: Frame) -> Any:
        """Return the value of an expression, or do a statement."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            if self.active and self.active[0][0] is self.active[-1][0]:
                self._estimate(self.active[0][0])
            raise Spent
        act = _ACTS.get(type(node))
        return act(self, node, frame) if act is not None else UNKNOWN

    def several(self, node: t.Several, frame: Frame) -> Any:
        for each in node.parts:
            self.value(each, frame)
        return UNKNOWN

    def grouped(self, node: t.Block, frame: Frame) -> Any:
        self.block(node.body, frame)

    def whole(self, body: list[t.Node]) -> None:
        """Try a module, then each function that nothing in it called, with arguments that are not known."""
        frame = Frame()
        try:
            self.start(body, frame)
            for node, at in self._functions(body, frame):
                if id(node) not in self.tried and self.steps < MOST_STEPS:
                    self.start(node.body, at)
        except Spent:
            return

    def start(self, body: list[t.Node], frame: Frame) -> None:
        self.turning, self.active = [], []
        try:
            self.block(body, frame)
        except (Left, Doubt):
            return

    def _functions(self, body: list[t.Node], frame: Frame) -> Iterator[tuple[t.Func, Frame]]:
        for node in every(body):
            inner = [n for n in node.body if isinstance(n, t.Func)] if isinstance(node, t.Class) else []
            for func in (node, *inner):
                if isinstance(func, t.Func):
                    at = Frame(frame, func)
                    at.names.update(dict.fromkeys(func.params, UNKNOWN))
                    yield func, at

    def branch(self, node: t.Branch, frame: Frame) -> Any:
        plain = len(node.tests) == 1 and len(node.arms) == 2
        leaves = any(isinstance(n, t.Leave) for arm in node.arms for n in every(arm))
        holds = self.test(node.tests[0], frame, leaves) if plain else None
        if not plain:
            for test in node.tests:
                self.value(test, frame)
        if holds is None:
            self.unsure(node, leaves, frame)
        else:
            self.block(node.arms[0 if holds else 1], frame)

    def unsure(self, node: t.Node, leaves: bool, frame: Frame) -> None:
        """Go on behind a branch of which it is not known which way it goes."""
        exits = any(isinstance(n, t.Call) and _name(n.func) in _EXITS for n in every([node]))
        if (leaves or exits) and self.turning:
            raise Doubt
        if leaves or exits:
            self.doubted.add(id(frame.func))
            for func, _, trend in self.active:
                trend.blind = trend.blind or func is frame.func
        self.forget([node], frame)

    def forget(self, nodes: list[t.Node], frame: Frame) -> None:
        """Make unknown whatever these nodes may set or change."""
        for node in every(nodes):
            self.steps += 1
            if isinstance(node, t.Assign):
                for target in node.targets:
                    self.assign(target, UNKNOWN, frame)
            elif isinstance(node, t.Loop) and node.target is not None:
                self.assign(node.target, UNKNOWN, frame)
            elif isinstance(node, t.Func) and node.name and not node.owner:
                frame.names[node.name] = UNKNOWN
            elif isinstance(node, t.Call):
                self.foreign(node, frame)

    def foreign(self, node: t.Call, frame: Frame) -> None:
        """A call of which nothing is known: it may set shared names and change what it is given."""
        for each in (node.func.of if isinstance(node.func, t.Attr) else node.func, *node.args):
            for part in every([each]):
                owner = frame.find(part.id) if isinstance(part, t.Name) else None
                if owner is not None and isinstance(part, t.Name):
                    self.escape(owner.names[part.id])
        self.elsewhere(frame)

    def elsewhere(self, frame: Frame) -> None:
        """Other code may run here."""
        self.calls += 1
        at: Frame | None = frame
        while at is not None:
            for name in self.shared & at.names.keys():
                if not isinstance(at.names[name], (Routine, Kind)):
                    at.names[name] = UNKNOWN
            at = at.outer

    def escape(self, value: Any) -> None:
        if isinstance(value, (list, dict, set, Thing)) and id(value) not in self.escaped:
            self.escaped.add(id(value))
            self.kept.append(value)

    def attempt(self, node: t.Try, frame: Frame) -> Any:
        rescue = t.Block(node.line, [n for arm in node.rescue for n in arm])
        before = self.calls
        try:
            self.block(node.body, frame)
        except Left as left:
            if left.kind != "raise":
                self.block(node.last, frame)
                raise
            self.unsure(rescue, True, frame)
        else:
            if self.calls > before:  # what is called may have failed
                self.unsure(rescue, any(isinstance(n, t.Leave) for n in every([rescue])), frame)
        self.block(node.last, frame)

    def leave(self, node: t.Leave, frame: Frame) -> Any:
        value = self.value(node.value, frame) if node.value is not None else None
        raise Left(node.kind, value)

    def function(self, node: t.Func, frame: Frame) -> Any:
        made = Routine(node, frame, frame.this)
        if node.name and not node.owner:
            frame.names[node.name] = made if not node.marks else UNKNOWN
        return made

    def define(self, node: t.Class, frame: Frame) -> Any:
        made = Kind(node, frame)
        if node.name:
            frame.names[node.name] = made
        return made

    def imports(self, node: t.Import, frame: Frame) -> Any:
        for local, name in node.names:
            frame.names[local] = Module(f"{node.module}.{name}" if name else node.module)

    def declared(self, node: t.Shared, frame: Frame) -> Any:
        frame.outside.update(node.names)

    # ------------------------------------------------------------ assignments

    def assignment(self, node: t.Assign, frame: Frame) -> Any:
        if node.op == "del":
            return self._delete(node, frame)
        value = self.value(node.value, frame)
        if node.op and len(node.targets) == 1:
            old = self.value(node.targets[0], frame)
            if isinstance(old, list) and node.op == "+" and isinstance(value, list):
                old.extend(value)
                value = kept(old)
            else:
                value = operate(node.op, old, value, self.script)
        if isinstance(value, (list, str)) and len(value) > 60:
            value = self._swelling(node, value, frame)
        for target in node.targets:
            self.assign(target, value, frame)
        return value

    def _delete(self, node: t.Assign, frame: Frame) -> None:
        for target in node.targets:
            if not isinstance(target, t.Index):
                self.assign(target, UNKNOWN, frame)
                continue
            holder, key = self.value(target.of, frame), self.value(target.key, frame)
            try:
                del holder[key]
            except (TypeError, LookupError, AttributeError):
                self.escape(holder)

    def _swelling(self, node: t.Assign, value: Any, frame: Frame) -> Any:
        """Judge a list or text that grows by a factor with each turn, by the turns that are to come."""
        target = node.targets[0]
        owner = frame.find(target.id) if isinstance(target, t.Name) else None
        old = owner.names[target.id] if owner is not None and isinstance(target, t.Name) else None
        left = self.turning[-1].left() if self.turning else 0
        if isinstance(old, (list, str)) and len(old) > 20 and left:
            factor = len(value) / len(old)
            if factor > 1.2 and math.log(len(value)) + left * math.log(factor) > math.log(1 << 30):
                why = f"this grows {factor:.1f}-fold with each of {left + 1:,.0f} turns, to more than memory holds"
                self.report(node.line, f"{why}; fewer turns, or a part of it, are fine", "resources")
                return UNKNOWN
        return value if len(value) <= MOST_ITEMS else UNKNOWN

    def assign(self, target: t.Node, value: Any, frame: Frame) -> None:
        match target:
            case t.Name():
                at = frame
                if self.script or target.id in frame.outside:
                    at = frame.find(target.id) or frame
                at.names[target.id] = value
            case t.Attr():
                holder = self.value(target.of, frame)
                if isinstance(holder, Thing):
                    holder.fields[target.name] = value
                elif isinstance(holder, list) and target.name == "length" and isinstance(value, int):
                    del holder[value:]
            case t.Index():
                self._set_item(self.value(target.of, frame), self.value(target.key, frame), value)
            case t.Group():
                known = isinstance(value, (list, tuple)) and len(value) == len(target.items)
                for index, item in enumerate(target.items):
                    self.assign(item, value[index] if known else UNKNOWN, frame)
            case t.Call():
                for each in target.args:
                    self.assign(each, UNKNOWN, frame)

    def _set_item(self, holder: Any, key: Any, value: Any) -> None:
        if isinstance(holder, list) and isinstance(key, int) and -len(holder) <= key < len(holder):
            holder[key] = value
        elif isinstance(holder, dict) and isinstance(key, (str, int, float, tuple)) and len(holder) < 2_000:
            holder[key] = value
        elif isinstance(holder, Thing) and isinstance(key, (str, int)):
            holder.fields[str(key)] = value
        else:
            self.escape(holder)

    # ------------------------------------------------------------ expressions

    def named(self, node: t.Name, frame: Frame) -> Any:
        if node.id == "this":
            return frame.this
        at = frame.find(node.id)
        if at is None:
            return None if self.script and node.id == "undefined" else UNKNOWN
        return self._known(at.names[node.id])

    def _known(self, value: Any) -> Any:
        return UNKNOWN if self.escaped and id(value) in self.escaped else value

    def attribute(self, node: t.Attr, frame: Frame) -> Any:
        holder = self.value(node.of, frame)
        if isinstance(holder, Thing):
            if node.name in holder.fields:
                return self._known(holder.fields[node.name])
            return None if self.script and holder.kind is None else UNKNOWN
        if self.script and node.name in ("length", "size") and isinstance(holder, (list, str, dict, set)):
            return len(holder)
        return UNKNOWN

    def item(self, node: t.Index, frame: Frame) -> Any:
        holder, key = self.value(node.of, frame), self.value(node.key, frame)
        if key is UNKNOWN or holder is UNKNOWN:
            return UNKNOWN
        try:
            if isinstance(holder, Thing):
                return self._known(holder.fields[str(key)])
            if isinstance(holder, (list, str, tuple, range, dict)):
                return self._known(holder[key])
        except (LookupError, TypeError):
            return None if self.script else UNKNOWN
        return UNKNOWN

    def operation(self, node: t.Op, frame: Frame) -> Any:
        left = self.value(node.left, frame)
        if node.op == "not":
            holds = truth(left, self.script)
            return UNKNOWN if holds is None else not holds
        if node.op == "[:]":
            return self._slice(left, node.right, frame)
        return operate(node.op, left, self.value(node.right, frame), self.script)

    def _slice(self, holder: Any, key: t.Node, frame: Frame) -> Any:
        bounds = [self.value(p, frame) for p in key.parts] if isinstance(key, t.Several) else []
        whole = all(b is None or isinstance(b, int) for b in bounds)
        if isinstance(holder, (list, str, tuple)) and len(bounds) == 2 and whole:
            return holder[bounds[0] : bounds[1]]
        return UNKNOWN

    def choice(self, node: t.Choice, frame: Frame) -> Any:
        if node.op == "if":
            holds = self.test(node.test, frame, bool(self.active))
            if holds is None:
                self.forget(node.parts, frame)
                return UNKNOWN
            return self.value(node.parts[0 if holds else 1], frame) if len(node.parts) == 2 else UNKNOWN
        value = self.value(node.test, frame)
        for index, each in enumerate(node.parts):
            holds = truth(value, self.script)
            if holds is None:
                self.forget(node.parts[index:], frame)
                return UNKNOWN
            if holds == (node.op == "or"):
                return value
            value = self.value(each, frame)
        return value

    def test(self, node: t.Node, frame: Frame, decides: bool) -> bool | None:
        """Return whether a test holds; `decides`: whether a loop or function goes on depends on it."""
        if decides and isinstance(node, t.Choice) and node.op in ("and", "or"):
            for index, each in enumerate((node.test, *node.parts)):
                holds = self.test(each, frame, True)
                if holds is None:
                    self.forget(node.parts[index:], frame)
                    return None
                if holds == (node.op == "or"):
                    return holds
            return node.op == "and"
        if decides and isinstance(node, t.Op) and node.op == "not":
            holds = self.test(node.left, frame, True)
            return None if holds is None else not holds
        if decides and isinstance(node, t.Op) and node.op in ("<", "<=", ">", ">=", "==", "!="):
            left, right = self.value(node.left, frame), self.value(node.right, frame)
            self._note(node, left, right)
            return truth(operate(node.op, left, right, self.script), self.script)
        value = self.value(node, frame)
        if decides and not isinstance(node, t.Const):
            held = len(value) if isinstance(value, (list, dict, set, str, tuple)) else value
            self._note(node, held if not isinstance(held, bool) else None, 0)
        return truth(value, self.script)

    def _note(self, node: t.Node, left: Any, right: Any) -> None:
        if self.turning:
            self.turning[-1].note(id(node), left, right)
        if self.active:
            self.active[-1][2].note(id(node), left, right)

    def template(self, node: t.Text, frame: Frame) -> Any:
        parts = [self.value(p, frame) for p in node.parts]
        if any(p is UNKNOWN or not isinstance(p, (str, int)) or isinstance(p, bool) for p in parts):
            return UNKNOWN
        return kept("".join(map(str, parts)))

    def collection(self, node: t.Group, frame: Frame) -> Any:
        made: list[Any] = []
        for each in node.items:
            if isinstance(each, t.Call) and _name(each.func) == "%spread":
                held = self.value(each.args[0], frame)
                if not isinstance(held, (list, tuple, str, set)):
                    return self.several(t.Several(node.line, node.items), frame)
                made += held
            else:
                made.append(self.value(each, frame))
        return kept(made)

    def table(self, node: t.Table, frame: Frame) -> Any:
        made: dict[Any, Any] = {}
        for key, item in node.pairs:
            value = self.value(item, frame)
            name = self.value(key, frame) if key is not None else UNKNOWN
            if not isinstance(name, (str, int, float)):
                return UNKNOWN
            made[name] = value
        return Thing(None, {str(k): x for k, x in made.items()}) if self.script else made

    def pause(self, node: t.Pause, frame: Frame) -> Any:
        value = self.value(node.value, frame) if node.value is not None else UNKNOWN
        if node.gives and self.turning:  # whoever takes what is yielded may stop
            raise Doubt
        self.elsewhere(frame)
        return value

    def comprehension(self, node: t.Comprehension, frame: Frame) -> Any:
        inner = Frame(frame)
        target, over = node.loops[0]
        items = self.value(over, frame)
        if len(node.loops) > 1 or not isinstance(items, (list, range, tuple, str)) or len(items[:201]) > 200:
            return UNKNOWN
        made = []
        for each in items:
            self.assign(target, each, inner)
            holds = [truth(self.value(test, inner), self.script) for test in node.tests]
            if None in holds:
                return UNKNOWN
            if all(holds):
                made.append(self.value(node.element, inner))
        return UNKNOWN if isinstance(node.element, t.Group) else made

    # ------------------------------------------------------------ calls

    def called(self, node: t.Call, frame: Frame) -> Any:
        func = node.func
        holder: Any = self.value(func.of, frame) if isinstance(func, t.Attr) else UNKNOWN
        args = [self.value(a, frame) for a in node.args]
        named = {k: self.value(x, frame) for k, x in node.named}
        if isinstance(func, t.Attr):
            routine = self._method(holder, func.name)
            if isinstance(holder, list) and args and isinstance(args[0], Routine) and len(holder) <= 200:
                return self._for_each(holder, func.name, args[0], node)
            if routine is None:
                if isinstance(holder, Queue) and func.name == "get" and not (holder or args or named):
                    fine = "a timeout is fine"
                    self.report(node.line, f"this waits for an item of a queue that is empty, for ever; {fine}")
                    raise Left("exit")
                found = calls.method(holder, func.name, args, self.script)
                if found is not None:
                    return found[0]
        else:
            routine = self.value(func, frame)
        if isinstance(routine, Routine):
            return self.enter(routine, args, named, node)
        if isinstance(routine, Kind):
            return self._made(routine, args, named, node)
        ref = routine.name if isinstance(routine, Module) else _dotted(func, frame)
        name = _name(func)
        if ref in ("sys.exit", "process.exit", "os._exit", "exit", "quit", "os.abort"):
            raise Left("exit")
        made = calls.plain(ref, args, self.script) if ref and not named else None
        if made is not None:
            return made
        if name in calls.QUIET:
            return UNKNOWN
        self.foreign(node, frame)
        return UNKNOWN

    def _for_each(self, items: list[Any], name: str, routine: Routine, node: t.Call) -> Any:
        """`items.map(f)`, `items.filter(f)`: what a function gives for each item."""
        made = [self.enter(routine, [each, index], {}, node) for index, each in enumerate(items)]
        if name == "map":
            return made
        holds = [truth(each, self.script) for each in made]
        if None in holds or name != "filter":
            return UNKNOWN
        return [each for each, holds_for in zip(items, holds, strict=True) if holds_for]

    def _method(self, holder: Any, name: str) -> Any:
        if not isinstance(holder, Thing):
            return None
        if name in holder.fields:
            return holder.fields[name]
        if holder.kind is not None:
            for each in holder.kind.body:
                if isinstance(each, t.Func) and each.name == name and not each.marks:
                    return Routine(each, holder.fields.get("%frame") or Frame(), holder)
        return None

    def _made(self, kind: Kind, args: list[Any], named: dict[str, Any], node: t.Call) -> Any:
        if kind.node.bases and not (self.script and not kind.node.bases):
            return UNKNOWN
        made = Thing(kind.node, {})
        for each in kind.node.body:
            if isinstance(each, t.Assign) and len(each.targets) == 1:
                target = each.targets[0]
                held = Frame(kind.frame)
                name = target.id if isinstance(target, t.Name) else target.name if isinstance(target, t.Attr) else ""
                made.fields[name] = self.value(each.value, held)
        made.fields["%frame"] = kind.frame
        for each in kind.node.body:
            if isinstance(each, t.Func) and each.name in ("__init__", "constructor"):
                self.enter(Routine(each, kind.frame, made), args, named, node)
        return made

    def enter(self, routine: Routine, args: list[Any], named: dict[str, Any], node: t.Call) -> Any:
        """Return what a function of the source gives for these arguments."""
        func = routine.func
        self.tried.add(id(func))
        frame = Frame(routine.frame, func)
        frame.this = routine.this
        self._parameters(frame, func, args, named, routine)
        if any(isinstance(n, t.Pause) and n.gives for n in every(func.body)):
            return UNKNOWN
        own = [(state, trend) for f, state, trend in self.active if f is func]
        if not self._affordable(func, len(own)):
            return UNKNOWN
        if not own:
            self._sizes(func, frame)
        if len(self.active) >= _DEEPEST:
            self._too_deep(func, own)
            return UNKNOWN
        state = self._state(frame, func)
        if own and state is not None and any(state == s for s, _ in own) and not own[-1][1].blind:
            self._never(func)
        trend = own[-1][1] if own else Trend()
        turning, self.turning = self.turning, self.turning if not own else []
        self.active.append((func, state, trend))
        try:
            self.block(func.body, frame)
        except Left as left:
            if left.kind == "return":
                return left.value
            if left.kind != "raise" or not turning:
                raise
            raise
        finally:
            self.active.pop()
            self.turning = turning
        return None

    def _affordable(self, func: t.Func, depth: int) -> bool:
        """Count the calls of one recursion by depth; where they are many, say how many there would be."""
        if not depth:
            self.levels[id(func)] = Counter()
        levels = self.levels[id(func)]
        levels[depth] += 1
        total = levels.total()
        if total == MOST_CALLS:
            self._estimate(func)
        return total < MOST_CALLS

    def _estimate(self, func: t.Func) -> None:
        """Report a recursion whose calls so far say that all of them never come to an end."""
        levels = self.levels.get(id(func), Counter())
        branching = sum(count > 1 for count in levels.values())
        if id(func) in self.doubted or not branching or levels.total() < 60:
            return
        if max(levels) * math.log10(levels.total()) / branching > HOPELESS_CALLS:
            fine = "a loop, or keeping what was worked out, is fine"
            self.report(func.line, f"`{func.name}` calls itself exponentially often for what it is given; {fine}")

    def _sizes(self, func: t.Func, frame: Frame) -> None:
        numbers, lengths = self.given.get(id(func), (0, 0))
        for value in frame.names.values():
            if isinstance(value, int):
                numbers = max(numbers, value)
            elif isinstance(value, (list, tuple, str, dict, set, range)):
                lengths = max(lengths, min(len(value[:10_000]) if isinstance(value, range) else len(value), 10_000))
        self.given[id(func)] = (numbers, lengths)

    def _state(self, frame: Frame, func: t.Func) -> Any:
        """What a run of the function depends on, None where that is not known or too much."""
        try:
            held = [(k, freeze(self._known(x), {}, [60])) for k, x in frame.names.items()]
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

    def _too_deep(self, func: t.Func, own: list[tuple[Any, Trend]]) -> None:
        if len(own) >= _DEEPEST - 5 and own[0][1].hopeless():
            self._never(func)

    def _never(self, func: t.Func) -> None:
        if not func.name:
            raise Left("exit")
        fine = "let each call come nearer to a case that ends"
        self.report(func.line, f"`{func.name}` calls itself again and again without coming to an end; {fine}")
        raise Left("exit")

    def _parameters(
        self, frame: Frame, func: t.Func, args: list[Any], named: dict[str, Any], routine: Routine
    ) -> None:
        names = list(func.params)
        if not self.script and func.owner and names and routine.this is not UNKNOWN:
            frame.names[names.pop(0)] = routine.this
        for index, name in enumerate(names):
            if name == func.rest:
                frame.names[name] = list(args[index:])
            elif name in named:
                frame.names[name] = named[name]
            elif index < len(args):
                frame.names[name] = args[index]
            elif name in func.defaults:
                frame.names[name] = self.value(func.defaults[name], frame)
            else:
                frame.names[name] = None if self.script and args else UNKNOWN


def _name(node: t.Node) -> str:
    return node.id if isinstance(node, t.Name) else node.name if isinstance(node, t.Attr) else ""


def _dotted(node: t.Node, frame: Frame) -> str:
    """The dotted name of a function of the language that no name of the source hides."""
    if isinstance(node, t.Name):
        return node.id if frame.find(node.id) is None else ""
    if isinstance(node, t.Attr) and isinstance(node.of, t.Name):
        owner = frame.find(node.of.id)
        held = owner.names[node.of.id] if owner is not None else None
        if owner is None or isinstance(held, Module):
            return f"{held.name if held is not None else node.of.id}.{node.name}"
    return ""


_ACTS: dict[type[t.Node], Callable[[Run, Any, Frame], Any]] = {
    t.Const: lambda run, node, frame: node.value,
    t.Name: Run.named,
    t.Attr: Run.attribute,
    t.Index: Run.item,
    t.Call: Run.called,
    t.Op: Run.operation,
    t.Text: Run.template,
    t.Group: Run.collection,
    t.Table: Run.table,
    t.Several: Run.several,
    t.Choice: Run.choice,
    t.Pause: Run.pause,
    t.Comprehension: Run.comprehension,
    t.Assign: Run.assignment,
    t.Func: Run.function,
    t.Class: Run.define,
    t.Import: Run.imports,
    t.Branch: Run.branch,
    t.Loop: loop,
    t.Try: Run.attempt,
    t.Block: Run.grouped,
    t.Leave: Run.leave,
    t.Shared: Run.declared,
}


def judge_trial(body: list[t.Node], script: bool) -> tuple[list[Found], dict[int, tuple[int, int]]]:
    """Return a finding for each loop and recursion that a trial of the program shows to come to no end.

    Beside them, the greatest number and length that each function was called with, by its identity.
    """
    found: list[Found] = []

    def report(line: int, why: str, name: Name = "time") -> None:
        found.append(Found(name, "block", line, why))

    run = Run(script, t.names_shared(body, not script), report)
    run.whole(body)
    return found, run.given
