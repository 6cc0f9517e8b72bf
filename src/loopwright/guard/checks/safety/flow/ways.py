"""Ways around a loop on which nothing changes that the tests ask for: taken once, such a way is taken for ever."""

from __future__ import annotations

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.loop_body import mentions
from loopwright.guard.checks.safety.flow.loop_words import QUIET
from loopwright.guard.checks.safety.flow.seen import Followed
from loopwright.guard.checks.safety.names import words

#: Ways that are followed in one loop.
_MOST = 24
#: Calls that a test may make without changing anything.
_PURE = words(
    "len abs isinstance min max int float str bool ord chr startswith endswith isdigit isalpha isspace isalnum lower",
    "upper strip count index find includes indexOf startsWith endsWith charAt charCodeAt trim toLowerCase toUpperCase",
    "test has floor ceil sqrt type RegExp",
)
_COMPARING = frozenset({"<", "<=", ">", ">=", "==", "!=", "+", "-", "*", "%", "//", "not", "is", "is not"})


class _Way:
    """One way through the body so far: what it asks, what it changes."""

    __slots__ = ("changed", "deep", "foreign", "opaque", "plain", "skipped")

    def __init__(self) -> None:
        self.plain: set[str] = set()  # names asked for as they are
        self.deep: set[str] = set()  # names of which a part is asked for
        self.changed: set[str] = set()
        self.skipped = 0  # branches left out that would change something
        self.foreign = False  # something unknown is called
        self.opaque = False  # what it asks may answer otherwise the next time

    def copy(self) -> _Way:
        made = _Way()
        made.plain, made.deep, made.changed = set(self.plain), set(self.deep), set(self.changed)
        made.skipped, made.foreign, made.opaque = self.skipped, self.foreign, self.opaque
        return made


def changes_nothing(loop: t.Loop, flow: Followed) -> bool:
    """True where one way around a loop leaves everything as it is that the tests on it ask for."""
    start = _Way()
    if loop.test is not None:
        _ask(loop.test, start)
    back = _Back()
    ends = [*_walk(loop.body, start, back, 0), *back]
    if len(ends) >= _MOST:
        return False
    for way in ends:
        if loop.step is not None:
            _do(loop.step, way)
    constant = loop.test is None or isinstance(loop.test, t.Const)
    compared = isinstance(loop.test, t.Op) and loop.test.op != "not"
    for way in ends:
        asked = way.plain | way.deep
        if way.opaque or way.skipped > 1 or not asked or asked & way.changed:
            continue
        if not way.foreign or (compared and not constant and not way.deep and not asked & flow.shared()):
            return True
    return False


class _Back(list[_Way]):
    """The ways that begin again; of a function those on which it calls itself with what it was given."""

    def __init__(self, func: t.Func | None = None) -> None:
        super().__init__()
        self.func = func


def repeats(func: t.Func) -> bool:
    """True where a function calls itself with what it was given, on a way that asks for nothing else."""
    back = _Back(func)
    ends = _walk(func.body, _Way(), back, 0)
    known = set(func.params)
    return len(ends) + len(back) < _MOST and any(
        not (w.opaque or w.foreign or w.skipped > 1 or w.deep or w.plain & w.changed) and w.plain and w.plain <= known
        for w in back
    )


def is_same_call(node: t.Node | None, func: t.Func) -> bool:
    """True for a call of a function with its own parameters."""
    if not isinstance(node, t.Call) or not isinstance(node.func, t.Name) or node.func.id != func.name or node.named:
        return False
    return [a.id if isinstance(a, t.Name) else "" for a in node.args] == func.params


def _walk(body: list[t.Node], way: _Way, back: _Back, depth: int) -> list[_Way]:
    """Return the ways that come to the end of a body; those that go on with the next turn are put into `back`."""
    ways = [way]
    for node in body:
        further: list[_Way] = []
        for each in ways:
            further += _step(node, each, back, depth)
        ways = further[:_MOST]
        if not ways:
            break
    return ways


def _step(node: t.Node, way: _Way, back: _Back, depth: int) -> list[_Way]:
    if isinstance(node, t.Leave):
        if node.kind == "continue" or (
            back.func is not None and back.func.params and is_same_call(node.value, back.func)
        ):
            back.append(way)
        return []
    if isinstance(node, t.Branch):
        return _branch(node, way, back, depth)
    if isinstance(node, t.Block):
        for each in node.held:
            _do(each, way)
        return _walk(node.body, way, back, depth)
    if isinstance(node, t.Try):
        ways = _walk(node.body, way, back, depth)
        return [end for each in ways for end in _walk(node.last, each, back, depth)]
    if isinstance(node, t.Loop):
        way.opaque = way.opaque or _leaves(node)
        if node.target is not None:
            _change(node.target, way)
    _do(node, way)
    return [way]


