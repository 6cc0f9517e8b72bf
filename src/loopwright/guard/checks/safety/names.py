"""Tables of names, written as words in a text."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def words(*groups: str) -> frozenset[str]:
    """Return the words of all groups."""
    return frozenset(word for group in groups for word in group.split())


def each(value: T, *groups: str) -> dict[str, T]:
    """Return a table in which every word of the groups stands for the same value."""
    return {word: value for group in groups for word in group.split()}
