"""How many parameters a function has, and how deep its blocks are nested: Python, JavaScript and TypeScript."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from loopwright.core.checks import Finding
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.delta import Delta, File, finding
from loopwright.guard.checks.rules.parse import parse
from loopwright.guard.checks.rules.syntax_script import grammar_of
from loopwright.guard.grammar import parse as parse_script
from loopwright.guard.grammar import walk

if TYPE_CHECKING:
    from tree_sitter import Node

_BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCRIPT_BLOCKS = frozenset(
    {
        "if_statement",
        "for_statement",
        "for_in_statement",
        "while_statement",
        "do_statement",
        "try_statement",
        "switch_statement",
    }
)
_SCRIPT_FUNCTIONS = frozenset(
    {
        "function_declaration",
        "function_expression",
        "generator_function_declaration",
        "generator_function",
        "arrow_function",
        "method_definition",
    }
)


class _Function(NamedTuple):
    first: int  # lines of what stands before its body
    last: int
    parameters: int
    depths: tuple[tuple[int, int], ...]  # the line of each block in it, and how many hold it, itself included


def parameters(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Functions whose changed signature has more parameters than allowed."""
    most = rule.params.get("n")
    for file in delta.written(rule):
        for function in _functions(file):
            changed = any(function.first <= line <= function.last for line in file.added)
            if changed and isinstance(most, int) and function.parameters > most:
                said = f"the function has {function.parameters} parameters, {most} are allowed"
                yield finding(rule, file.path, function.first, said)


def nesting(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Added blocks that stand deeper in their function than allowed."""
    most = rule.params.get("n")
    for file in delta.written(rule):
        for function in _functions(file):
            for line, depth in function.depths:
                if isinstance(most, int) and depth == most + 1 and line in file.added:
                    yield finding(rule, file.path, line, f"this block is nested {depth} deep, {most} are allowed")


def _functions(file: File) -> Iterator[_Function]:
    if file.language == "python":
        tree = parse(file.after)
        yield from _python(tree) if tree is not None else ()
    elif file.language in ("javascript", "typescript"):
        root = parse_script(grammar_of(file.path), file.after)
        for node in walk(root) if root is not None else ():
            if node.type in _SCRIPT_FUNCTIONS and node.is_named:
                yield _script(node)


def _python(tree: ast.Module) -> Iterator[_Function]:
    methods = {id(f) for c in ast.walk(tree) if isinstance(c, ast.ClassDef) for f in c.body}
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTIONS):
            named = [*node.args.posonlyargs, *node.args.args]
            own = (
                bool(named)
                and id(node) in methods
                and not any("staticmethod" in ast.unparse(d) for d in node.decorator_list)
            )
            count = len(named) - own + len(node.args.kwonlyargs)
            depths = tuple(_depths(node.body, 0))
            yield _Function(node.lineno, max(node.lineno, node.body[0].lineno - 1), count, depths)


def _depths(body: list[ast.stmt], depth: int) -> Iterator[tuple[int, int]]:
    for node in body:
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            continue
        inside = depth + isinstance(node, _BLOCKS)
        if inside > depth:
            yield node.lineno, inside
        for name, value in ast.iter_fields(node):
            if name == "orelse" and isinstance(node, ast.If) and len(value) == 1 and isinstance(value[0], ast.If):
                yield from _depths(value, depth)  # `elif` is no level of its own
            elif isinstance(value, list):
                for part in value:
                    if isinstance(part, ast.stmt):
                        yield from _depths([part], inside)
                    elif isinstance(part, ast.ExceptHandler | ast.match_case):
                        yield from _depths(part.body, inside)


def _script(node: Node) -> _Function:
    body = node.child_by_field_name("body")
    listed = node.child_by_field_name("parameters")
    single = node.child_by_field_name("parameter")
    count = sum(c.type != "comment" for c in listed.named_children) if listed is not None else int(single is not None)
    first = node.start_point[0] + 1
    last = (body.start_point[0] if body is not None else node.end_point[0]) + 1
    return _Function(first, last, count, tuple(_script_depths(body, 0)) if body is not None else ())


def _script_depths(node: Node, depth: int) -> Iterator[tuple[int, int]]:
    waiting = [(child, depth) for child in node.named_children]
    while waiting:
        child, above = waiting.pop()
        if child.type in _SCRIPT_FUNCTIONS:
            continue
        chained = child.type == "if_statement" and child.parent is not None and child.parent.type == "else_clause"
        inside = above + (child.type in _SCRIPT_BLOCKS and not chained)
        if inside > above:
            yield child.start_point[0] + 1, inside
        waiting += [(below, inside) for below in child.named_children]
