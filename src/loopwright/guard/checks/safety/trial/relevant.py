"""The names on which it depends how often a loop turns."""

from __future__ import annotations

from collections.abc import Iterator

from loopwright.guard.checks.safety.flow import tree as t


def every(nodes: list[t.Node]) -> Iterator[t.Node]:
    """Yield all nodes that run with these: not the bodies of functions and classes."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        yield node
        pending.extend(t.inner(node))


def name_of(node: t.Node) -> str:
    """Return the last name of what is called, "" where it has none."""
    return node.id if isinstance(node, t.Name) else node.name if isinstance(node, t.Attr) else ""


def has_leave(nodes: list[t.Node], kinds: frozenset[str]) -> bool:
    """True where one of these ways to leave stands below the nodes."""
    return any(isinstance(n, t.Leave) and n.kind in kinds for n in every(nodes))


def roots(node: t.Node) -> set[str]:
    """Return the names that an expression reads."""
    return {n.id for n in every([node]) if isinstance(n, t.Name)} | {
        "this" for n in every([node]) if isinstance(n, t.Attr) and isinstance(n.of, t.Name) and n.of.id == "this"
    }


def root(node: t.Node) -> str:
    """Return the name at the beginning of `name.attribute[item]`, "" where it begins with none."""
    while isinstance(node, (t.Attr, t.Index)):
        node = node.of
    return node.id if isinstance(node, t.Name) else ""


def deciding(loop: t.Loop) -> set[str]:
    """Return the names that the loop's own tests read, and those from which these are made within the loop."""
    parts = [*loop.body, *(n for n in (loop.test, loop.step, loop.over) if n is not None)]
    nodes = list(every(parts))
    names: set[str] = set()
    flows: list[tuple[str, set[str]]] = []
    for node in nodes:
        if isinstance(node, t.Branch):
            for test in node.tests:
                names |= roots(test)
        elif isinstance(node, t.Loop):
            for part in (node.test, node.over):
                names |= roots(part) if part is not None else set()
        elif isinstance(node, t.Choice):
            names |= roots(node.test)
        elif isinstance(node, t.Assign):
            sources = roots(node.value)
            for target in node.targets:
                flows += [(n, sources | roots(target)) for n in ([root(target)] if root(target) else roots(target))]
        elif isinstance(node, t.Call):
            given = set[str]().union(*(roots(a) for a in node.args)) if node.args else set()
            if isinstance(node.func, t.Attr):
                flows.append((root(node.func), given))
            elif isinstance(node.func, t.Name):
                names |= given
    names |= roots(loop.test) if loop.test is not None else set()
    while True:
        more = set[str]().union(*(sources for name, sources in flows if name in names)) - names
        if not more:
            return names
        names |= more


def root_of(node: t.Node) -> t.Node:
    """Return what `name.attribute[item]` begins with; what a call is given is dealt with where it is made."""
    while isinstance(node, (t.Attr, t.Index)):
        node = node.of
    return t.Const(node.line, None) if isinstance(node, t.Call) else node
