"""Of what type the names are where each line of the project is first reached: what a tracer sees, as plain data.

An edit of a line decides nothing before that line is first reached, so what the names hold there is what the edit
will find. A kind is a list: ["int"], ["list", kind of its elements], ["function", least, most arguments],
["object", place in the table of attributes], or [] where nothing is known.
"""

from __future__ import annotations

import builtins
import itertools
import json
import signal
import sys
import threading
from collections.abc import Callable
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loopwright.inside import repair_swap, repair_worker
else:
    import repair_swap
    import repair_worker

PLAIN = (bool, int, float, complex, str, bytes, type(None), range)
HOLDING = (list, tuple, set, frozenset)
DEPTH, ELEMENTS = 2, 5  # how deep into what holds others, and how many of them are looked at
OBJECTS = 200  # kinds of objects told apart
NAMES = 1000  # where a module, a function or an object has more, nothing is said of it
HIDES = ("__getattr__", "__getattribute__")
Kind = list[Any]


class Types:
    """Watches the first visit of each line of the wanted files, in one test after the other."""

    def __init__(self, wanted: Callable[[str], bool]) -> None:
        self._wanted = wanted
        self._local: dict[CodeType, Any] = {}
        self._known: dict[tuple[type, frozenset[str]], int] = {}
        self.objects: list[list[str]] = []  # the attributes of each kind of object
        self.modules: dict[str, dict[str, Kind]] = {}  # what the names of a file's module hold
        self.names: list[list[str]] = []  # the names of each function
        self.lines: dict[str, dict[int, list[Any]]] = {}  # file, line: the function's names, the kinds of those set

    def start(self) -> None:
        self._local, self.lines = {}, {}
        threading.settrace(self._call)
        sys.settrace(self._call)

    def stop(self) -> None:
        sys.settrace(None)
        threading.settrace(None)

    def _call(self, frame: FrameType, event: str, arg: object) -> Any:
        code = frame.f_code
        if code not in self._local:
            follow = self._wanted(code.co_filename) and not code.co_name.startswith("<")
            self._local[code] = self._follow(frame, code) if follow else None
        return self._local[code]

    def _follow(self, frame: FrameType, code: CodeType) -> Any:
        seen = self.lines.setdefault(code.co_filename, {})
        if code.co_filename not in self.modules and len(frame.f_globals) <= NAMES:
            self.modules[code.co_filename] = self._kinds(frame.f_globals)
        names = len(self.names)
        self.names.append([*code.co_varnames, *code.co_cellvars, *code.co_freevars])

        def line(frame: FrameType, event: str, arg: object) -> Any:
            if event == "line" and frame.f_lineno not in seen and len(frame.f_locals) <= NAMES:
                seen[frame.f_lineno] = [names, self._kinds(frame.f_locals)]
            return line

        return line

    def _kinds(self, held: dict[str, Any]) -> dict[str, Kind]:
        return {name: self.kind(value) for name, value in list(held.items())}

    def kind(self, value: Any, depth: int = 0) -> Kind:
        """The kind of a value; what is no plain value of Python is told by its attributes alone."""
        of = type(value)
        if of in PLAIN:
            return [of.__name__]
        if of in HOLDING or of is dict:
            inner = [self._same(part, depth) for part in ((value, value.values()) if of is dict else (value,))]
            return [of.__name__, *inner]
        if of is FunctionType:
            return ["function", *arity(value)]
        return self._object(value, of)

    def _same(self, values: Any, depth: int) -> Kind:
        """The kind of the first elements, [] where they differ."""
        if depth >= DEPTH:
            return []
        kinds = [self.kind(value, depth + 1) for value in itertools.islice(values, ELEMENTS)]
        return kinds[0] if kinds and all(kind == kinds[0] for kind in kinds) else []

    def _object(self, value: Any, of: type) -> Kind:
        try:
            if isinstance(value, type) or (of.__module__ == builtins.__name__ and of is not ModuleType):
                return []
            if any(name in vars(base) for base in of.__mro__[:-1] for name in HIDES if base is not ModuleType):
                return []
            own = vars(value) if hasattr(value, "__dict__") else {}
            if "__getattr__" in own or len(own) > NAMES:
                return []
            key = (of, frozenset(own))
            if key not in self._known and len(self.objects) < OBJECTS:
                self._known[key] = len(self.objects)
                self.objects.append(sorted({*own, *(n for base in of.__mro__ for n in vars(base))}))
            return ["object", self._known[key]] if key in self._known else []
        except Exception:  # a project's own objects decide what looking at them does
            return []


def arity(function: FunctionType) -> tuple[int, int]:
    """How many arguments a function needs and takes by place; -1 for any number."""
    code = function.__code__
    least = code.co_argcount - len(function.__defaults__ or ())
    return least, -1 if code.co_flags & 0x04 else code.co_argcount


def see(suite: repair_worker.Suite, job: repair_worker.Job, line: repair_worker.Line, wanted: Any) -> None:
    """Run the job's one test and say what was seen: lines, the names of functions, modules, kinds of objects."""
    tests = {repair_swap.real(file) for file in suite.files if file}
    types = Types(lambda file: wanted(file) and repair_swap.real(file) not in tests)

    def end(*_: Any) -> None:
        types.stop()
        signal.setitimer(signal.ITIMER_PROF, 0)
        line.write(json.dumps([types.lines, types.names, types.modules, types.objects]))

    def late(*_: Any) -> None:
        end()
        line.end("")
        repair_worker.leave()

    def before(index: int) -> None:
        line.at(index)
        signal.signal(signal.SIGPROF, late)
        signal.setitimer(signal.ITIMER_PROF, job["cpu"])
        types.start()

    for _ in suite.run(job["tests"][:1], before, True):
        types.stop()
    end()
