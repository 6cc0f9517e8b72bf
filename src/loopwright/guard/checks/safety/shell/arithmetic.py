"""Arithmetic of the shell: what `$((…))` and `((…))` come to, and what they do to variables."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from loopwright.core.expression import expression
from loopwright.guard.checks.safety.flow import tree as t

_LONGEST = 200
_MOST_BITS = 256
_COUNTED = expression(r"\s*(?:(\+\+|--)\s*\$?(\w+)|\$?(\w+)\s*(\+\+|--))\s*")
_SET = expression(r"\s*([A-Za-z_]\w*)\s*([-+*/%]|<<|>>|\*\*)?=(?!=)(.*)", re.DOTALL)
_BINARY: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "//", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.LShift: "<<", ast.RShift: ">>", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
}  # fmt: skip
_COMPARED: dict[type[ast.AST], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
_WORKED_OUT: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "&": lambda a, b: a & b,
    "|": lambda a, b: a | b, "^": lambda a, b: a ^ b, "//": lambda a, b: int(a / b), "%": lambda a, b: a % b,
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
}  # fmt: skip


def parse(text: str, line: int) -> t.Node:
    """Return an arithmetic expression as the tree that all languages have in common, without parts where it is none."""
    counted, given = _COUNTED.fullmatch(text), _SET.fullmatch(text)
    if counted:
        name = t.Name(line, counted[2] or counted[3])
        return t.Assign(line, [name], t.Const(line, 1), (counted[1] or counted[4])[0])
    if given:
        operator = (given[2] or "").replace("/", "//")
        return t.Assign(line, [t.Name(line, given[1])], parse(given[3], line), operator)
    plain = re.sub(r"\$\{?(\w+)\}?", r"\1", text).replace("&&", " and ").replace("||", " or ").strip()
    try:
        held = ast.parse(plain, mode="eval").body if 0 < len(plain) <= _LONGEST else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        held = None
    return _lower(held, line) if held is not None else t.Several(line, [])


def _lower(node: ast.AST, line: int) -> t.Node:
    match node:
        case ast.Constant(value=int()):
            return t.Const(line, node.value)
        case ast.Name():
            return t.Name(line, node.id)
        case ast.BinOp() if type(node.op) in _BINARY:
            return t.Op(line, _BINARY[type(node.op)], _lower(node.left, line), _lower(node.right, line))
        case ast.Compare() if len(node.ops) == 1 and type(node.ops[0]) in _COMPARED:
            right = _lower(node.comparators[0], line)
            return t.Op(line, _COMPARED[type(node.ops[0])], _lower(node.left, line), right)
        case ast.BoolOp():
            first, *rest = [_lower(each, line) for each in node.values]
            return t.Choice(line, first, rest, "and" if isinstance(node.op, ast.And) else "or")
        case ast.UnaryOp(op=ast.USub()):
            return t.Op(line, "-", t.Const(line, 0), _lower(node.operand, line))
        case _:
            return t.Several(line, [])


def evaluate(text: str, value_of: Callable[[str], Any]) -> int | None:
    """Return what an expression comes to, None where that is not known; `value_of` gives the text of a variable."""
    return _value(parse(text, 0), value_of)


def _value(node: t.Node, value_of: Callable[[str], Any]) -> int | None:
    if isinstance(node, t.Const) and isinstance(node.value, int):
        return node.value
    if isinstance(node, t.Name):
        held = str(value_of(node.id))
        return int(held) if re.fullmatch(r"-?\d{1,18}", held) else None
    if not isinstance(node, t.Op):
        return None
    left, right = _value(node.left, value_of), _value(node.right, value_of)
    if left is None or right is None or (node.op in ("//", "%") and not right):
        return None
    if node.op in ("**", "<<"):
        bits = (abs(left).bit_length() or 1) * right if node.op == "**" else abs(left).bit_length() + right
        known = right >= 0 and bits <= _MOST_BITS
        return (left**right if node.op == "**" else left << right) if known else None
    act = _WORKED_OUT.get(node.op)
    return int(act(left, right)) if act is not None else None
