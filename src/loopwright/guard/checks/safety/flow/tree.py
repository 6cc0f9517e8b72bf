"""Programs of any language as the safety checks see them: a small tree of expressions and statements.

Only what the checks ask about is kept: calls, names, constants, assignments, loops, branches, functions, imports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

#: Terms of a sum that nest as they are written: deeper ones would not fit the stack when they are let go.
LONGEST_CHAIN = 200


class Node(msgspec.Struct, gc=False):
    """One piece of a program, with the line it begins on."""

    line: int


class Const(Node, gc=False):
    value: object


class Name(Node, gc=False):
    id: str


class Attr(Node, gc=False):
    of: Node
    name: str


class Index(Node, gc=False):
    of: Node
    key: Node


class Call(Node, gc=False):
    func: Node
    args: list[Node]
    named: list[tuple[str, Node]] = []  # "" = a mapping that is spread


class Op(Node, gc=False):
    """Two operands; comparisons too. `and`, `or`, `?:` are a Choice."""

    op: str
    left: Node
    right: Node


class Text(Node, gc=False):
    """A template: constant and computed parts."""

    parts: list[Node]


class Group(Node, gc=False):
    """A list, tuple or set."""

    items: list[Node]


class Table(Node, gc=False):
    """A mapping; a key of None is another mapping that is spread."""

    pairs: list[tuple[Node | None, Node]]


class Several(Node, gc=False):
    """Anything else: its value is made of its parts, which are all evaluated."""

    parts: list[Node]


class Choice(Node, gc=False):
    """Parts of which the later ones may not be evaluated: `op` is "and", "or" or "if"."""

    test: Node
    parts: list[Node]
    op: str = "if"


class Shared(Node, gc=False):
    """Names of an outer function or of the module that a function sets."""

    names: list[str]


class Pause(Node, gc=False):
    """`await` and `yield` (`gives`): control leaves the loop here."""

    value: Node | None
    gives: bool = False


class Comprehension(Node, gc=False):
    loops: list[tuple[Node, Node]]
    tests: list[Node]
    element: Node
    lazy: bool = False  # gives its items one at a time
    hashed: bool = False  # a set or a mapping


class Assign(Node, gc=False):
    targets: list[Node]
    value: Node
    op: str = ""  # of an augmented assignment


class Func(Node, gc=False):
    name: str
    params: list[str]
    body: list[Node]
    marks: list[Node] = []  # decorators
    defaults: dict[str, Node] = {}
    owner: str = ""  # the class it is a method of
    rest: str = ""  # the parameter that takes all further arguments
    later: bool = False  # it runs when it is awaited or iterated over


class Class(Node, gc=False):
    name: str
    bases: list[Node]
    body: list[Node]
    marks: list[Node] = []


class Import(Node, gc=False):
    """`names` are (local name, name in the module); ("*", "*") binds all, a name of "" is the module itself."""

    module: str
    names: list[tuple[str, str]]
    relative: bool = False


class Loop(Node, gc=False):
    """`while` (test), `for … in` (target, over) and `for (;;)` (test, step)."""

    test: Node | None
    target: Node | None
    over: Node | None
    body: list[Node]
    step: Node | None = None
    orelse: list[Node] = []
    late: bool = False  # `do … while`: the test comes after the first turn


class Branch(Node, gc=False):
    """`if`, `switch`, `match`: of the arms at most one runs. `tests` are evaluated first."""

    tests: list[Node]
    arms: list[list[Node]]


class Try(Node, gc=False):
    body: list[Node]
    rescue: list[list[Node]]
    last: list[Node]
    whatever: bool = False  # an arm catches whatever is raised


class Block(Node, gc=False):
    """Statements; `held` is what a `with` holds while they run."""

    body: list[Node]
    held: list[Node] = []


class Leave(Node, gc=False):
    """`return`, `raise`, `break` and `continue`."""

    kind: str
    value: Node | None = None


def inner(node: Node) -> list[Node]:
    """Return the parts of a node that run with it: not the bodies of functions and classes."""
    parts = _INNER.get(type(node))
    return parts(node) if parts is not None else []


def gives(body: list[Node]) -> bool:
    """True for the body of a generator."""
    pending = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, Pause) and node.gives:
            return True
        pending.extend(inner(node))
    return False


def names_set(body: list[Node]) -> Iterator[str]:
    """Yield the name of each place of a program, functions included, that gives a plain name a value."""
    pending = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, Assign):
            yield from _names(node.targets)
        elif isinstance(node, Loop) and node.target is not None:
            yield from _names([node.target])
        elif isinstance(node, Func):
            yield from node.params
            pending.extend(node.body)
        elif isinstance(node, Class):
            pending.extend(node.body)
        pending.extend(inner(node))


def attributes_set(body: list[Node]) -> Iterator[str]:
    """Yield the name of each place of a program, functions included, that sets an attribute of something."""
    pending = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, Assign):
            yield from (x.name for x in node.targets if isinstance(x, Attr))
        elif isinstance(node, (Func, Class)):
            pending.extend(node.body)
        pending.extend(inner(node))


def names_shared(body: list[Node], declared: bool) -> set[str]:
    """Return the names that more than one function may set; `declared`: the language has words for that."""
    found: set[str] = set()
    setters: dict[str, int] = {}
    pending: list[tuple[Node, int]] = [(n, 0) for n in body]
    while pending:
        node, owner = pending.pop()
        if isinstance(node, Shared):
            found.update(node.names)
        elif isinstance(node, Assign) and not declared:
            for name in _names(node.targets):
                if setters.setdefault(name, owner) != owner:
                    found.add(name)
        if isinstance(node, Func):
            pending.extend((n, id(node)) for n in node.body)
        elif isinstance(node, Class):
            pending.extend((n, owner) for n in node.body)
        pending.extend((n, owner) for n in inner(node))
    return found


def _names(targets: list[Node]) -> Iterator[str]:
    for each in targets:
        if isinstance(each, Name):
            yield each.id
        elif isinstance(each, Group):
            yield from _names(each.items)


def _table(node: Table) -> list[Node]:
    return [n for k, v in node.pairs for n in ((v,) if k is None else (k, v))]


def _comprehension(node: Comprehension) -> list[Node]:
    return [*(n for pair in node.loops for n in pair), *node.tests, node.element]


def _loop(node: Loop) -> list[Node]:
    head = [n for n in (node.test, node.target, node.over, node.step) if n is not None]
    return [*head, *node.body, *node.orelse]


def _maybe(node: Any) -> list[Node]:
    return [node.value] if node.value is not None else []


_INNER: dict[type[Node], Callable[[Any], list[Node]]] = {
    Attr: lambda n: [n.of],
    Index: lambda n: [n.of, n.key],
    Call: lambda n: [n.func, *n.args, *(v for _, v in n.named)],
    Op: lambda n: [n.left, n.right],
    Text: lambda n: n.parts,
    Several: lambda n: n.parts,
    Group: lambda n: n.items,
    Table: _table,
    Choice: lambda n: [n.test, *n.parts],
    Pause: _maybe,
    Leave: _maybe,
    Comprehension: _comprehension,
    Assign: lambda n: [*n.targets, n.value],
    Loop: _loop,
    Branch: lambda n: [*n.tests, *(each for arm in n.arms for each in arm)],
    Try: lambda n: [*n.body, *(each for arm in n.rescue for each in arm), *n.last],
    Block: lambda n: [*n.held, *n.body],
}
