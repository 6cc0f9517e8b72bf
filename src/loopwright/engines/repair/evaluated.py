"""Expressions evaluated with one sample of each name's kind, to learn whether Python refuses them for their types.

Only what is evaluated for certain is looked at: the first part of an `and`, the condition of a choice, what a
comprehension goes through first. Where the answer depends on more than types, nothing is known.
"""

from __future__ import annotations

import ast
import builtins
import operator
from collections.abc import Callable, Mapping
from typing import Any

from loopwright.engines.repair.kinds import CONTAINER, NUMBER, SCALAR, UNKNOWN, Arity, Attributes, hashable, usual


class Misfit(Exception):
    """Python raises here, whatever the values are."""


_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow, ast.LShift: operator.lshift,
    ast.RShift: operator.rshift, ast.BitOr: operator.or_, ast.BitAnd: operator.and_, ast.BitXor: operator.xor,
}  # fmt: skip
#: Builtins whose answer to a wrong type does not depend on values, and those that do not mind what a container holds.
_CALLED = frozenset(
    [
        "abs",
        "bool",
        "chr",
        "divmod",
        "enumerate",
        "float",
        "int",
        "len",
        "list",
        "max",
        "min",
        "ord",
        "pow",
        "range",
        "reversed",
        "round",
        "set",
        "sorted",
        "str",
        "sum",
        "tuple",
        "zip",
        "any",
        "all",
        "iter",
    ]
)
_TYPED = frozenset(["abs", "chr", "divmod", "float", "int", "len", "ord", "range", "reversed", "round"])


