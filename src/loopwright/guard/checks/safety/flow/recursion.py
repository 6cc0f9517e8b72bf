"""Functions that call themselves: without end, or so often that their time grows exponentially."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from loopwright.guard.checks.safety.finding import Found
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.again import judge_again
from loopwright.guard.checks.safety.flow.growth import Given, judge_growth
from loopwright.guard.checks.safety.flow.protocols import judge_protocols

_STARTING = frozenset({"fork", "Process", "Thread", "Popen", "spawn", "Worker", "forkpty", "execFile", "start"})


class _Survey:
    """All functions of a module, the calls by name, and which names each function calls; found in one walk."""

    def __init__(self, body: list[t.Node]) -> None:
        self.functions: list[t.Func] = []
        self.derived: set[str] = set()  # classes with a base
        self.calls: dict[str, list[t.Call]] = {}
        self._called: dict[int, set[str]] = {}
        self._around: dict[int, int] = {}  # of a function without a name, the one that it stands in
        self._within: dict[int, set[str]] = {}
        self._methods: dict[int, set[str]] = {}
        pending: list[tuple[t.Node, int]] = [(n, 0) for n in reversed(body)]
        while pending:
            node, owner = pending.pop()
            if type(node) is t.Call:
                self._call(node, owner)
            elif type(node) is t.Func:
                self.functions.append(node)
                if not node.name:
                    self._around[id(node)] = self._around.get(owner, owner)
                pending.extend((n, id(node)) for n in node.body)
            elif type(node) is t.Class:
                pending.extend((n, owner) for n in node.body)
                if node.bases:
                    self.derived.add(node.name)
            pending.extend((n, owner) for n in t.inner(node) if type(n) is not t.Const and type(n) is not t.Name)

    def _call(self, node: t.Call, owner: int) -> None:
        if isinstance(node.func, t.Name):
            self.calls.setdefault(node.func.id, []).append(node)
            self._called.setdefault(owner, set()).add(node.func.id)
            if owner in self._around:
                self._within.setdefault(self._around[owner], set()).add(node.func.id)
        elif isinstance(node.func, t.Attr):
            self._methods.setdefault(owner, set()).add(node.func.name)
            if _of_itself(node.func):
                self._called.setdefault(owner, set()).add(f"self.{node.func.name}")

    def named(self, func: t.Func) -> set[str]:
        """Return the names of functions and methods that a function calls."""
        return self.called(func) | self._methods.get(id(func), set())

    def within(self, func: t.Func) -> set[str]:
        """Return the names that functions without a name call which stand in a function."""
        return self._within.get(id(func), set())

    def called(self, func: t.Func) -> set[str]:
        """Return the names that a function calls, `self.name` for its own methods."""
        return self._called.get(id(func), set())


def judge_recursion(body: list[t.Node], given: Given) -> Iterator[Found]:
    """Yield a finding for each function that never ends or takes exponential time."""
    survey = _Survey(body)
    fine = "a condition before the call is fine"
    for method in survey.functions:
        own = f"self.{method.name}"
        if not method.owner:
            continue
        asked = _is_property(method) and own in _asked(method.body)
        if asked or (own in survey.called(method) and own in _certain(method.body)):
            yield Found("time", "block", method.line, f"`{method.name}` always calls itself, so it never ends; {fine}")
    methods = [f for f in survey.functions if f.owner or f.name in ("toString", "toJSON")]
    yield from judge_protocols(methods, survey.derived)
    for func in survey.functions:
        if func.name:
            yield from judge_again(func, survey.called(func), survey.within(func), survey.named(func))
    plain = [f for f in survey.functions if f.name and not f.owner]
    counted = Counter(f.name for f in plain)
    single = {f.name: f for f in plain if counted[f.name] == 1}
    near = [
        f for f in single.values() if not (survey.called(f) | survey.within(f)).isdisjoint(single) and not _rebinds(f)
    ]
    first = {f.name: _certain(f.body) for f in near}
    for func in near:
        if func.name in first[func.name]:
            yield Found("time", "block", func.line, f"`{func.name}` always calls itself, so it never ends; {fine}")
            if not survey.named(func).isdisjoint(_STARTING):
                why = f"`{func.name}` starts processes and calls itself without end (a fork bomb); count them"
                yield Found("resources", "block", func.line, why)
        elif _circle(func.name, first):
            why = f"`{func.name}` always calls a function that always calls it, so they never end; {fine}"
            yield Found("time", "block", func.line, why)
        elif func.name in survey.called(func) | survey.within(func):
            yield from judge_growth(func, survey.calls, given.get(id(func)))


def _is_property(func: t.Func) -> bool:
    return any(isinstance(m, t.Name) and m.id in ("property", "cached_property") for m in func.marks)


def _asked(body: list[t.Node]) -> set[str]:
    """Attributes of itself that the first statement of a body asks for, whatever happens."""
    pending = [n for n in body[:1] if isinstance(n, (t.Leave, t.Assign))]
    found: set[str] = set()
    held: list[t.Node] = [n.value for n in pending if n.value is not None]
    while held:
        each = held.pop()
        if isinstance(each, t.Attr) and _of_itself(each):
            found.add(f"self.{each.name}")
        if isinstance(each, (t.Attr, t.Op, t.Call, t.Text, t.Group)):
            held.extend(t.inner(each))
    return found


def _certain(body: list[t.Node]) -> set[str]:
    """Names of functions that are called before anything can end this one."""
    found: set[str] = set()
    for node in body:
        if isinstance(node, t.Block):
            found |= _certain(node.body)
            if any(isinstance(n, (t.Branch, t.Loop, t.Try, t.Leave)) for n in node.body):
                return found
            continue
        if isinstance(node, (t.Branch, t.Loop, t.Try)):
            parts = node.tests if isinstance(node, t.Branch) else []
            for part in parts:
                _names(part, found)
            return found
        _names(node, found)
        if isinstance(node, t.Leave) or _pauses(node):
            return found
    return found


def _names(node: t.Node, found: set[str]) -> None:
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, t.Call) and isinstance(each.func, t.Name):
            found.add(each.func.id)
        elif isinstance(each, t.Call) and isinstance(each.func, t.Attr) and _of_itself(each.func):
            found.add(f"self.{each.func.name}")
        if isinstance(each, t.Choice):
            pending.append(each.test)
        elif not isinstance(each, (t.Comprehension, t.Pause, t.Loop, t.Branch, t.Try)):
            pending.extend(t.inner(each))


def _of_itself(func: t.Attr) -> bool:
    """True for `self.name` and `this.name`."""
    return isinstance(func.of, t.Name) and func.of.id in ("self", "this")


def _pauses(node: t.Node) -> bool:
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, t.Pause) or (
            isinstance(each, t.Call) and isinstance(each.func, t.Attr) and each.func.name in ("exit", "_exit")
        ):
            return True
        pending.extend(t.inner(each))
    return False


def _circle(name: str, first: dict[str, set[str]]) -> bool:
    seen: set[str] = set()
    at = name
    for _ in range(10):
        following = [n for n in first.get(at, ()) if n in first and n != at]
        if len(following) != 1 or following[0] in seen:
            return False
        at = following[0]
        if at == name:
            return True
        seen.add(at)
    return False


def _rebinds(func: t.Func) -> bool:
    """True where the function gives its own name another meaning, as compiled JavaScript does."""
    if func.name in func.params:
        return True
    pending: list[t.Node] = list(func.body)
    while pending:
        each = pending.pop()
        if isinstance(each, t.Assign) and any(isinstance(x, t.Name) and x.id == func.name for x in each.targets):
            return True
        if isinstance(each, t.Import) and any(local == func.name for local, _ in each.names):
            return True
        if isinstance(each, t.Func) and each.name == func.name:
            return True
        pending.extend(t.inner(each))
    return False
