"""New contents made ready beside the user's tree, and old ones kept, before anything is changed."""

from __future__ import annotations

import os
import stat
from contextlib import suppress

from loopwright.core.ports import Blobs
from loopwright.workspace import beneath
from loopwright.workspace.content import keep_file, keep_link, pieces_of, write_all
from loopwright.workspace.journal import Step
from loopwright.workspace.names import parents
from loopwright.workspace.scan import open_file
from loopwright.workspace.tree import Item


def way_back(top: int, step: Step, info: os.stat_result | None, blobs: Blobs) -> Step:
    """Keep what stands at the step's path now, and return the step that puts it back. Raises OSError, StoreError."""
    if info is None:
        return Step(step.path, step.target, None)
    with beneath.parent_of(top, step.path) as (above, name):
        if stat.S_ISLNK(info.st_mode):
            kept = keep_link(os.readlink(name, dir_fd=above), blobs)
        else:
            fd = open_file(above, name)
            try:
                kept = keep_file(fd, stat.S_IMODE(info.st_mode), blobs)
            finally:
                os.close(fd)
    return Step(step.path, step.target, kept, True, info.st_uid, info.st_gid)


def write_link(place: beneath.Place, target: Item, owner: tuple[int, int], blobs: Blobs) -> None:
    """Make a symbolic link. Raises OSError, StoreError."""
    directory, name = place
    os.symlink(b"".join(pieces_of(target, blobs)), name, dir_fd=directory)
    if os.geteuid() == 0:
        os.chown(name, *owner, dir_fd=directory, follow_symlinks=False)


def write_file(place: beneath.Place, target: Item, mode: int, owner: tuple[int, int], blobs: Blobs) -> None:
    """Write a file, durable when this returns. Raises OSError, StoreError."""
    directory, name = place
    fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=directory)
    try:
        for piece in pieces_of(target, blobs):
            write_all(fd, piece)
        if os.geteuid() == 0:
            os.fchown(fd, *owner)
        os.fchmod(fd, mode)
        os.fsync(fd)
    finally:
        os.close(fd)


def copy_attributes(top: int, path: bytes, old: os.stat_result | None, place: beneath.Place) -> None:
    """Give a file the access lists and labels of the one it replaces, as far as we may set them."""
    if old is None or not stat.S_ISREG(old.st_mode):
        return
    source = beneath.open_beneath(top, path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with suppress(OSError):
            names = os.listxattr(source)
            target = open_file(*place) if names else -1
            for name in names:
                with suppress(OSError):
                    os.setxattr(target, name, os.getxattr(source, name))
            if names:
                os.close(target)
    finally:
        os.close(source)


def owner_for(top: int, path: bytes, old: os.stat_result | None) -> tuple[int, int]:
    """The owner of the file replaced, else of the nearest directory above."""
    if old is not None:
        return old.st_uid, old.st_gid
    for above in parents(path):
        info = beneath.stat_beneath(top, above)
        if info is not None and stat.S_ISDIR(info.st_mode):
            return info.st_uid, info.st_gid
    info = os.fstat(top)
    return info.st_uid, info.st_gid


def mode_for(target: Item, old: os.stat_result | None) -> int:
    """The mode a file gets: the one it had, as executable as the view made it; a new one nobody else can write."""
    if old is None or not stat.S_ISREG(old.st_mode):
        return target.mode & 0o755
    kept = stat.S_IMODE(old.st_mode) & 0o777
    return kept | (kept & 0o444) >> 2 if target.mode & 0o100 else kept & ~0o111
