"""A call with the values it is given, and the names of a scope."""

from __future__ import annotations

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.values import Value


class Called:
    """One call: what is called, with which values, on which receiver."""

    __slots__ = ("args", "line", "name", "named", "node", "receiver", "ref")

    def __init__(self, node: t.Call, ref: str, args: list[Value], named: dict[str, Value], receiver: Value) -> None:
        self.node = node
        self.ref = ref
        self.name = ref.rsplit(".", 1)[-1]
        self.line = node.line
        self.args = args
        self.named = named
        self.receiver = receiver

    def arg(self, index: int, name: str = "") -> Value:
        """Return an argument by position or name; an unknown value where it is absent."""
        if name in self.named:
            return self.named[name]
        return self.args[index] if -len(self.args) <= index < len(self.args) else Value()

    @property
    def all(self) -> Value:
        """All arguments as one value."""
        return v.join([*self.args, *self.named.values()])


class Scope:
    """The names of a module or function."""

    __slots__ = ("names", "outer")

    def __init__(self, outer: Scope | None = None) -> None:
        self.names: dict[str, Value] = {}
        self.outer = outer

    def find(self, name: str) -> Value | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return None

    def owner(self, name: str) -> Scope:
        """Return the scope that has the name, this one where none has."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope
            scope = scope.outer
        return self


def option_of(called: Called, name: str) -> Value | None:
    """Return an option in the object that JavaScript passes last."""
    last = called.args[-1] if called.args else Value()
    return last.attrs.get(name) if last.attrs and last.items is None else None
