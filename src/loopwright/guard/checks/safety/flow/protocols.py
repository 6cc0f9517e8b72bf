"""Methods that the language calls by itself, and that ask for what calls them again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from loopwright.guard.checks.safety.finding import Found
from loopwright.guard.checks.safety.flow import tree as t

#: Functions that call a method of their argument.
_ASKED_BY = {
    "__repr__": {"repr"}, "__str__": {"str", "format"}, "__hash__": {"hash"}, "__len__": {"len"}, "__bool__": {"bool"},
    "__iter__": {"iter", "list", "tuple", "set", "sorted"}, "__next__": {"next"}, "__getattr__": {"getattr", "hasattr"},
    "__getattribute__": {"getattr", "hasattr"}, "__setattr__": {"setattr"}, "__delattr__": {"delattr"},
    "__call__": {"self"}, "__abs__": {"abs"}, "__int__": {"int"}, "__float__": {"float"}, "__copy__": {"copy"},
    "__deepcopy__": {"deepcopy"}, "toJSON": {"stringify"}, "toString": {"String"},
}  # fmt: skip
_OPERATORS = {
    "__eq__": "==", "__ne__": "!=", "__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">=", "__add__": "+",
    "__sub__": "-", "__mul__": "*", "__mod__": "%", "__or__": "|", "__and__": "&",
}  # fmt: skip


def judge_protocols(methods: list[t.Func], derived: set[str]) -> Iterator[Found]:
    """Yield a finding for each method that always asks for what the language answers by calling it again."""
    shown = derived | {method.owner for method in methods if method.name == "__str__"}
    for method in methods:
        if any(isinstance(n, t.Assign) and any(map(_own_class, n.targets)) for n in method.body):
            continue  # from there on it is of another class
        if method.name == "__repr__" and method.owner in shown:
            continue  # a template of itself asks for the other one
        asks = _asks(method)
        if asks is not None and any(asks(node) for node in _always(method.body)):
            why = f"`{method.name}` asks for what calls it again, so it never ends"
            yield Found("time", "block", method.line, f"{why}; ask the part that holds the value, or the base class")


def _asks(method: t.Func) -> Callable[[t.Node], bool] | None:
    name = method.name
    if _is_setter(method):
        return lambda n: isinstance(n, t.Assign) and any(_own(x, name) for x in n.targets)
    if name in _OPERATORS:
        return lambda n: isinstance(n, t.Op) and n.op == _OPERATORS[name] and _self(n.left) and _given(n.right, method)
    if name == "__contains__":
        return lambda n: isinstance(n, t.Op) and n.op in ("in", "not in") and _self(n.right)
    if name == "__getitem__":
        return lambda n: isinstance(n, t.Index) and _self(n.of) and _given(n.key, method)
    if name == "__setitem__":
        return lambda n: (
            isinstance(n, t.Assign) and n.op != "del" and any(isinstance(x, t.Index) and _self(x.of) for x in n.targets)
        )
    if name == "__setattr__":
        return lambda n: (isinstance(n, t.Assign) and any(_own(x, "") for x in n.targets)) or _called(n, name)
    if name == "__getattribute__":
        return lambda n: _own(n, "") or _called(n, name)
    if name in ("__str__", "__repr__", "toString", "__format__"):
        return lambda n: (isinstance(n, t.Text) and any(map(_self, n.parts))) or _called(n, name)
    return (lambda n: _called(n, name)) if name in _ASKED_BY else None


def _is_setter(method: t.Func) -> bool:
    return any(
        (isinstance(m, t.Attr) and m.name == "setter") or (isinstance(m, t.Name) and m.id == "setter")
        for m in method.marks
    )


def _called(node: t.Node, method: str) -> bool:
    if not isinstance(node, t.Call) or method not in _ASKED_BY:
        return False
    name = node.func.id if isinstance(node.func, t.Name) else node.func.name if isinstance(node.func, t.Attr) else ""
    if len(node.args) > 1 and isinstance(node.args[1], t.Const):
        return False  # a name that is written is one that is there
    return name in _ASKED_BY[method] and (name == "self" or (bool(node.args) and _self(node.args[0])))


def _self(node: t.Node) -> bool:
    return isinstance(node, t.Name) and node.id in ("self", "this")


def _given(node: t.Node, method: t.Func) -> bool:
    return isinstance(node, t.Name) and node.id in method.params


def _own(node: t.Node, name: str) -> bool:
    return isinstance(node, t.Attr) and _self(node.of) and (node.name == name or not name) and node.name != "__class__"


def _own_class(node: t.Node) -> bool:
    return isinstance(node, t.Attr) and _self(node.of) and node.name == "__class__"


def _always(body: list[t.Node]) -> Iterator[t.Node]:
    """Yield the nodes that are evaluated whenever the function runs."""
    for node in body:
        if isinstance(node, (t.Branch, t.Loop, t.Try)):
            pending = list(node.tests) if isinstance(node, t.Branch) else []
        else:
            pending = [node]
        while pending:
            each = pending.pop()
            yield each
            if isinstance(each, t.Choice):
                pending.append(each.test)
            elif not isinstance(each, (t.Branch, t.Loop, t.Try, t.Comprehension)):
                pending.extend(t.inner(each))
        if isinstance(node, (t.Branch, t.Loop, t.Try, t.Leave)):
            return
