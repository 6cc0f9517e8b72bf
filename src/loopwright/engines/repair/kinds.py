"""Samples: a value that stands for all of its kind, where only types are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Kind = Sequence[Any]


class _Unknown:
    """A value of which nothing is known."""


UNKNOWN = _Unknown()


class Arity:
    """A function of the project: how many arguments it needs and takes by place, -1 for any number."""

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most


class Attributes:
    """An object of which only the attributes are known."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names


_PLAIN: dict[str, Any] = {
    "bool": True, "int": 7, "float": 2.5, "complex": 2j, "str": "a", "bytes": b"a", "NoneType": None, "range": range(3),
}  # fmt: skip
_HOLDING: dict[str, Callable[[list[Any]], Any]] = {
    "list": list, "tuple": tuple, "set": lambda items: _hashed(set, items),
    "frozenset": lambda items: _hashed(frozenset, items),
}  # fmt: skip
SCALAR = (bool, int, float, complex, str, bytes, type(None), Arity)
NUMBER = (bool, int, float, complex)
CONTAINER = (list, tuple, set, frozenset, dict, range)


def sample(kind: Kind, objects: Sequence[frozenset[str]] = ()) -> Any:
    """A value of this kind."""
    name = kind[0] if kind else ""
    if name in _PLAIN:
        return _PLAIN[name]
    if name in _HOLDING:
        return _HOLDING[name]([sample(kind[1], objects)])
    if name == "dict":
        key = sample(kind[1], objects)
        return {key if hashable(key) else UNKNOWN: sample(kind[2], objects)}
    if name == "function":
        return Arity(kind[1], kind[2])
    return Attributes(objects[kind[1]]) if name == "object" else UNKNOWN


def hashable(value: Any) -> bool:
    return not isinstance(value, list | dict | set) and not (isinstance(value, tuple) and not all(map(hashable, value)))


def _hashed(of: type, items: list[Any]) -> Any:
    return of(item if hashable(item) else UNKNOWN for item in items)


def usual(value: Any) -> Any:
    """The sample of this value's kind: results stay small, and nothing depends on them."""
    if isinstance(value, tuple(type(plain) for plain in _PLAIN.values())):
        return _PLAIN[type(value).__name__]
    if isinstance(value, list | tuple):
        return type(value)(usual(item) for item in list(value)[:4])
    if isinstance(value, set | frozenset | dict | Arity | Attributes):
        return value
    return UNKNOWN
