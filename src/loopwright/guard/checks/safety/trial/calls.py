"""Calls whose outcome a trial run knows: functions and methods that only compute."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from loopwright.guard.checks.safety.names import words
from loopwright.guard.checks.safety.trial.leaving import Doubt
from loopwright.guard.checks.safety.trial.values import MOST_HELD, UNKNOWN, Queue, Thing, kept

#: Calls that neither change nor end anything, though what they give may be unknown.
QUIET = words(
    "print log info debug warn error isinstance hash id repr format now time perf_counter monotonic random randint",
    "uniform choice sqrt hexdigest digest sha256 md5 stringify toString",
)
_PLAIN: dict[str, Callable[..., Any]] = {
    "len": len, "abs": abs, "int": int, "float": float, "str": str, "bool": bool, "list": list, "tuple": tuple,
    "set": set, "dict": dict, "sum": sum, "min": min, "max": max, "ord": ord, "chr": chr, "round": round, "any": any,
    "all": all, "divmod": divmod, "range": range, "reversed": lambda x: list(reversed(x)), "sorted": sorted,
    "enumerate": lambda x: list(enumerate(x)), "zip": lambda *x: [list(y) for y in zip(*x, strict=False)],
    "queue.Queue": lambda *_: Queue(), "queue.SimpleQueue": Queue, "deque": list,
    "collections.deque": list, "collections.OrderedDict": dict, "frozenset": set,
    "math.floor": math.floor, "math.ceil": math.ceil, "math.sqrt": math.sqrt, "math.isqrt": math.isqrt,
    "math.gcd": math.gcd, "math.fabs": abs, "math.trunc": math.trunc,
}  # fmt: skip
_SCRIPT: dict[str, Callable[..., Any]] = {
    "Math.floor": math.floor, "Math.ceil": math.ceil, "Math.abs": abs, "Math.min": min, "Math.max": max,
    "Math.trunc": math.trunc, "Math.sqrt": math.sqrt, "Math.round": lambda x: math.floor(x + 0.5),
    "Set": lambda *x: dict.fromkeys(x[0]) if x and isinstance(x[0], list) else {},
    "Map": lambda *x: dict(x[0]) if x and isinstance(x[0], list) else {}, "Number": float, "Object.keys": list,
    "Array.isArray": lambda x: isinstance(x, list),
    "Array.from": lambda x, *_: list(x) if isinstance(x, (list, str, set)) else [UNKNOWN] * int(x.fields["length"]),
    "Array": lambda *x: [UNKNOWN] * x[0] if len(x) == 1 else list(x),
    "parseInt": lambda x, *_: int(x), "BigInt": int,
}  # fmt: skip


def plain(ref: str, args: list[Any], script: bool) -> Any:
    """Return what a function of the language gives for known arguments, None where it is not one of those known."""
    act = (_SCRIPT if script else _PLAIN).get(ref)
    if act is None:
        return None
    if any(a is UNKNOWN or (isinstance(a, (list, tuple)) and UNKNOWN in a and ref not in _WHOLE) for a in args):
        return UNKNOWN
    if any(isinstance(a, range) and _long(a) for a in args):
        return UNKNOWN
    if ref in ("Array", "Array.from") and _slots(args) > MOST_HELD:
        return UNKNOWN
    try:
        return kept(act(*args))
    except Exception:  # the call fails for the judged program too, in whatever way: what it gives is not known
        return UNKNOWN


_KINDS: dict[str, type | tuple[type, ...]] = {
    "list": list, "dict": dict, "str": str, "int": int, "float": float, "set": set, "tuple": tuple, "bool": bool,
}  # fmt: skip


def is_instance(value: Any, kind: str) -> Any:
    """Return what `isinstance` says of a known value and one of the language's own types."""
    if value is UNKNOWN or kind not in _KINDS or isinstance(value, (Thing, Queue)):
        return UNKNOWN
    if kind in ("list", "tuple") and isinstance(value, (list, tuple)):  # one stands for the other here
        return UNKNOWN if kind == "tuple" else True
    return isinstance(value, _KINDS[kind])


def _slots(args: list[Any]) -> int:
    """How many places an array has that is made of a number or of `{length: n}`."""
    wanted = args[0].fields.get("length") if args and isinstance(args[0], Thing) else args[0] if len(args) == 1 else 0
    return wanted if isinstance(wanted, int) else 0


def _long(numbers: range) -> bool:
    return numbers[4_000:4_001] != range(0)


_WHOLE = frozenset(
    {"len", "list", "tuple", "Array.isArray", "Array.from", "Array", "enumerate", "reversed", "deque", "bool"}
)


def _splice(items: list[Any], start: int, count: int | None = None, *new: Any) -> list[Any]:
    end = len(items) if count is None else start + count
    taken = items[start:end]
    items[start:end] = new
    return taken


def _put(items: list[Any], *new: Any) -> int:
    items.extend(new)
    return len(items)


