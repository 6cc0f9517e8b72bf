"""The calls that tests make into the project, with their arguments as they were, and more like them.

Other inputs come from those: one argument a little changed, or taken from another call of the same function.
"""

from __future__ import annotations

import base64
import pickle
import random
import sys
from collections.abc import Callable, Iterator
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loopwright.inside import repair_swap
else:
    import repair_swap

VARARGS, VARKEYWORDS, RESUMED = 0x04, 0x08, 0x20 | 0x80 | 0x200  # flags of code objects
LARGEST = 16 << 10  # bytes of one call's arguments
ATTEMPTS = 60  # calls of one function looked at
INPUTS = 120  # inputs made in all
DOUBLED = 50  # a sequence that has so many elements at most is also made longer by its own end
Place = tuple[str, int]  # file, first line of a function
Call = tuple[str, str, bytes]  # file, qualified name, pickled (positional, keyword) arguments


class Recorder:
    """Watches which functions of the project are called from outside it, while the functions at `units` run.

    An empty `units` stands for all.
    """

    def __init__(self, wanted: Callable[[str], bool], units: set[Place]) -> None:
        self._wanted, self._units = wanted, units
        self._kinds: dict[CodeType, tuple[bool, bool]] = {}
        self._stack: list[FrameType] = []
        self._first: tuple[Call | None, bool] = (None, False)
        self._looked: dict[str, int] = {}
        self.calls: dict[Call, None] = {}

    def start(self) -> None:
        self._stack = []
        sys.setprofile(self._event)

    def stop(self) -> None:
        """Keep what is still under way: a call that never returns is one worth knowing."""
        sys.setprofile(None)
        self._keep()
        self._stack = []

    def _event(self, frame: FrameType, event: str, arg: object) -> None:
        if event == "call":
            open_, unit = self._kind(frame.f_code)
            if open_:
                if not self._stack:
                    self._first = (self._snapshot(frame), not self._units)
                self._stack.append(frame)
            if unit and self._stack:
                self._first = (self._first[0], True)
        elif event == "return" and self._stack and self._stack[-1] is frame:
            self._stack.pop()
            if not self._stack:
                self._keep()

    def _keep(self) -> None:
        call, touched = self._first
        if call is not None and touched:
            self.calls.setdefault(call)
        self._first = (None, False)

    def _kind(self, code: CodeType) -> tuple[bool, bool]:
        """Whether a call can be made again by name, and whether it is of one of the units."""
        if code not in self._kinds:
            mine = self._wanted(code.co_filename)
            named = mine and not code.co_name.startswith("<") and set(code.co_freevars) <= {"__class__"}
            self._kinds[code] = (named, mine and (code.co_filename, code.co_firstlineno) in self._units)
        return self._kinds[code]

    def _snapshot(self, frame: FrameType) -> Call | None:
        code, values = frame.f_code, frame.f_locals
        name = repair_swap.qualified(code)
        self._looked[name] = self._looked.get(name, 0) + 1
        if self._looked[name] > ATTEMPTS:
            return None
        count = code.co_argcount
        names = code.co_varnames
        only = count + code.co_kwonlyargcount
        more = [names[only]] if code.co_flags & VARARGS else []
        rest = [names[only + len(more)]] if code.co_flags & VARKEYWORDS else []
        if code.co_flags & RESUMED and set(values) - {*names[:only], *more, *rest, *code.co_freevars}:
            return None  # a generator that goes on
        sys.setprofile(None)  # pickling may call the project's own methods
        try:
            given = [values[n] for n in names[:count]] + [v for n in more for v in values[n]]
            keywords = {n: values[n] for n in names[count:only]} | {k: v for n in rest for k, v in values[n].items()}
            data = _pickled((given, keywords))
        finally:
            sys.setprofile(self._event)
        return (code.co_filename, name, data) if data else None


