"""The upper layer: reading what a view changed, and writing it again into an empty one."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import Literal

import msgspec

from loopwright.core.ports import Blobs
from loopwright.workspace.content import keep_file, keep_link, pieces_of, write_all
from loopwright.workspace.names import is_cache
from loopwright.workspace.owner import Owner
from loopwright.workspace.scan import Digests
from loopwright.workspace.tree import Item


class Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One name in the upper layer: a file or link, a directory, or a whiteout that hides what is below it."""

    kind: Literal["f", "l", "d", "w"]
    mode: int = 0
    item: Item | None = None
    opaque: bool = False  # a directory that hides the one below it


#: How overlayfs says that a directory hides the one below it: with `userxattr`, and without (root only).
_OPAQUE = ("user.overlay.opaque", "trusted.overlay.opaque")

#: The upper layer by path, parents before children when sorted.
Layer = dict[bytes, Entry]
#: Makes the item of an open file (descriptor, mode).
Keep = Callable[[int, int], Item]
WHITEOUT = Entry("w")


#: Names up to which a layer is looked through faster than a thread is woken to do it.
SMALL = 64


class _Differs(Exception):
    """The layer is not what it was."""


class Reader:
    """Reads one upper layer again and again; only what changed since is read anew."""

    def __init__(self, upper: int, blobs: Blobs) -> None:
        self._upper = upper
        self._digests = Digests()
        self._keep = partial(keep_file, blobs=blobs)
        self._keep_link = cache(partial(keep_link, blobs=blobs))

    def read(self) -> Layer:
        """Everything in the layer but caches, sockets, pipes and devices; contents are durable when this returns."""
        layer: Layer = {}
        self._read(self._upper, b"", layer, self._keep)
        return layer

    def still(self, layer: Layer) -> bool:
        """True where a small layer is as it was read; found without reading any content, so at once."""
        if len(layer) > SMALL:
            return False
        now: Layer = {}
        try:
            self._read(self._upper, b"", now, _differs, len(layer))
        except _Differs:
            return False
        return now == layer

    def _read(self, directory: int, above: bytes, layer: Layer, keep: Keep, most: int = sys.maxsize) -> None:
        with os.scandir(directory) as names:
            found = list(names)
        for entry in found:
            name = os.fsencode(entry.name)
            if not is_cache(above + name) and above + name != b".git":
                with suppress(FileNotFoundError):  # a process in the view may be at work
                    info = entry.stat(follow_symlinks=False)
                    if stat.S_ISDIR(info.st_mode):
                        with _readable(directory, name, info), _opened(directory, name) as fd:
                            layer[above + name] = Entry("d", stat.S_IMODE(info.st_mode), None, _is_opaque(fd))
                            self._read(fd, above + name + b"/", layer, keep, most)
                    else:
                        self._read_one(directory, name, info, above + name, layer, keep)
                    if len(layer) > most:
                        raise _Differs

    def _read_one(
        self, directory: int, name: bytes, info: os.stat_result, path: bytes, layer: Layer, keep: Keep
    ) -> None:
        if stat.S_ISREG(info.st_mode):
            with _readable(directory, name, info):
                item = self._digests.item(directory, name, info, keep)
                layer[path] = Entry("f", stat.S_IMODE(info.st_mode), item)
        elif stat.S_ISLNK(info.st_mode):
            layer[path] = Entry("l", 0, self._keep_link(os.readlink(name, dir_fd=directory)))
        elif stat.S_ISCHR(info.st_mode) and info.st_rdev == 0:
            layer[path] = WHITEOUT


def _differs(fd: int, mode: int) -> Item:
    raise _Differs


@contextmanager
def _readable(directory: int, name: bytes, info: os.stat_result) -> Iterator[None]:
    """A command may take its own rights away; as an ordinary user we need them back to read."""
    need = stat.S_IRUSR | (stat.S_IXUSR if stat.S_ISDIR(info.st_mode) else 0)
    if info.st_mode & need == need or os.geteuid() == 0:
        yield
        return
    # The layer's own name, reached by a descriptor that was opened without following links.
    fd = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=directory)
    try:
        name_of_fd = Path(f"/proc/self/fd/{fd}")
        name_of_fd.chmod(stat.S_IMODE(info.st_mode) | need)
        yield
        name_of_fd.chmod(stat.S_IMODE(info.st_mode))
    finally:
        os.close(fd)


