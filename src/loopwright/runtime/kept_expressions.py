"""Compiled expressions of this program, kept where the interpreter keeps the bytecode of its modules.

To compile the three hundred expressions that an instruction file asks for takes more than all other work on it. What is
kept is what the interpreter's own compiler made of an expression (re/_compiler.py of its standard library), with the
same standing as the bytecode beside it: whoever can write there can change the program itself, and it is written only
where bytecode is. It is asked for by the expression, so that one that was changed is compiled anew.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import re
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, AnyStr

import loopwright
from loopwright.core import expression
from loopwright.core.expression import Words

#: Beyond so many the file is begun anew: expressions of earlier releases stay in it till then.
_MOST = 3000
#: How the file is built up: to be raised with it.
_FORM = 3
_Key = tuple[str | bytes, int]


def _place() -> Path | None:
    """Beside the bytecode; None where this interpreter keeps none."""
    bytecode = loopwright.__spec__.cached if loopwright.__spec__ else None
    return Path(bytecode).with_name(f"expressions.{sys.implementation.cache_tag}.bin") if bytecode else None


class KeptExpressions:
    """Implements Known. What cannot be read or written is compiled, as ever."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._compiler, self._sre = import_module("re._compiler"), import_module("_sre")
        self._parser = import_module("re._parser")
        self._release = (_FORM, sys.version, self._sre.MAGIC, self._sre.CODESIZE)
        self._compiled: dict[_Key, bytes] = {}  # each by itself: most runs need few of them
        self._words: dict[str, Words] = {}
        self._grown = False
        self._read()

    def compile(self, source: AnyStr, flags: int) -> re.Pattern[AnyStr]:
        """As `re.compile`."""
        key = (source, int(flags))
        try:
            if key not in self._compiled:
                self._compiled[key] = self._build(source, int(flags))
                self._grown = True
            final, code, groups, names, numbers = marshal.loads(self._compiled[key])  # noqa: S302 - as below
            numerals = memoryview(code).cast("I").tolist()
            found: re.Pattern[AnyStr] = self._sre.compile(source, final, numerals, groups, names, numbers)
        except (
            AttributeError,
            EOFError,
            TypeError,
            ValueError,
            RuntimeError,
        ):  # an interpreter whose compiler is another one
            self._compiled.pop(key, None)
            return re.compile(source, flags)
        return found

    def words(self, source: str, find: Callable[[str], Words]) -> Words:
        """What `find` returns for the source."""
        if source not in self._words:
            self._words[source] = find(source)
            self._grown = True
        return self._words[source]

    def keep(self) -> None:
        """Write what is new, where the interpreter may keep bytecode."""
        if not self._grown or sys.dont_write_bytecode:
            return
        if len(self._compiled) + len(self._words) > _MOST:
            self._compiled, self._words = {}, {}
        beside = self._place.with_name(f"{self._place.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            self._place.parent.mkdir(parents=True, exist_ok=True)
            try:
                beside.write_bytes(marshal.dumps((self._release, self._compiled, self._words)))
                beside.replace(self._place)
            finally:
                beside.unlink(missing_ok=True)

    def _read(self) -> None:
        try:
            release, compiled, words = marshal.loads(self._place.read_bytes())  # noqa: S302 - as the bytecode beside it
        except (OSError, EOFError, ValueError, TypeError):
            return
        if release == self._release:
            self._compiled, self._words = compiled, words

    def _build(self, source: str | bytes, flags: int) -> bytes:
        """What `_sre.compile` is called with, but for the source."""
        tree = self._parser.parse(source, flags)
        code = b"".join(number.to_bytes(4, sys.byteorder) for number in self._compiler._code(tree, flags))
        state: Any = tree.state
        numbers: list[str | None] = [None] * state.groups
        for name, number in state.groupdict.items():
            numbers[number] = name
        return marshal.dumps((flags | state.flags, code, state.groups - 1, dict(state.groupdict), tuple(numbers)))


@contextlib.contextmanager
def kept_expressions() -> Iterator[None]:
    """Until it is left, expressions are taken from what earlier processes compiled; then what is new is kept."""
    place = _place()
    if place is None:
        yield
        return
    kept = KeptExpressions(place)
    expression.remember(kept)
    try:
        yield
    finally:
        expression.remember(None)
        kept.keep()