def rows(calls: list[Call]) -> Iterator[list[Any]]:
    """Calls for the engine: number, file, name, arguments as text, how a person would write it, made up or not."""
    made = [(call, False) for call in calls[: INPUTS // 2]]
    made += [(call, True) for call in variations(calls, INPUTS - len(made))]
    for number, ((file, name, data), other) in enumerate(made):
        yield [number, file, name, base64.b64encode(data).decode(), written(name, data), other]


def written(name: str, data: bytes) -> str:
    """A call as a person would write it."""
    given, keywords = pickle.loads(data)  # noqa: S301  # made by this process
    try:
        parts = [repr(value) for value in given] + [f"{key}={value!r}" for key, value in keywords.items()]
    except Exception:  # the project's own `__repr__` may raise anything
        parts = ["..."]
    text = f"{name}({', '.join(parts)})"
    return text if len(text) <= 160 else text[:157] + "..."


def variations(calls: list[Call], most: int) -> list[Call]:
    """Calls like these, each with one argument changed; the same ones every time."""
    chance = random.Random(1)  # noqa: S311  # nothing secret
    known = set(calls)
    found: list[Call] = []
    for _ in range(most * 3 if calls else 0):
        if len(found) >= most:
            break
        file, name, data = calls[chance.randrange(len(calls))]
        given, keywords = pickle.loads(data)  # noqa: S301  # made by this process
        if not _change(given, keywords, [c for c in calls if c[:2] == (file, name)], chance):
            continue
        call = (file, name, _pickled((given, keywords)))
        if call[2] and call not in known:
            known.add(call)
            found.append(call)
    return found


def _pickled(arguments: Any) -> bytes:
    """The arguments as bytes; b"" where they are too large or cannot be pickled: those cannot be tried again."""
    try:
        data = pickle.dumps(arguments)
    except Exception:  # the project's own objects may raise anything
        return b""
    return data if len(data) <= LARGEST else b""


def _change(given: list[Any], keywords: dict[str, Any], alike: list[Call], chance: random.Random) -> bool:
    places: list[Any] = [*range(len(given)), *keywords]
    if not places:
        return False
    place = chance.choice(places)
    into: Any = given if isinstance(place, int) else keywords
    before = into[place]
    if chance.random() < 0.25:
        others = pickle.loads(chance.choice(alike)[2])  # noqa: S301  # made by this process
        source = others[0] if isinstance(place, int) else others[1]
        with_place = place < len(source) if isinstance(place, int) else place in source
        if with_place and type(source[place]) is type(before):
            into[place] = source[place]
    else:
        into[place] = varied(before, chance)
    return into[place] is not before


def varied(value: Any, chance: random.Random, depth: int = 0) -> Any:
    """A value of the same type, a little different; the value itself where its type is not a plain one."""
    kind = type(value)
    if kind is bool:
        return not value
    if kind in (int, float):
        return kind(chance.choice((value + 1, value - 1, -value, value * 2, 0, 1, value + 10)))
    if kind in (str, bytes, list, tuple) and depth < 4:
        return _sequence(value, chance, depth)
    if kind in (set, frozenset) and value:
        items = sorted(value, key=repr)
        return kind(_sequence(items, chance, depth))
    if kind is dict and value and depth < 4:
        changed = dict(value)
        key = chance.choice(list(changed))
        if chance.random() < 0.25:
            del changed[key]
        else:
            changed[key] = varied(changed[key], chance, depth + 1)
        return changed
    return value


def _sequence(value: Any, chance: random.Random, depth: int) -> Any:
    size = len(value)
    at = chance.randrange(size) if size else 0
    to = chance.randrange(size) if size else 0
    one = value[at : at + 1]
    way = chance.randrange(8)
    if way == 0:
        return value[:at] + value[at + 1 :]
    if way == 1:
        return value[:to] + one + value[to:]
    if way == 2:
        return value[::-1]
    if way == 3:
        return value[: at + 1]
    if way == 7 and size <= DOUBLED:
        return value[to:] + value
    if way == 4 or isinstance(value, (str, bytes)):
        return value[:to] + one + value[to + 1 :]
    inner = [varied(item, chance, depth + 1) if i == at else item for i, item in enumerate(value)]
    return inner if isinstance(value, list) else tuple(inner)
