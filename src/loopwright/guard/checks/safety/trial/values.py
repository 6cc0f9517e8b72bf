"""Values of a trial run: those of the program where they are known, UNKNOWN where they are not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from loopwright.guard.checks.safety.flow import tree as t

#: Longer containers and texts, and longer numbers, are not kept.
MOST_ITEMS, MOST_BITS = 4_000, 2_048
MOST_HELD = 50_000


class _Unknown:
    """The value of which nothing is known."""

    def __repr__(self) -> str:
        return "?"


UNKNOWN: Any = _Unknown()


class Frame:
    """The names of a function while it runs."""

    __slots__ = ("func", "names", "outer", "outside", "this")

    def __init__(self, outer: Frame | None = None, func: t.Func | None = None) -> None:
        self.names: dict[str, Any] = {}
        self.outer = outer
        self.func = func
        self.outside: set[str] = set()  # names declared to be those of an outer function
        self.this: Any = UNKNOWN

    def find(self, name: str) -> Frame | None:
        at: Frame | None = self
        while at is not None and name not in at.names:
            at = at.outer
        return at


class Thing:
    """An object: one of a class of the source, or a literal of JavaScript."""

    __slots__ = ("fields", "kind")

    def __init__(self, kind: t.Class | None, fields: dict[str, Any]) -> None:
        self.kind = kind
        self.fields = fields


class Routine:
    """A function with the names around it, and the object it is bound to."""

    __slots__ = ("frame", "func", "this")

    def __init__(self, func: t.Func, frame: Frame, this: Any = UNKNOWN) -> None:
        self.func = func
        self.frame = frame
        self.this = this


class Kind:
    """A class of the source."""

    __slots__ = ("frame", "node")

    def __init__(self, node: t.Class, frame: Frame) -> None:
        self.node = node
        self.frame = frame


class Queue(list[Any]):
    """A queue: who takes from it while it is empty waits."""


class Module:
    """What an import gives: its dotted name."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


def truth(value: Any, script: bool) -> bool | None:
    """Return whether a test of the value holds, None where that is not known."""
    if value is UNKNOWN:
        return None
    if isinstance(value, (Thing, Routine, Kind, Module)) or (script and isinstance(value, (list, dict, set, tuple))):
        return True
    return bool(value)


def _joined(a: Any, b: Any) -> Any:
    if isinstance(a, list) and isinstance(b, list) and len(a) + len(b) > MOST_HELD:
        return UNKNOWN
    return a + b


def _kind(value: Any) -> str:
    """What JavaScript's `typeof` says."""
    kinds = ((bool, "boolean"), ((int, float), "number"), (str, "string"), ((Routine, Kind), "function"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "object")


_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": _joined, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b, "//": lambda a, b: a // b,
    "%": lambda a, b: a % b, "&": lambda a, b: a & b, "|": lambda a, b: a | b, "^": lambda a, b: a ^ b,
    ">>": lambda a, b: a >> b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b, "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
    "typeof": lambda a, _: _kind(a), "in": lambda a, b: a in b, "not in": lambda a, b: a not in b,
}  # fmt: skip
_SAME = (bool, type(None))


def operate(op: str, a: Any, b: Any, script: bool) -> Any:
    """Return what an operation gives, UNKNOWN where it is not known or fails."""
    if a is UNKNOWN or b is UNKNOWN:
        return UNKNOWN
    if op in ("is", "is not"):
        return (a is b or (type(a) is type(b) and isinstance(a, (int, str)) and a == b)) == (op == "is")
    if op in ("**", "<<"):
        return _grown(op, a, b)
    if op == "*" and isinstance(a, list) and isinstance(b, int) and len(a) * b <= MOST_HELD:
        return a * b
    if op == "*" and isinstance(a, (str, bytes)) and isinstance(b, int):
        return a * b if len(a) * b <= MOST_HELD else UNKNOWN
    if op in ("*", "%") and not all(isinstance(x, (int, float)) for x in (a, b)):
        return UNKNOWN
    if script and (op not in ("==", "!=", "typeof") and not _alike(a, b)):
        return UNKNOWN
    act = _OPERATIONS.get(op)
    try:
        made = act(a, b) if act is not None else UNKNOWN
    except (TypeError, ValueError, ZeroDivisionError, OverflowError, RecursionError):
        return UNKNOWN
    if script and op == "/" and isinstance(made, float) and made.is_integer():
        made = int(made)
    return kept(made)


def _alike(a: Any, b: Any) -> bool:
    return all(isinstance(x, (int, float)) for x in (a, b)) or all(isinstance(x, str) for x in (a, b))


def _grown(op: str, a: Any, b: Any) -> Any:
    if not all(isinstance(x, int) for x in (a, b)) or not 0 <= b < MOST_BITS or abs(a).bit_length() * b > MOST_BITS:
        return UNKNOWN
    return a**b if op == "**" else a << b


def kept(value: Any) -> Any:
    """Return the value, UNKNOWN where it is too large to go on with."""
    if isinstance(value, int):
        return value if value.bit_length() <= MOST_BITS else UNKNOWN
    if isinstance(value, (str, bytes, list, tuple, dict, set)):
        return value if len(value) <= MOST_HELD else UNKNOWN
    return value


def freeze(value: Any, seen: dict[int, int], left: list[int]) -> Any:
    """Return what tells a value from others, to compare states by; `left[0]` counts down what may be looked at."""
    left[0] -= 1
    if left[0] < 0:
        raise OverflowError
    if isinstance(value, (Thing, list, dict, set, tuple)):
        if id(value) in seen:
            return ("again", seen[id(value)])
        seen[id(value)] = len(seen)
    if isinstance(value, Thing):
        return ("thing", *((k, freeze(x, seen, left)) for k, x in value.fields.items() if k != "%frame"))
    if isinstance(value, dict):
        return ("dict", *((freeze(k, seen, left), freeze(x, seen, left)) for k, x in value.items()))
    if isinstance(value, (list, tuple)):
        return (type(value).__name__, *(freeze(x, seen, left) for x in value))
    if isinstance(value, set):
        left[0] -= len(value)
        return ("set", frozenset(x if isinstance(x, (int, str, float)) else id(x) for x in value))
    if isinstance(value, (int, float, str, bytes, type(None))):
        return (type(value).__name__, value)
    return ("id", id(value))
