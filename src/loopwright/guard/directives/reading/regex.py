"""The functions of `re` for expressions that stand where they are used: each is a `Pattern`, so a text without
its words costs nothing, and what it compiles to is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from loopwright.guard.directives.reading.patterns import Pattern

_pattern = lru_cache(maxsize=None)(Pattern)


def search(source: str, text: str, flags: int = 0) -> re.Match[str] | None:
    """As `re.search`."""
    return _pattern(source, flags).search(text)


def match(source: str, text: str, flags: int = 0) -> re.Match[str] | None:
    """As `re.match`."""
    return _pattern(source, flags).match(text)


def fullmatch(source: str, text: str, flags: int = 0) -> re.Match[str] | None:
    """As `re.fullmatch`."""
    return _pattern(source, flags).fullmatch(text)


def finditer(source: str, text: str, flags: int = 0) -> Iterator[re.Match[str]]:
    """As `re.finditer`."""
    return _pattern(source, flags).finditer(text)


def findall(source: str, text: str, flags: int = 0) -> list[Any]:
    """As `re.findall`."""
    return _pattern(source, flags).findall(text)


def sub(source: str, by: str, text: str, flags: int = 0) -> str:
    """As `re.sub`."""
    return _pattern(source, flags).sub(by, text)


def split(source: str, text: str, flags: int = 0) -> list[str | Any]:
    """As `re.split`."""
    return _pattern(source, flags).split(text)
