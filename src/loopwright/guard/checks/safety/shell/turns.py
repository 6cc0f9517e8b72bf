"""How often shell loops turn, and which never end because nothing changes what they test."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from loopwright.core.expression import expression
from loopwright.guard.checks.safety.places import HOLE
from loopwright.guard.checks.safety.shell.seen import Scripted
from loopwright.guard.grammar import shell_text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_RANGE = expression(r"\{(-?\d{1,15})\.\.(-?\d{1,15})\}")
_SEQ = expression(r"\bseq\s+(?:-\w+\s+)*([\d\s]{1,60})")
_C_STYLE = expression(
    r"for\s*\(\(\s*(\w+)\s*=\s*(\d{1,15})\s*;\s*\1\s*(<=?|>=?)\s*(\d{1,18})\s*;\s*\1\s*(\+\+|--|\+=\s*1\b|-=\s*1\b)"
)
_TEST = expression(r"^\[\[?\s+\"?\$\{?(\w+)\}?\"?\s+(-lt|-le|-gt|-ge|-ne|-eq|!=|==?)\s+\"?(-?[\w$]+)\"?\s+\]\]?$")
_ARITHMETIC = expression(r"^\(\(\s*\$?(\w+)\s*(<=?|>=?|!=|==)\s*\$?(\w+)\s*\)\)$")
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "-lt": lambda a, b: a < b, "-le": lambda a, b: a <= b, "-gt": lambda a, b: a > b, "-ge": lambda a, b: a >= b,
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "-ne": lambda a, b: a != b, "!=": lambda a, b: a != b, "-eq": lambda a, b: a == b, "==": lambda a, b: a == b,
    "=": lambda a, b: a == b,
}  # fmt: skip
#: What a test is while an `until` of it goes on.
_NEGATED = {
    "-lt": "-ge", "-le": "-gt", "-gt": "-le", "-ge": "-lt", "-eq": "-ne", "-ne": "-eq", "==": "!=", "!=": "==",
    "=": "!=", "<": ">=", ">": "<=", "<=": ">", ">=": "<",
}  # fmt: skip
_UPWARD = frozenset({"-lt", "-le", "<", "<="})
_DOWNWARD = frozenset({"-gt", "-ge", ">", ">="})


def turns(text: str) -> int:
    """Return how often a `for` loop over this text turns, 0 where it does not say."""
    style = _C_STYLE.match(text)
    if style:
        rises = "+" in style[5]
        return abs(int(style[4]) - int(style[2])) if rises == (style[3][0] == "<") else 0
    total = 1
    for low, high in _RANGE.findall(text):
        total *= abs(int(high) - int(low)) + 1
    if total > 1:
        return total
    numbers = [int(n) for n in found[1].split()] if (found := _SEQ.search(text)) else []
    if len(numbers) == 1:
        return numbers[0]
    step = numbers[1] if len(numbers) == 3 else 1
    return max(0, numbers[-1] - numbers[0]) // max(step, 1) + 1 if numbers else 0


def moves_away(text: str) -> bool:
    """True for `for ((i=0; i>=0; i++))`: the step leads away from the bound."""
    style = _C_STYLE.match(text)
    if style is None or not _holds(style[2], style[3], style[4]):
        return False
    return ("+" in style[5]) != (style[3][0] == "<")


def never_changes(shell: Scripted, node: Node) -> bool:
    """True for a `while` that tests a variable which its body leaves as it is, or moves away from the bound."""
    condition, body = node.child_by_field_name("condition"), node.child_by_field_name("body")
    held = shell_text_of(condition).strip().rstrip(";").strip()
    test = _TEST.match(held) or _ARITHMETIC.match(held)
    until = shell_text_of(node).startswith("until")
    if test is None or body is None or (until and test[2] not in _NEGATED):
        return False
    name, operator, right = test[1], test[2], test[3].lstrip("$")
    bound = shell.names[right].text if right in shell.names else right
    value = shell.names[name].text if name in shell.names else ""
    operator = _NEGATED[operator] if until else operator
    if not value or HOLE in value + bound or not _holds(value, operator, bound):
        return False
    written = shell_text_of(body)
    if re.search(rf"\b{re.escape(right)}=", written) or re.search(r"\b(?:read|mapfile|getopts|source|eval)\b", written):
        return False
    if _steps_over(name, operator, value, bound, written):
        return True
    steps = _steps(name, written)
    if operator in _UPWARD:
        return all(s == "-" for s in steps)
    return all(s == "+" for s in steps) if operator in _DOWNWARD else not steps


def counted_turns(shell: Scripted, node: Node) -> int:
    """Return how often a `while` turns that counts towards a known bound in known steps, 0 where that is not known."""
    condition, body = node.child_by_field_name("condition"), node.child_by_field_name("body")
    held = shell_text_of(condition).strip().rstrip(";").strip()
    test = _TEST.match(held) or _ARITHMETIC.match(held)
    if test is None or body is None or shell_text_of(node).startswith("until"):
        return 0
    name, right = test[1], test[3].lstrip("$")
    start, bound = (shell.names[n].text if n in shell.names else n for n in (name, right))
    made = _stepped(name, shell_text_of(body))
    if not all(re.fullmatch(r"-?\d{1,18}", x) for x in (start, bound)) or len(made) != 1:
        return 0
    return abs(int(bound) - int(start)) // max(1, made[0])


def counts_nothing(shell: Scripted, node: Node) -> bool:
    """True for `n=0; while [ $n -lt 5 ]` whose body calls nothing that could count `n`."""
    condition, body = node.child_by_field_name("condition"), node.child_by_field_name("body")
    held = shell_text_of(condition).strip().rstrip(";").strip()
    test = _TEST.match(held) or _ARITHMETIC.match(held)
    if test is None or body is None or test[2] not in _UPWARD:
        return False
    called = set(re.findall(r"[\w.-]+", shell_text_of(body))) & shell.functions.keys()
    return not called and test[1] in shell.names and shell.names[test[1]].text in ("0", "1")


def _stepped(name: str, body: str) -> list[int]:
    """The sizes of the steps by which a body counts a variable."""
    name = re.escape(name)
    found = re.findall(rf"\b{name}=\$\(\(\s*\$?{name}\s*[+-]\s*(\d{{1,9}})\s*\)\)", body)
    found += re.findall(rf"\b{name}\s*[+-]=\s*(\d{{1,9}})\b", body)
    found += ["1"] * len(re.findall(rf"\b{name}(?:\+\+|--)|(?:\+\+|--){name}\b", body))
    return [int(n) for n in found]


def _steps_over(name: str, operator: str, start: str, bound: str, body: str) -> bool:
    """True where a variable only ever moves by one step that never meets the bound: from 0 by 2 to 5."""
    made = re.findall(rf"\b{re.escape(name)}=\$\(\(\s*\$?{re.escape(name)}\s*([+-])\s*(\d{{1,9}})\s*\)\)", body)
    made += re.findall(rf"\(\(\s*{re.escape(name)}\s*([+-])=\s*(\d{{1,9}})\s*\)\)", body)
    if operator not in ("-ne", "!=") or len(made) != 1 or len(_steps(name, body)) != 1:
        return False
    step = int(made[0][0] + made[0][1])
    if not step or not all(re.fullmatch(r"-?\d{1,18}", x) for x in (start, bound)):
        return False
    gap = int(bound) - int(start)
    return gap % step != 0 or gap * step < 0


def _steps(name: str, body: str) -> list[str]:
    """How the body changes a variable: "+", "-" or "?"."""
    name = re.escape(name)
    written = rf"\b{name}\s*(?:\+\+|--|[-+*/%]?=(?!=)[^;\n]*)|(?:\+\+|--)\s*{name}\b"
    commands = rf"\b(?:let|read|export|local|unset|printf -v)\s[^\n;]*\b{name}\b"
    changes = re.findall(f"{written}|{commands}", body)
    return [
        "+" if re.search(r"\+\+|\+\s*1\b|\+=", c) else "-" if re.search(r"--|-\s*1\b|-=", c) else "?" for c in changes
    ]


def _holds(left: str, operator: str, right: str) -> bool:
    compare = _COMPARED[operator]
    if re.fullmatch(r"-?\d{1,18}", left) and re.fullmatch(r"-?\d{1,18}", right):
        return bool(compare(int(left), int(right)))
    return operator in ("=", "==", "!=") and bool(compare(left, right))
