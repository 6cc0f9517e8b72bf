"""Make the running process behave as if one source file had been edited: nothing on the disk changes."""

from __future__ import annotations
import __future__

import gc
import importlib.machinery
import os
import sys
from types import CodeType, FunctionType, ModuleType
from typing import Any

_PLAIN = importlib.machinery.SourceFileLoader.get_code
FUTURES = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names) & ~0x10

Edit = dict[str, Any]  # file, splices [[start, end, text]], and for a function body: snippet, path, first
Key = tuple[str, int, str]


class CannotSwap(Exception):
    """The edit needs the modules to be imported again."""


class Functions:
    """The live functions of the process by the place they were defined at; made before forking, read after."""

    def __init__(self) -> None:
        self._found: dict[Key, list[FunctionType]] = {}
        self._named: dict[tuple[str, str], list[FunctionType]] = {}
        self.files: set[str] = set()  # of the modules loaded when the index was made

    def index(self) -> None:
        self._found, self._named = {}, {}
        paths = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
        self.files = {real(path) for path in paths if isinstance(path, str)}
        for thing in gc.get_objects():
            if type(thing) is FunctionType:
                code = thing.__code__
                key = (real(code.co_filename), code.co_firstlineno, code.co_name)
                self._found.setdefault(key, []).append(thing)
                self._named.setdefault((key[0], qualified(code)), []).append(thing)

    def at(self, file: str, code: CodeType) -> list[FunctionType]:
        return self._found.get((file, code.co_firstlineno, code.co_name), [])

    def named(self, file: str, first: int, name: str) -> list[FunctionType]:
        return self._found.get((file, first, name), [])

    def called(self, file: str, name: str) -> list[FunctionType]:
        """The functions of this dotted name (see `qualified`), wherever in the file they stand."""
        return self._named.get((file, name), [])


def qualified(code: CodeType) -> str:
    """The function's dotted name in its module (before Python 3.11 only its own name)."""
    return str(getattr(code, "co_qualname", code.co_name))


_REAL: dict[str, str] = {}


def real(path: str) -> str:
    """os.path.realpath, remembered."""
    if path not in _REAL:
        _REAL[path] = os.path.realpath(path)
    return _REAL[path]


def edited(data: bytes, splices: list[list[Any]]) -> bytes:
    """The source with its splices applied; each replaces the bytes from start to end. Later ones are given first."""
    for start, end, text in sorted(splices, key=lambda s: -int(s[0])):
        data = data[:start] + text.encode("latin-1") + data[end:]
    return data


def override(edits: list[Edit]) -> None:
    """Have every later import of an edited file compile the edited source."""
    sources: dict[str, bytes] = {}
    for edit in edits:
        if not edit["splices"]:
            continue  # another edit of the same file holds them all
        with open(edit["file"], "rb") as file:  # no pathlib: a project may replace it
            sources[real(edit["file"])] = edited(file.read(), edit["splices"])
    plain = _PLAIN

    def get_code(self: Any, fullname: str) -> Any:
        path = self.get_filename(fullname)
        source = sources.get(real(path))
        if source is None:
            return plain(self, fullname)
        return compile(source, path, "exec", dont_inherit=True)

    importlib.machinery.SourceFileLoader.get_code = get_code  # type: ignore[method-assign]


def swap(edit: Edit, functions: Functions) -> None:
    """Give every live function of the edited definition its new code and defaults. Raises CannotSwap, SyntaxError."""
    file = real(edit["file"])
    if file not in functions.files:
        return  # it is imported later, with the edit in place
    if not edit.get("path"):
        raise CannotSwap
    live = functions.named(file, edit["first"], edit["path"][-1])
    if not live:
        raise CannotSwap
    old = live[0].__code__
    module = compile(edit["snippet"], old.co_filename, "exec", flags=old.co_flags & FUTURES, dont_inherit=True)
    new = inner(module, edit["path"])
    for function in live:
        put(function, new)
    follow(old, new, file, functions)
    if edit.get("signature"):
        defaults(live, edit)


def inner(code: CodeType, path: list[str]) -> CodeType:
    for name in path:
        found = [c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name]
        if not found:
            raise CannotSwap
        code = found[-1]
    return code


_before: list[tuple[FunctionType, CodeType, Any, Any]] = []  # functions as they were ahead of the edit


def put(function: FunctionType, code: CodeType) -> None:
    if function.__code__.co_freevars != code.co_freevars:
        raise CannotSwap
    _before.append((function, function.__code__, function.__defaults__, function.__kwdefaults__))
    function.__code__ = code


def undo() -> None:
    """Take back all edits made in this process."""
    while _before:
        function, code, defaults, named = _before.pop()
        function.__code__, function.__defaults__, function.__kwdefaults__ = code, defaults, named
    importlib.machinery.SourceFileLoader.get_code = _PLAIN  # type: ignore[method-assign]


def follow(old: CodeType, new: CodeType, file: str, functions: Functions) -> None:
    """Closures made before the edit get the new code of their definition as well."""
    mine = [c for c in old.co_consts if isinstance(c, CodeType)]
    theirs = [c for c in new.co_consts if isinstance(c, CodeType)]
    for before in mine:
        live = functions.at(file, before)
        after = [c for c in theirs if c.co_name == before.co_name]
        twin = after[0] if len(after) == 1 else None
        if live and twin is None:
            raise CannotSwap
        if twin is not None:
            for function in live:
                put(function, twin)
            follow(before, twin, file, functions)


def defaults(live: list[FunctionType], edit: Edit) -> None:
    """Evaluate the edited parameter defaults where the function was defined."""
    if len(edit["path"]) > 1:
        raise CannotSwap  # defaults of methods may need names of the class body
    namespace = dict(live[0].__globals__)
    exec(compile(edit["snippet"], edit["file"], "exec", dont_inherit=True), namespace)  # noqa: S102  # the project's own code
    made = namespace[edit["path"][-1]]
    for function in live:
        function.__defaults__, function.__kwdefaults__ = made.__defaults__, made.__kwdefaults__


def project_modules(root: str) -> list[str]:
    """Names of loaded modules that lie outside root: what a fresh interpreter may import beforehand."""
    names = []
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if not isinstance(module, ModuleType) or name.startswith("repair_"):
            continue
        if path is None or not real(path).startswith(root + os.sep):
            names.append(name)
    return names
