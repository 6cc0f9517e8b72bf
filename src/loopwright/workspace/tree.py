"""A tree: which files it has, their modes and digests, and the one hash that names it."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

#: Files up to this size are one blob; larger ones are kept in pieces of it.
PIECE = 8 << 20


class Item(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One file or symbolic link. `digest` is the SHA-256 of its content (of a link: of its target)."""

    kind: Literal["f", "l"]
    mode: int  # permission bits, those of a link are 0
    digest: bytes
    size: int
    pieces: tuple[str, ...] = ()  # where a large file's pieces are, () = in one blob, or not kept

    @property
    def address(self) -> str:
        """Where the content is, if it is kept in one blob."""
        return self.digest.hex()

    @property
    def identity(self) -> tuple[str, int, bytes]:
        """What makes two items the same file for the tree: kind, executable, set-id bits, content."""
        return (self.kind, self.mode & 0o6100, self.digest)


#: What changed against a tree; None = removed.
Changes = dict[bytes, Item | None]


def same(left: Item | None, right: Item | None) -> bool:
    """True where both are absent or the same file."""
    if left is None or right is None:
        return left is right
    return left.identity == right.identity


def _line(path: bytes, item: Item) -> bytes:
    return b"%s%o %s %s\0" % (item.kind.encode(), item.mode & 0o6100, item.digest.hex().encode(), path)


class Tree:
    """The tracked and unignored files of one directory, sorted by path."""

    def __init__(self, items: Mapping[bytes, Item]) -> None:
        self.items = dict(items)
        self.paths = sorted(self.items)
        self._lines = [_line(path, self.items[path]) for path in self.paths]

    def below(self, directory: bytes) -> Iterator[bytes]:
        """The paths inside a directory, in order."""
        prefix = directory + b"/"
        at = bisect_left(self.paths, prefix)
        while at < len(self.paths) and self.paths[at].startswith(prefix):
            yield self.paths[at]
            at += 1

    def hash(self, changes: Mapping[bytes, Item | None] = {}) -> str:
        """SHA-256 (hex) over the sorted lines `kind mode digest path` of the tree with changes applied."""
        lines = self._lines.copy()
        for path in sorted(changes, reverse=True):
            item = changes[path]
            at = bisect_left(self.paths, path)
            there = at < len(self.paths) and self.paths[at] == path
            lines[at : at + there] = [] if item is None else [_line(path, item)]
        return hashlib.sha256(b"".join(lines)).hexdigest()

    def apply(self, changes: Mapping[bytes, Item | None]) -> dict[bytes, Item]:
        """The items after changes."""
        items = self.items.copy()
        for path, item in changes.items():
            if item is None:
                items.pop(path, None)
            else:
                items[path] = item
        return items


def difference(before: Mapping[bytes, Item], after: Mapping[bytes, Item]) -> Changes:
    """What turns one set of items into another."""
    changes: Changes = dict.fromkeys(before.keys() - after.keys())
    for path, item in after.items():
        if not same(before.get(path), item):
            changes[path] = item
    return changes
