"""Regular expressions that are compiled at their first use.

Compiling all tables of expressions at import took a fifth of the CPU of a start (0.1 s for 600), and a run needs few.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, AnyStr, Protocol, cast

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "subn")

#: Sets of words: every match of an expression holds at least one word of each set.
Words = tuple[tuple[str, ...], ...]


class Known(Protocol):
    """What was found out about expressions before, perhaps by another process."""

    def compile(self, source: AnyStr, flags: int) -> re.Pattern[AnyStr]:
        """As `re.compile`."""
        ...

    def words(self, source: str, find: Callable[[str], Words]) -> Words:
        """What `find` returns for the source."""
        ...


class _Nothing:
    """Implements Known where nothing is kept."""

    def compile(self, source: AnyStr, flags: int) -> re.Pattern[AnyStr]:
        return re.compile(source, flags)

    def words(self, source: str, find: Callable[[str], Words]) -> Words:
        return find(source)


_known: Known = _Nothing()


def remember(known: Known | None) -> None:
    """Ask this for every expression from now on; None: know nothing."""
    global _known
    _known = known or _Nothing()


def compiled(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As `re.compile`, for an expression that stands in this program: one made of a user's text is not to be kept."""
    return _known.compile(source, flags)


def words_of(source: str, find: Callable[[str], Words]) -> Words:
    """What `find` tells of an expression that stands in this program."""
    return _known.words(source, find)


class _Waiting:
    """Stands for a `re.Pattern` until one of its attributes is asked for; hands its methods through from then on."""

    def __init__(self, source: Any, flags: int) -> None:
        self._source, self._flags = source, flags

    def __getattr__(self, name: str) -> Any:
        pattern = compiled(self._source, self._flags)
        vars(self).update({method: getattr(pattern, method) for method in _METHODS})
        return getattr(pattern, name)


def expression(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return the expression as `re.compile` would. A fault in it is raised at its first use, as re.error.

    The module functions of `re` take only compiled ones: call the methods.
    """
    return cast("re.Pattern[AnyStr]", _Waiting(source, flags))
