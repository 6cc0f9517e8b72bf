"""Landings on the user's tree: what each moved, and how it is moved back, also after the process died."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from loopwright.core.errors import WorkspaceError
from loopwright.core.expression import expression
from loopwright.workspace import beneath
from loopwright.workspace.names import to_text
from loopwright.workspace.scan import open_file, read_item, read_link
from loopwright.workspace.tree import Item, same

#: The directory in the root where contents wait: private, and gone when the landing ends.
STAGING = ".loopwright-"
_STAGING_NAME = expression(r"\.loopwright-[0-9a-f]{16}")
_JOURNAL = "journal"
_PATIENCE = 5.0  # seconds


class Step(msgspec.Struct, frozen=True, array_like=True):
    """One path to change: what must stand there, and what shall. `exact` sets mode and owner, else they are kept."""

    path: bytes
    expect: Item | None
    target: Item | None
    exact: bool = False
    uid: int = -1
    gid: int = -1


class Directory(msgspec.Struct, frozen=True, array_like=True):
    """A directory with what it takes to make it again."""

    path: bytes
    mode: int
    uid: int
    gid: int


class Journal(msgspec.Struct, frozen=True):
    """What a landing is about to do: numbered steps, directories it may make and may remove."""

    steps: tuple[tuple[int, Step], ...]
    make: tuple[bytes, ...]
    remove: tuple[Directory, ...]


def staged(number: int) -> bytes:
    """The name, in the staging directory, of a step's new content, and of the old one once they are exchanged."""
    return b"n%d" % number


def aside(number: int) -> bytes:
    """The name of the old content where the file system cannot exchange two names in one step."""
    return b"o%d" % number


def look(directory: int, path: bytes) -> tuple[Item | None, os.stat_result | None]:
    """What stands at path: the item of a file or link, and what stat says.

    Raises OSError; ELOOP where a link stands in the way.
    """
    try:
        with beneath.parent_of(directory, path) as (above, name):
            info = os.stat(name, dir_fd=above, follow_symlinks=False)
            if stat.S_ISLNK(info.st_mode):
                return read_link(above, name), info
            if not stat.S_ISREG(info.st_mode):
                return None, info
            fd = open_file(above, name)
            try:
                return read_item(fd, stat.S_IMODE(info.st_mode)), info
            finally:
                os.close(fd)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return None, None
        raise


def lock(top: int, root: str) -> None:
    """Hold the tree against other landings until `top` is closed. Raises WorkspaceError where one takes too long."""
    deadline = time.monotonic() + _PATIENCE
    while not _try_lock(top):
        if time.monotonic() > deadline:
            raise WorkspaceError(f"another session is changing {root} right now: try again when it is done")
        time.sleep(0.02)


def _try_lock(top: int) -> bool:
    try:
        fcntl.flock(top, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    return True


def hide_from_git(staging: int) -> None:
    """Keep what a killed landing leaves out of `git status` and `git add`, until the next opening clears it away."""
    fd = os.open(".gitignore", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=staging)
    try:
        os.write(fd, b"*\n")
    finally:
        os.close(fd)


def write_journal(staging: int, journal: Journal) -> None:
    """Make it durable before the first step."""
    fd = os.open(_JOURNAL, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=staging)
    try:
        os.write(fd, msgspec.msgpack.encode(journal))
        os.fsync(fd)
    finally:
        os.close(fd)
    os.fsync(staging)


def take_back(top: int, staging: int, journal: Journal, done: Sequence[tuple[int, Step]]) -> None:
    """Undo the steps done, the latest first, from what is staged: it needs no space. Raises OSError."""
    for number, step in reversed([pair for pair in done if pair[1].target is not None]):
        with beneath.parent_of(top, step.path) as (above, name):
            if step.expect is None:
                os.rename(name, staged(number), src_dir_fd=above, dst_dir_fd=staging)
            else:
                beneath.exchange((staging, staged(number)), (above, name), aside(number))
    for path in sorted(journal.make, reverse=True):
        with suppress(OSError), beneath.parent_of(top, path) as (above, name):
            os.rmdir(name, dir_fd=above)
    for directory in sorted(journal.remove, key=lambda d: d.path):
        if beneath.stat_beneath(top, directory.path) is None:
            make_directory(top, directory)
    for number, step in reversed([pair for pair in done if pair[1].target is None]):
        with beneath.parent_of(top, step.path) as (above, name):
            beneath.move_new((staging, staged(number)), (above, name))


def make_directory(top: int, directory: Directory) -> None:
    """Make a directory whose parents exist. Raises OSError."""
    with beneath.parent_of(top, directory.path) as (above, name):
        os.mkdir(name, 0o700, dir_fd=above)
        fd = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
        try:
            if os.geteuid() == 0:
                os.fchown(fd, directory.uid, directory.gid)
            os.fchmod(fd, directory.mode)
        finally:
            os.close(fd)


def recover(root: str) -> bool:
    """Take back what a landing did that died in the middle. True where there was one.

    Raises WorkspaceError where it cannot be taken back.
    """
    found = [name for name in _names(root) if _STAGING_NAME.fullmatch(name)]
    if not found:
        return False
    top = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if not _try_lock(top):
            return False  # it has not died: it is at work
        taken = [recover_locked(top, root, name) for name in found]
        return any(taken)
    finally:
        os.close(top)


def _names(root: str) -> list[str]:
    try:
        return [path.name for path in Path(root).iterdir()]
    except OSError as error:
        raise WorkspaceError(f"cannot read {root}: {error.strerror}") from None


def recover_locked(top: int, root: str, name: str) -> bool:
    """Recover from one staging directory; only from one that is private and our own."""
    info = os.stat(name, dir_fd=top, follow_symlinks=False)
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != os.geteuid() or stat.S_IMODE(info.st_mode) != 0o700:
        return False
    staging = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
    try:
        journal = _read_journal(staging)
        if journal is not None:
            for number, step in journal.steps:
                _restore_aside(top, staging, number, step)
            take_back(top, staging, journal, [pair for pair in journal.steps if _is_done(top, staging, *pair)])
    except OSError as error:
        what = to_text(os.fsencode(error.filename or ""))
        raise WorkspaceError(
            f"a change of {root} was cut short and cannot be taken back ({what}: {error.strerror}); "
            f"the files as they were are in {root}/{name}"
        ) from None
    finally:
        os.close(staging)
    shutil.rmtree(name, ignore_errors=True, dir_fd=top)
    return True


def _read_journal(staging: int) -> Journal | None:
    try:
        fd = open_file(staging, _JOURNAL.encode())
    except FileNotFoundError:
        return None
    with os.fdopen(fd, "rb") as file:
        try:
            return msgspec.msgpack.decode(file.read(), type=Journal)
        except msgspec.MsgspecError:
            return None  # it was not yet durable, so nothing was done


def _restore_aside(top: int, staging: int, number: int, step: Step) -> None:
    with suppress(FileNotFoundError, NotADirectoryError), beneath.parent_of(top, step.path) as (above, name):
        os.rename(aside(number), name, src_dir_fd=staging, dst_dir_fd=above)


def _is_done(top: int, staging: int, number: int, step: Step) -> bool:
    try:
        here, _ = look(top, step.path)
        there, _ = look(staging, staged(number))
    except OSError:
        return False
    return same(here, step.target) and same(there, step.expect)