class Evaluation:
    """Evaluates with what is known of names. One of the function's own (`names`) that nothing is held of is not set."""

    def __init__(self, held: Mapping[str, Any], shared: Mapping[str, Any] | None, names: frozenset[str]) -> None:
        self._held, self._shared, self._names = dict(held), shared, names

    def of(self, node: ast.expr) -> Any:
        """A sample of the expression's value, UNKNOWN where it is not known. Raises Misfit."""
        found = getattr(self, f"_{type(node).__name__.lower()}", self._other)(node)
        return found if found is UNKNOWN else usual(found)

    def gone_through(self, node: ast.expr) -> Any:
        """A sample of what the elements are. Raises Misfit where the value has none."""
        value = self.of(node)
        if isinstance(value, (*NUMBER, type(None), Arity)):
            raise Misfit
        if isinstance(value, (str, bytes, *CONTAINER)):
            return next(iter(value), UNKNOWN)
        return UNKNOWN

    def bind(self, target: ast.expr) -> None:
        """From here on nothing is known of what this target names."""
        for node in ast.walk(target):
            if isinstance(node, ast.Name):
                self._held[node.id] = UNKNOWN

    def put(self, target: ast.expr) -> None:
        """What is set must be able to take it. Raises Misfit."""
        if isinstance(target, ast.Subscript):
            base = self.of(target.value)
            index = self.of(target.slice)
            if isinstance(base, (*SCALAR, tuple, set, frozenset, range)):
                raise Misfit
            if not isinstance(target.slice, ast.Slice):
                self._entry(base, index)
        elif isinstance(target, ast.Attribute):
            value = self.of(target.value)
            if isinstance(value, (*NUMBER, str, bytes, type(None), *CONTAINER)):
                raise Misfit

    def _other(self, node: ast.expr) -> Any:
        return UNKNOWN

    def _constant(self, node: ast.Constant) -> Any:
        return usual(node.value)

    def _name(self, node: ast.Name) -> Any:
        if node.id in self._held:
            return self._held[node.id]
        if node.id in self._names:
            raise Misfit
        if self._shared is None or node.id.startswith("__"):  # a class may have given it another name
            return UNKNOWN
        if node.id in self._shared:
            return self._shared[node.id]
        if not hasattr(builtins, node.id):
            raise Misfit
        return UNKNOWN

    def _attribute(self, node: ast.Attribute) -> Any:
        value = self.of(node.value)
        if isinstance(value, Attributes):
            if node.attr not in value.names and not node.attr.startswith("__"):
                raise Misfit
        elif value is not UNKNOWN and not isinstance(value, Arity) and not hasattr(value, node.attr):
            raise Misfit
        return UNKNOWN

    def _subscript(self, node: ast.Subscript) -> Any:
        base = self.of(node.value)
        if isinstance(node.slice, ast.Slice):
            parts = [self.of(p) for p in (node.slice.lower, node.slice.upper, node.slice.step) if p is not None]
            if isinstance(base, (*NUMBER, type(None), set, frozenset, dict, Arity)):
                raise Misfit
            if isinstance(base, list | tuple | str | bytes | range):
                if any(isinstance(p, (float, complex, str, bytes, *CONTAINER, Arity)) for p in parts):
                    raise Misfit
                return base
            return UNKNOWN
        return self._entry(base, self.of(node.slice))

    def _entry(self, base: Any, index: Any) -> Any:
        if isinstance(base, (*NUMBER, type(None), set, frozenset, Arity)):
            raise Misfit
        if isinstance(base, dict):
            if not hashable(index):
                raise Misfit
            return next(iter(base.values()), UNKNOWN)
        if isinstance(base, list | tuple | str | bytes | range):
            if isinstance(index, (float, complex, str, bytes, type(None), *CONTAINER, Arity)):
                raise Misfit
            if isinstance(base, tuple) and len(base) != 1:
                return UNKNOWN
            return base[0] if base else UNKNOWN
        return UNKNOWN

    def _binop(self, node: ast.BinOp) -> Any:
        return self.joined(node.op, self.of(node.left), self.of(node.right))

    def joined(self, op: ast.operator, left: Any, right: Any) -> Any:
        """What an operation gives for these samples. Raises Misfit."""
        if isinstance(op, ast.Mod) and isinstance(left, str | bytes):
            return left
        if type(op) not in _BINARY or any(v is UNKNOWN or isinstance(v, Attributes) for v in (left, right)):
            return UNKNOWN
        return _tried(lambda: _BINARY[type(op)](left, right))

    def _unaryop(self, node: ast.UnaryOp) -> Any:
        value = self.of(node.operand)
        if isinstance(node.op, ast.Not):
            return True
        if value is UNKNOWN or isinstance(value, Attributes):
            return UNKNOWN
        signs: dict[type[ast.unaryop], Callable[[Any], Any]] = {
            ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Invert: operator.invert,
        }  # fmt: skip
        return _tried(lambda: signs[type(node.op)](value))

    def _boolop(self, node: ast.BoolOp) -> Any:
        self.of(node.values[0])
        return UNKNOWN

    def _ifexp(self, node: ast.IfExp) -> Any:
        self.of(node.test)
        return UNKNOWN

    def _compare(self, node: ast.Compare) -> Any:
        left, right, op = self.of(node.left), self.of(node.comparators[0]), node.ops[0]
        if isinstance(op, ast.In | ast.NotIn):
            self._asked(left, right)
        elif isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
            known = not any(v is UNKNOWN or isinstance(v, Attributes) for v in (left, right))
            if known and not (isinstance(left, CONTAINER) and type(left) is type(right) and type(left) is not dict):
                _tried(lambda: left < right)
        return True

    def _asked(self, element: Any, among: Any) -> None:
        if isinstance(among, (*NUMBER, type(None), Arity)):
            raise Misfit
        if isinstance(among, str) and not (element is UNKNOWN or isinstance(element, str | Attributes)):
            raise Misfit
        if isinstance(among, dict | set | frozenset) and not hashable(element) and not isinstance(element, set):
            raise Misfit

    def _call(self, node: ast.Call) -> Any:
        function = self.of(node.func)
        if function is not UNKNOWN and not isinstance(function, Arity | Attributes):
            raise Misfit
        given = [UNKNOWN if isinstance(a, ast.Starred) else self.of(a) for a in node.args]
        given += [self.of(keyword.value) for keyword in node.keywords]
        stars = any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords)
        if isinstance(function, Arity) and not stars:
            if (0 <= function.most < len(node.args)) or len(given) < function.least:
                raise Misfit
            return UNKNOWN
        if stars or node.keywords or any(v is UNKNOWN or isinstance(v, Attributes) for v in given):
            return UNKNOWN
        if isinstance(node.func, ast.Name):
            return self._builtin(node.func.id, given)
        return self._method(node.func, given) if isinstance(node.func, ast.Attribute) else UNKNOWN

    def _builtin(self, name: str, given: list[Any]) -> Any:
        own = name in self._held or name in self._names or self._shared is None or name in self._shared
        if own or name not in _CALLED or any(isinstance(v, Arity) for v in given):
            return UNKNOWN
        holding = any(isinstance(v, CONTAINER) for v in given)
        found = _tried(lambda: getattr(builtins, name)(*given), strict=not holding or name in _TYPED)
        return list(found) if isinstance(found, enumerate | zip | reversed) else found

    def _method(self, function: ast.Attribute, given: list[Any]) -> Any:
        """A method of a plain value: what it says to arguments that are no containers, it says for their types."""
        value = self.of(function.value)
        if value is UNKNOWN or isinstance(value, Attributes | Arity):
            return UNKNOWN
        if isinstance(value, list | dict | set):
            value = type(value)(value)  # a method may change it
        strict = not any(isinstance(v, (*CONTAINER, Arity)) for v in given)
        return _tried(lambda: getattr(value, function.attr)(*given), strict) if function.attr != "sort" else UNKNOWN

    def _namedexpr(self, node: ast.NamedExpr) -> Any:
        value = self.of(node.value)
        self._held[node.target.id] = value
        return value

    def _comprehended(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> Any:
        self.gone_through(node.generators[0].iter)
        return [UNKNOWN] if isinstance(node, ast.ListComp) else UNKNOWN

    _listcomp = _setcomp = _dictcomp = _generatorexp = _comprehended

    def _list(self, node: ast.List) -> Any:
        return self._elements(node.elts)

    def _tuple(self, node: ast.Tuple) -> Any:
        return tuple(self._elements(node.elts))

    def _set(self, node: ast.Set) -> Any:
        items = self._elements(node.elts)
        if not all(map(hashable, items)):
            raise Misfit
        return set(items)

    def _elements(self, nodes: list[ast.expr]) -> list[Any]:
        return [self.gone_through(n.value) if isinstance(n, ast.Starred) else self.of(n) for n in nodes]

    def _dict(self, node: ast.Dict) -> Any:
        keys = [self.of(key) for key in node.keys if key is not None]
        values = [self.of(value) for value in node.values]
        if not all(map(hashable, keys)):
            raise Misfit
        return {keys[0]: values[0]} if len(keys) == len(values) == 1 else {UNKNOWN: UNKNOWN}

    def _joinedstr(self, node: ast.JoinedStr) -> Any:
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.of(part.value)
        return "a"

    def _lambda(self, node: ast.Lambda) -> Any:
        return UNKNOWN


def _tried(work: Callable[[], Any], strict: bool = True) -> Any:
    """What this gives for samples; UNKNOWN where it fails for other reasons than types."""
    try:
        return usual(work())
    except (TypeError, AttributeError):
        if strict:
            raise Misfit from None
        return UNKNOWN
    except Exception:  # a sample says nothing of other values
        return UNKNOWN
