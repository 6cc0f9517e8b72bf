"""Reading the user's tree: which files it has now, and their digests, each computed once per version of a file."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path

from loopwright.core.errors import WorkspaceError
from loopwright.workspace.beneath import open_beneath
from loopwright.workspace.content import digest_of
from loopwright.workspace.git import Git, Listing
from loopwright.workspace.names import is_cache, is_dependency, is_git
from loopwright.workspace.tree import Item

#: A file written this recently may be written again without its times showing it (kernel clock ticks: 1 to 10 ms).
SETTLED = 20_000_000  # ns

Stamp = tuple[int, int, int, int, int, int]


def stamp(info: os.stat_result) -> Stamp:
    """What tells one version of a file from the next."""
    return (info.st_dev, info.st_ino, info.st_mode, info.st_size, info.st_mtime_ns, info.st_ctime_ns)


class Digests:
    """Items by the stamp of the file they were read from, for as long as the process lives."""

    def __init__(self) -> None:
        self._known: dict[Stamp, Item] = {}

    def item(self, directory: int, name: bytes, info: os.stat_result, read: Callable[[int, int], Item]) -> Item:
        """The item of a regular file; `read` (descriptor, mode) makes it where this version is not known."""
        mark = stamp(info)
        known = self._known.get(mark)
        if known is not None:
            return known
        fd = open_file(directory, name)
        try:
            opened = os.fstat(fd)
            if not stat.S_ISREG(opened.st_mode):
                raise FileNotFoundError(name)
            item = read(fd, stat.S_IMODE(opened.st_mode))
            if stamp(os.fstat(fd)) == stamp(opened) and opened.st_ctime_ns < time.time_ns() - SETTLED:
                self._known[stamp(opened)] = item
        finally:
            os.close(fd)
        return item


def open_file(directory: int, name: bytes) -> int:
    """Open a file to read it, never through a link, never waiting for a pipe's other end."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    return os.open(name, flags, dir_fd=directory)


def read_item(fd: int, mode: int) -> Item:
    """Describe an open file without keeping its content."""
    digest, size = digest_of(fd)
    return Item("f", mode, digest, size)


def read_link(directory: int, name: bytes) -> Item:
    target = os.readlink(name, dir_fd=directory)
    return Item("l", 0, hashlib.sha256(target).digest(), len(target))


def list_tree(root: str) -> Listing:
    """Tracked and unignored files as git says; without git all but caches and folders of dependencies."""
    listing = Git(root).list_files()
    return listing if listing is not None else Listing(frozenset(), frozenset(_walk(root)))


def _walk(root: str) -> Iterable[bytes]:
    top = os.fsencode(root)
    for at, directories, files, _ in os.fwalk(top, follow_symlinks=False, onerror=_refuse):
        prefix = os.path.relpath(at, top) + b"/" if at != top else b""
        for name in list(directories):
            path = prefix + name
            if left_out(path):
                directories.remove(name)
            elif Path(os.fsdecode(at), os.fsdecode(name)).is_symlink():
                yield path
        for name in files:
            if not left_out(prefix + name):
                yield prefix + name


def _refuse(error: OSError) -> None:
    raise WorkspaceError(f"cannot read {error.filename!r}: {error.strerror}")


def left_out(path: bytes) -> bool:
    """True for what is no part of a tree where no git says so."""
    return is_cache(path) or is_git(path) or is_dependency(path)


def read_tree(root: int, paths: Iterable[bytes], digests: Digests, refused: set[bytes]) -> dict[bytes, Item]:
    """The items of those paths that are files or links below a directory descriptor.

    Those that may not be read are left out and added to `refused`. Raises WorkspaceError for one that is damaged.
    """
    items: dict[bytes, Item] = {}
    for above, group in groupby(sorted(paths, key=_by_directory), lambda path: path.rpartition(b"/")[0]):
        try:
            directory = open_beneath(root, above, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            continue
        try:
            for path in group:
                item = read_one(directory, path, digests, refused)
                if item is not None:
                    items[path] = item
        finally:
            os.close(directory)
    return items


def _by_directory(path: bytes) -> tuple[bytes, bytes]:
    above, _, name = path.rpartition(b"/")
    return above, name


def read_one(directory: int, path: bytes, digests: Digests, refused: set[bytes]) -> Item | None:
    """The item at the path's last name in an open directory; None for what is absent, a directory or a device."""
    name = path.rpartition(b"/")[2]
    try:
        info = os.stat(name, dir_fd=directory, follow_symlinks=False)
        if stat.S_ISREG(info.st_mode):
            return digests.item(directory, name, info, read_item)
        return read_link(directory, name) if stat.S_ISLNK(info.st_mode) else None
    except FileNotFoundError:
        return None
    except PermissionError:
        refused.add(path)
        return None
    except OSError as error:
        raise WorkspaceError(f"cannot read {os.fsdecode(path)!r}: {error.strerror}") from None