def _branch(node: t.Branch, way: _Way, back: _Back, depth: int) -> list[_Way]:
    for test in node.tests:
        _ask(test, way)
    plain = len(node.tests) == 1 and len(node.arms) == 2
    made: list[_Way] = []
    for index, arm in enumerate(node.arms):
        constant = node.tests[0].value if isinstance(node.tests[0], t.Const) else None
        if plain and constant is not None and bool(constant) != (index == 0):
            continue
        taken = way.copy()
        if index and not arm:
            # Arms of one choice may leave no other case open: the empty one is followed after a single `if` alone.
            taken.skipped += 2 if depth else _sets(node.arms[0])
        made += _walk(arm, taken, back, depth + (index > 0))
    if not plain:
        way.skipped += 2
    return made if plain else [*made, way]


def _sets(body: list[t.Node]) -> bool:
    pending = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, (t.Assign, t.Call, t.Leave)):
            return True
        pending.extend(t.inner(node))
    return False


def _leaves(node: t.Node) -> bool:
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, t.Leave) and each.kind in ("return", "raise"):
            return True
        pending.extend(t.inner(each))
    return False


def _ask(node: t.Node, way: _Way, plainly: bool = True) -> None:
    """Note what a test asks for."""
    if isinstance(node, t.Name):
        (way.plain if plainly else way.deep).add(node.id)
    elif isinstance(node, t.Op):
        inner = plainly and node.op in _COMPARING
        _ask(node.left, way, inner)
        _ask(node.right, way, inner)
    elif isinstance(node, t.Choice):
        for each in t.inner(node):
            _ask(each, way, plainly)
    elif isinstance(node, t.Call):
        name = (
            node.func.id if isinstance(node.func, t.Name) else node.func.name if isinstance(node.func, t.Attr) else ""
        )
        way.opaque = way.opaque or name not in _PURE
        if isinstance(node.func, t.Attr):
            _ask(node.func.of, way, False)
        for each in node.args:
            _ask(each, way, False)
    elif isinstance(node, t.Assign) and not node.op and all(isinstance(x, t.Name) for x in node.targets):
        _ask(node.value, way, plainly)  # made of what stays the same, it stays the same
        way.changed |= {x.id for x in node.targets if isinstance(x, t.Name) and mentions(node.value, {x.id})}
    elif isinstance(node, (t.Assign, t.Pause, t.Comprehension, t.Several)):
        way.opaque = True
        _do(node, way)
    else:
        for each in t.inner(node):
            _ask(each, way, False)


def _do(node: t.Node, way: _Way) -> None:
    """Note what a statement or expression changes."""
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, t.Assign):
            for target in each.targets:
                if not _derived(each, target, way):
                    _change(target, way)
        elif isinstance(each, t.Call):
            _call(each, way)
        elif isinstance(each, t.Pause):
            if _is_settled(each.value):
                continue
            way.opaque = True
        elif isinstance(each, t.Func):
            pending.extend(n for n in each.body)
        pending.extend(t.inner(each))


def _derived(step: t.Assign, target: t.Node, way: _Way) -> bool:
    """`ch = text[i]`, before it is asked for: made of what stays the same, it stays the same."""
    if step.op or not isinstance(target, t.Name) or not isinstance(step.value, t.Index):
        return False
    read: set[str] = set()
    pending: list[t.Node] = [step.value]
    while pending:
        each = pending.pop()
        if isinstance(each, t.Name):
            read.add(each.id)
        elif not isinstance(each, (t.Index, t.Const, t.Op)):
            return False
        pending.extend(t.inner(each))
    asked = way.plain | way.deep
    if target.id in asked or target.id in read or read & way.changed:
        return False
    way.deep |= read
    return True


def _is_settled(node: t.Node | None) -> bool:
    """`await Promise.resolve()`, `await null`: what could change anything does not get its turn."""
    if not isinstance(node, t.Call) or not isinstance(node.func, t.Attr):
        return isinstance(node, t.Const)
    return node.func.name == "resolve" and isinstance(node.func.of, t.Name) and node.func.of.id == "Promise"


def _call(node: t.Call, way: _Way) -> None:
    func = node.func
    name = func.id if isinstance(func, t.Name) else func.name if isinstance(func, t.Attr) else ""
    if name in _PURE or (name in QUIET and isinstance(func, t.Name)):
        return
    if isinstance(func, t.Attr):
        _change(func.of, way)
    if name not in QUIET:
        way.foreign = True
        for each in node.args:
            _change(each, way, deeply=True)


def _change(target: t.Node, way: _Way, deeply: bool = False) -> None:
    """Note the names that an assignment sets, or of which a call may change a part."""
    if isinstance(target, t.Name):
        if not deeply or target.id in way.deep:
            way.changed.add(target.id)
    elif isinstance(target, t.Const):
        return
    else:
        for each in t.inner(target):
            _change(each, way, deeply)
