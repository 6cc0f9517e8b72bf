"""Assertions of Python tests, and how much one demands compared with another."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loopwright.core.fact import Fact

#: How much a form of assertion demands: from nothing (0) over truth (1) to one exact value (5).
_METHODS = {
    "assertTrue": 1,
    "assertFalse": 1,
    "assertIsNotNone": 2,
    "assertNotEqual": 2,
    "assertNotIn": 2,
    "assertIsInstance": 2,
    "assertGreaterEqual": 3,
    "assertLessEqual": 3,
    "assertGreater": 3,
    "assertLess": 3,
    "assertIn": 3,
    "assertRegex": 3,
    "assertAlmostEqual": 4,
    "assertRaises": 4,
    "assertRaisesRegex": 5,
    "raises": 4,
    "warns": 4,
    "assert_called": 2,
    "assert_called_once": 3,
    "assert_called_with": 4,
    "assert_called_once_with": 5,
}
_BROAD = frozenset({"Exception", "BaseException", "Warning"})


class Assertion(Fact, frozen=True):
    """One demand of a test. Two are equal where they demand the same, wherever they stand."""

    text: str
    rank: float
    slack: float = 0.0  # an allowed difference; the larger the weaker
    line: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Assertion) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


def assertions(function: ast.AST) -> Iterator[Assertion]:
    """Return the demands of a function in the order they are written."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            yield Assertion(ast.unparse(node.test), _rank(node.test), _slack(node.test), node.lineno)
        elif isinstance(node, ast.Call) and (name := _called(node)) and _is_assertion(name):
            yield Assertion(ast.unparse(node), _call_rank(name, node), _slack(node), node.lineno)


def strength(assertion: Assertion) -> tuple[float, float]:
    """Return what orders assertions from weak to strong."""
    return (assertion.rank, -assertion.slack)


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _is_assertion(name: str) -> bool:
    return name in _METHODS or name.startswith(("assert", "assert_")) or name == "fail"


def _call_rank(name: str, node: ast.Call) -> float:
    rank = float(_METHODS.get(name, 5))
    if name in ("raises", "warns", "assertRaises", "assertRaisesRegex"):
        kinds = {n.id for n in ast.walk(node.args[0]) if isinstance(n, ast.Name)} if node.args else set()
        rank += 0.5 if any(k.arg == "match" for k in node.keywords) else 0
        rank -= 2 if kinds & _BROAD else 0
    if name in ("assertTrue", "assertFalse") and node.args:
        return _rank(node.args[0])
    return rank


def _rank(test: ast.expr) -> float:
    match test:
        case ast.Constant():
            return 0
        case ast.BoolOp(op=ast.Or()):
            return min(_rank(value) for value in test.values) - 0.5
        case ast.BoolOp():
            return max(_rank(value) for value in test.values) + 0.1 * len(test.values)
        case ast.UnaryOp(op=ast.Not()):
            return 1.5
        case ast.Compare():
            return _comparison(test)
        case ast.Call() if _called(test) in ("isinstance", "hasattr", "callable"):
            return 2
        case ast.Call() if _called(test) == "isclose":
            return 4
        case _:
            return 1


def _comparison(test: ast.Compare) -> float:
    if ast.dump(test.left) == ast.dump(test.comparators[0]):
        return 0  # a value compared with itself
    none = isinstance(test.comparators[0], ast.Constant) and test.comparators[0].value is None
    match test.ops[0]:
        case ast.Eq():
            return 4 if any(isinstance(n, ast.Call) and _called(n) == "approx" for n in ast.walk(test)) else 5
        case ast.Is():
            return 5
        case ast.IsNot() | ast.NotEq() | ast.NotIn():
            return 2 if none else 2.5
        case _:
            return 3 if len(test.ops) == 1 else 3.5


def _slack(node: ast.AST) -> float:
    """The sum of stated tolerances: rel, abs, delta, and places turned into a difference."""
    slack = 0.0
    for keyword in (k for n in ast.walk(node) if isinstance(n, ast.Call) for k in n.keywords):
        if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, int | float):
            if keyword.arg in ("rel", "abs", "delta", "rel_tol", "abs_tol"):
                slack += float(keyword.value.value)
            elif keyword.arg == "places":
                slack += 10.0 ** -float(keyword.value.value)
    return slack