@contextmanager
def _opened(directory: int, name: bytes) -> Iterator[int]:
    fd = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
    try:
        yield fd
    finally:
        os.close(fd)


def _is_opaque(fd: int) -> bool:
    for mark in _OPAQUE if os.geteuid() == 0 else _OPAQUE[:1]:
        with suppress(OSError):
            if os.getxattr(fd, mark) == b"y":
                return True
    return False


def _make_opaque(fd: int) -> None:
    done = 0
    for mark in _OPAQUE:
        with suppress(OSError):
            os.setxattr(fd, mark, b"y")
            done += 1
    if not done:
        raise OSError(errno.EOPNOTSUPP, "the kernel's tmpfs keeps no attributes (before Linux 6.6)")


def write_layer(upper: int, layer: Mapping[bytes, Entry], owner: Owner, blobs: Blobs, lower: int) -> None:
    """Fill an empty upper layer. Directories the layer does not name get the mode of those they lie over.

    Raises OSError (no space), StoreError.
    """
    modes: list[tuple[bytes, int]] = []
    for path in sorted(layer):
        entry = layer[path]
        if not _make_parents(upper, path, owner, lower, modes):
            continue
        above, _, name = path.rpartition(b"/")
        directory = os.open(above or b".", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=upper)
        try:
            _write_entry(directory, name, entry, owner, blobs)
        finally:
            os.close(directory)
        if entry.kind == "d":
            modes.append((path, entry.mode))
    for path, mode in reversed(modes):
        os.chmod(path, mode, dir_fd=upper)


def _make_parents(upper: int, path: bytes, owner: Owner, lower: int, modes: list[tuple[bytes, int]]) -> bool:
    """False where something in the layer that is no directory already hides this path."""
    parts = path.split(b"/")[:-1]
    for depth in range(1, len(parts) + 1):
        above = b"/".join(parts[:depth])
        try:
            there = os.stat(above, dir_fd=upper, follow_symlinks=False)
            if not stat.S_ISDIR(there.st_mode):
                return False
        except FileNotFoundError:
            mode, uid, gid = _below(lower, above, owner)
            os.mkdir(above, 0o700, dir_fd=upper)
            _give(upper, above, uid, gid)
            modes.append((above, mode))
    return True


def _below(lower: int, path: bytes, owner: Owner) -> tuple[int, int, int]:
    try:
        info = os.stat(path, dir_fd=lower, follow_symlinks=False)
    except OSError:
        return 0o755, owner.uid, owner.gid
    if not stat.S_ISDIR(info.st_mode):
        return 0o755, owner.uid, owner.gid
    return (stat.S_IMODE(info.st_mode), *owner.seen(info.st_uid, info.st_gid))


def _give(directory: int, name: bytes, uid: int, gid: int) -> None:
    if os.geteuid() == 0:
        os.chown(name, uid, gid, dir_fd=directory, follow_symlinks=False)


def _write_entry(directory: int, name: bytes, entry: Entry, owner: Owner, blobs: Blobs) -> None:
    if entry.kind == "w":
        os.mknod(name, stat.S_IFCHR, 0, dir_fd=directory)
        return
    if entry.kind == "d":
        with suppress(FileExistsError):  # a copy, unlike an upper layer, is not empty
            os.mkdir(name, 0o700, dir_fd=directory)
        if entry.opaque:
            with _opened(directory, name) as fd:
                _make_opaque(fd)
    elif entry.item is not None and entry.kind == "l":
        os.symlink(b"".join(pieces_of(entry.item, blobs)), name, dir_fd=directory)
    elif entry.item is not None:
        fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=directory)
        try:
            for piece in pieces_of(entry.item, blobs):
                write_all(fd, piece)
            if os.geteuid() == 0:
                os.fchown(fd, owner.uid, owner.gid)
            os.fchmod(fd, entry.mode)
        finally:
            os.close(fd)
        return
    _give(directory, name, owner.uid, owner.gid)
