"""Detectors on Python's own syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from loopwright.guard.checks.rules.parse import parse

Detector = Callable[[ast.Module], Iterator[tuple[int, str]]]


def find(what: str, text: str, path: str) -> list[tuple[int, str]]:
    """Return (line, reason) of each place of the construct; [] for a text that does not parse."""
    detector, tree = DETECTORS.get(what), parse(text)
    if detector is None or tree is None:
        return []
    if what == "barrel" and not path.endswith("__init__.py"):
        return []
    return sorted(detector(tree))


def _annotations(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign):
            yield node.annotation
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns:
            yield node.returns
        elif isinstance(node, ast.arg) and node.annotation:
            yield node.annotation


def _any(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for annotation in _annotations(tree):
        for node in ast.walk(annotation):
            if (isinstance(node, ast.Name) and node.id == "Any") or (
                isinstance(node, ast.Attribute) and node.attr == "Any"
            ):
                yield node.lineno, "`Any` is used as a type"
                break


def _dict_any(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for annotation in _annotations(tree):
        for node in ast.walk(annotation):
            if isinstance(node, ast.Subscript) and ast.unparse(node).lower() in (
                "dict[str, any]",
                "dict[(str, any)]",
                "typing.dict[str, any]",
            ):
                yield node.lineno, "`dict[str, Any]` is used as a type"


def _handlers(tree: ast.Module) -> Iterator[ast.ExceptHandler]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler))


def _bare_except(tree: ast.Module) -> Iterator[tuple[int, str]]:
    return ((h.lineno, "a bare `except` is used") for h in _handlers(tree) if h.type is None)


def _broad_except(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for handler in _handlers(tree):
        names = (
            {ast.unparse(t) for t in (handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type])}
            if handler.type
            else {"Exception"}
        )
        if names & {"Exception", "BaseException"}:
            yield handler.lineno, "every exception is caught"


def _empty_catch(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for handler in _handlers(tree):
        if all(
            isinstance(s, ast.Pass) or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
            for s in handler.body
        ):
            yield handler.lineno, "an exception is swallowed"


def _try_except(tree: ast.Module) -> Iterator[tuple[int, str]]:
    return ((h.lineno, "an exception is caught") for h in _handlers(tree))


def _wildcard(tree: ast.Module) -> Iterator[tuple[int, str]]:
    return (
        (n.lineno, f"`from {n.module} import *` is used")
        for n in ast.walk(tree)
        if isinstance(n, ast.ImportFrom) and any(a.name == "*" for a in n.names)
    )


def _mutable_default(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for default in (*node.args.defaults, *(d for d in node.args.kw_defaults if d)):
                if isinstance(default, ast.List | ast.Dict | ast.Set) or (
                    isinstance(default, ast.Call)
                    and isinstance(default.func, ast.Name)
                    and default.func.id in ("list", "dict", "set")
                ):
                    yield default.lineno, "a mutable default argument is used"


def _nested_function(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for inner in ast.walk(node):
                if inner is not node and isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield inner.lineno, f"the function {inner.name} is nested in {node.name}"


def _nested_ternary(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.IfExp) and (isinstance(node.body, ast.IfExp) or isinstance(node.orelse, ast.IfExp)):
            yield node.lineno, "a conditional expression is nested"


def _fstring_logging(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.args
            and isinstance(node.args[0], ast.JoinedStr)
        ) and node.func.attr in ("debug", "info", "warning", "error", "exception", "critical", "log"):
            yield node.lineno, "an f-string is logged"


def _parametrize(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.parametrize") and len(node.args) >= 2:
            if not isinstance(node.args[0], ast.Tuple):
                yield node.lineno, "the first argument of `parametrize` is no tuple"
            elif isinstance(node.args[1], ast.Tuple | ast.Set):
                yield node.args[1].lineno, "the second argument of `parametrize` is no list"


def _branching(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            yield from (
                (inner.lineno, "a test branches")
                for inner in ast.walk(node)
                if isinstance(inner, ast.If | ast.Match | ast.IfExp)
            )


def _multiple_bases(tree: ast.Module) -> Iterator[tuple[int, str]]:
    return (
        (n.lineno, f"{n.name} has several bases")
        for n in ast.walk(tree)
        if isinstance(n, ast.ClassDef) and len(n.bases) > 1
    )


def _barrel(tree: ast.Module) -> Iterator[tuple[int, str]]:
    return ((n.lineno, "names are re-exported") for n in tree.body if isinstance(n, ast.ImportFrom))


def _eval(tree: ast.Module) -> Iterator[tuple[int, str]]:
    return (
        (n.lineno, f"`{n.func.id}` is called")
        for n in ast.walk(tree)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id in ("eval", "exec")
    )


def _magic_number(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            for side in node.comparators:
                if (
                    isinstance(side, ast.Constant)
                    and isinstance(side.value, int | float)
                    and not isinstance(side.value, bool)
                    and side.value not in (0, 1, -1, 2)
                ):
                    yield side.lineno, f"the number {side.value} has no name"


def _kind(node_type: type[ast.AST], reason: str) -> Detector:
    def detect(tree: ast.Module) -> Iterator[tuple[int, str]]:
        return ((getattr(n, "lineno", 1), reason) for n in ast.walk(tree) if isinstance(n, node_type))

    return detect


def _skipped(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for mark in node.decorator_list:
                name = ast.unparse(mark.func if isinstance(mark, ast.Call) else mark)
                if name in _SKIPS:
                    yield mark.lineno, f"`@{name}` skips a test"
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("pytest.skip", "self.skipTest"):
            yield node.lineno, f"`{ast.unparse(node.func)}` skips a test"


_SKIPS = frozenset({"pytest.mark.skip", "mark.skip", "unittest.skip", "skip"})
DETECTORS: dict[str, Detector] = {
    "any_type": _any,
    "dict_any": _dict_any,
    "bare_except": _bare_except,
    "broad_except": _broad_except,
    "empty_catch": _empty_catch,
    "try_except": _try_except,
    "wildcard_import": _wildcard,
    "mutable_default": _mutable_default,
    "nested_function": _nested_function,
    "nested_ternary": _nested_ternary,
    "ternary": _kind(ast.IfExp, "a conditional expression is used"),
    "lambda": _kind(ast.Lambda, "a lambda is used"),
    "global": _kind(ast.Global, "`global` is used"),
    "assert": _kind(ast.Assert, "`assert` is used"),
    "throw": _kind(ast.Raise, "an exception is raised"),
    "class": _kind(ast.ClassDef, "a class is defined"),
    "eval": _eval,
    "fstring_logging": _fstring_logging,
    "parametrize_form": _parametrize,
    "branching": _branching,
    "inheritance": _multiple_bases,
    "barrel": _barrel,
    "magic_number": _magic_number,
    "skipped_test": _skipped,
}
