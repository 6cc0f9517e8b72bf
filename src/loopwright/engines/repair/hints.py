"""What the kind of a failure says of the edit that cures it, where it was raised by a line of the project."""

from __future__ import annotations

import ast
import os.path
from dataclasses import dataclass, field

from loopwright.core.expression import expression
from loopwright.engines.repair.baseline import Baseline
from loopwright.engines.repair.site import Site

_ARGUMENTS = expression(r"argument|positional|keyword|callable|takes \d|missing \d")
#: What ends a loop or a recursion that has no end: a step, a mark, a way out.
_ENDING = ("add-step", "add-call", "guard", "settled", "add-membership", "add-comparison", "copy", "take-out")
ENDS = 2.5
#: Where two values do not go together: what makes one of them another value, and what only does not ask any more.
_FITTING = ("add-subscript", "look-up", "wrap", "variable", "to-name", "attribute", "add-attribute")
_HIDING = ("comparison", "arithmetic")
_QUOTED = expression(r"['\"](\w+)['\"]")


@dataclass(frozen=True)
class Hint:
    """A failure raised at a line: its exception and the words its message quotes."""

    kind: str
    words: frozenset[str]
    arguments: bool
    kinds: bool = False  # two values of kinds that do not go together


@dataclass
class Hints:
    """Hints by path relative to the root and line."""

    at: dict[tuple[str, int], list[Hint]] = field(default_factory=dict)
    endless: bool = False  # a failing test never ended

    def weight(self, site: Site, operator: str) -> float:
        """How much likelier the operator is to cure here, given how the tests fail; 1 where nothing is known."""
        found = self.at.get((site.source.path, site.line), ())
        ends = ENDS if self.endless and operator in _ENDING else 1.0
        return ends * max((_fit(hint, site, operator) for hint in found), default=1.0)


def hints(baseline: Baseline, failing: list[int]) -> Hints:
    """Read the failures of these tests."""
    found = Hints(endless=any(test in baseline.late or _deep(baseline, test) for test in failing))
    for test in failing:
        failure = baseline.outcomes[test].failure
        frames = failure.get("frames") or []
        if not frames or os.path.relpath(frames[-1][0], baseline.root).startswith(".."):
            continue
        path, message = os.path.relpath(frames[-1][0], baseline.root), str(failure.get("message", ""))
        words = frozenset(_QUOTED.findall(message))
        apart = "not supported between" in message or "unsupported operand" in message
        hint = Hint(str(failure.get("type", "")), words, bool(_ARGUMENTS.search(message)), apart)
        found.at.setdefault((path, frames[-1][1]), []).append(hint)
    return found


def _deep(baseline: Baseline, test: int) -> bool:
    return baseline.outcomes[test].failure.get("type") == "RecursionError"


def _fit(hint: Hint, site: Site, operator: str) -> float:
    node = site.node
    if hint.kind in ("NameError", "UnboundLocalError", "ImportError"):
        named = isinstance(node, ast.Name) and node.id in hint.words
        return 6.0 if named or operator == "exception" else 1.0
    if hint.kind == "AttributeError":
        named = isinstance(node, ast.Attribute) and node.attr in hint.words
        return 5.0 if named else 2.0 if operator in ("add-check", "guard", "variable") else 1.0
    if hint.kind == "IndexError":
        inside = any(isinstance(p, ast.Subscript) and p.slice in (node, *site.parents) for p in site.parents)
        return 6.0 if operator in ("within", "held") else 4.0 if inside else 1.0
    if hint.kind == "KeyError":
        inside = any(isinstance(p, ast.Subscript) and p.slice in (node, *site.parents) for p in site.parents)
        return 3.0 if inside or operator == "get" else 1.0
    if hint.kind == "TypeError" and hint.kinds:
        return 0.2 if operator in _HIDING else 3.0 if operator in _FITTING else 1.0
    if hint.kind == "TypeError":
        return 3.0 if hint.arguments and operator.endswith(("-argument", "-arguments")) else 1.0
    if hint.kind == "ZeroDivisionError":
        divides = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod)
        dodges = operator == "arithmetic" and not divides  # `a + b` for the `a - b` that something is divided by
        likely = isinstance(node, ast.BinOp) or operator in ("guard", "add-check")
        return 3.0 if likely and not dodges else 1.0
    return 1.0