def _front(items: list[Any], *new: Any) -> int:
    items[:0] = new
    return len(items)


_LISTS: dict[str, Callable[..., Any]] = {
    "put": list.append, "put_nowait": list.append, "get": lambda x, *_: x.pop(0), "empty": lambda x: not x,
    "qsize": len, "append": list.append, "extend": list.extend, "pop": list.pop, "insert": list.insert,
    "remove": list.remove,
    "clear": list.clear, "index": list.index, "count": list.count, "copy": list.copy, "popleft": lambda x: x.pop(0),
    "appendleft": lambda x, y: x.insert(0, y), "reverse": list.reverse, "sort": lambda x, **_: x.sort(),
}  # fmt: skip
_ARRAYS: dict[str, Callable[..., Any]] = {
    "keys": lambda x: list(range(len(x))), "push": _put, "unshift": _front, "pop": lambda x: x.pop() if x else None,
    "splice": _splice,
    "shift": lambda x: x.pop(0) if x else None, "includes": lambda x, y: y in x,
    "indexOf": lambda x, y: x.index(y) if y in x else -1, "concat": lambda x, *y: sum((z for z in y), list(x)),
    "slice": lambda x, a=0, b=None: x[a:b], "reverse": lambda x: x.reverse() or x, "fill": lambda x, y: [y] * len(x),
}  # fmt: skip
_DICTS: dict[str, Callable[..., Any]] = {
    "get": dict.get, "pop": dict.pop, "keys": list, "values": lambda x: list(x.values()), "clear": dict.clear,
    "items": lambda x: [list(y) for y in x.items()], "setdefault": dict.setdefault, "update": dict.update,
    "popitem": lambda x: list(x.popitem()), "copy": dict.copy,
    "add": lambda x, y: x.setdefault(y), "has": lambda x, y: y in x, "set": lambda x, y, z: x.__setitem__(y, z),
    "delete": lambda x, y: x.pop(y, None),
}  # fmt: skip
_SETS: dict[str, Callable[..., Any]] = {
    "add": set.add, "remove": set.remove, "discard": set.discard, "clear": set.clear, "update": set.update,
    "has": lambda x, y: y in x, "delete": set.discard, "copy": set.copy,
}  # fmt: skip
_TEXTS = words(
    "startswith endswith upper lower strip lstrip rstrip isdigit isalpha isspace isalnum find count replace split join",
    "index title rfind removeprefix removesuffix",
)
_SCRIPT_TEXTS: dict[str, Callable[..., Any]] = {
    "startsWith": str.startswith, "endsWith": str.endswith, "toUpperCase": str.upper, "toLowerCase": str.lower,
    "trim": str.strip, "slice": lambda x, a=0, b=None: x[a:b], "includes": lambda x, y: y in x,
    "indexOf": str.find, "charAt": lambda x, y: x[y : y + 1], "repeat": lambda x, y: x * y,
    "substring": lambda x, a=0, b=None: x[a:b], "charCodeAt": lambda x, y=0: ord(x[y]),
    "split": lambda x, y=None: list(x) if y == "" else x.split(y), "concat": lambda x, *y: x + "".join(y),
}  # fmt: skip


def _most(holder: Any, name: str, args: list[Any]) -> int:
    """How many items or characters a method may make at the most, found out before it is called."""
    sizes = [len(a) for a in args if isinstance(a, (str, list, tuple, dict, set, range))]
    if name == "replace":
        return (len(holder) + 1) * (max(sizes, default=0) + 1)
    if name == "join" and args and isinstance(args[0], (list, tuple)):
        return sum(len(x) for x in args[0] if isinstance(x, str)) + len(holder) * len(args[0])
    if name == "repeat":
        return len(holder) * int(args[0]) if args and isinstance(args[0], (int, float)) else 0
    return len(holder) + sum(sizes) + len(args)


def method(holder: Any, name: str, args: list[Any], script: bool) -> Any:
    """Return (what a method gives,), None where the method is not known; a failure gives UNKNOWN."""
    act: Callable[..., Any] | None = None
    if isinstance(holder, list):
        act = (_ARRAYS if script else _LISTS).get(name)
    elif isinstance(holder, dict):
        act = _DICTS.get(name)
    elif isinstance(holder, set):
        act = _SETS.get(name)
    elif isinstance(holder, str):
        act = _SCRIPT_TEXTS.get(name) if script else getattr(str, name, None) if name in _TEXTS else None
    if act is None:
        return None
    storing = name in ("append", "push", "unshift", "appendleft", "insert", "set", "setdefault", "fill")
    if any(a is UNKNOWN for a in args) and not (storing and isinstance(holder, (list, dict))):
        return None
    if _most(holder, name, args) > MOST_HELD:
        if isinstance(holder, str):
            return (UNKNOWN,)
        raise Doubt  # it would grow in place, here as well
    try:
        return (kept(act(holder, *args)),)
    except Exception:  # the call fails for the judged program too, in whatever way: what it gives is not known
        return (UNKNOWN,)
