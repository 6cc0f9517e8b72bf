"""Applying changes to the user's tree: each file in one step, nothing the user changed overwritten, all or nothing.

New contents are staged in one private directory inside the root, so that nothing can run out of space half-way. Then
each is exchanged with what stands in its place, which thereby stays at hand for the way back (see journal).
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Mapping, Sequence

import msgspec

from loopwright.core.errors import WorkspaceError
from loopwright.core.ports import Blobs
from loopwright.workspace import beneath
from loopwright.workspace.journal import (
    STAGING,
    Directory,
    Journal,
    Step,
    aside,
    hide_from_git,
    lock,
    look,
    make_directory,
    recover,
    staged,
    take_back,
    write_journal,
)
from loopwright.workspace.names import parents, to_text
from loopwright.workspace.staging import copy_attributes, mode_for, owner_for, way_back, write_file, write_link
from loopwright.workspace.tree import Item, same


class Landed(msgspec.Struct, frozen=True):
    """What was done, what was left alone, and what takes it back."""

    applied: tuple[bytes, ...]
    conflicts: tuple[bytes, ...]
    back: tuple[Step, ...]
    made: tuple[bytes, ...]
    removed: tuple[Directory, ...]


def land(
    root: str,
    steps: Sequence[Step],
    blobs: Blobs,
    prune: Sequence[bytes] = (),
    make: Sequence[Directory] = (),
) -> Landed:
    """Apply steps. Directories in `prune` go if they are left empty; those in `make` come back with their mode.

    One conflict keeps every step from being applied: a change is of one piece, and half of it proves nothing.
    Raises WorkspaceError, with the tree as it was, where a step cannot be applied.
    """
    recover(root)
    top = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    name = f"{STAGING}{secrets.token_hex(8)}"
    try:
        lock(top, root)
        os.mkdir(name, 0o700, dir_fd=top)
        staging = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
        try:
            hide_from_git(staging)
            return Landing(top, staging, blobs, steps, prune, make).run()
        finally:
            os.close(staging)
            shutil.rmtree(name, ignore_errors=True, dir_fd=top)
            os.fsync(top)
    except OSError as error:
        where = to_text(os.fsencode(error.filename)) if error.filename else root
        raise WorkspaceError(f"cannot change {root}: {where}: {error.strerror}; it is as it was before") from None
    finally:
        os.close(top)


class Landing:
    """One landing in progress."""

    def __init__(
        self,
        top: int,
        staging: int,
        blobs: Blobs,
        steps: Sequence[Step],
        prune: Sequence[bytes],
        make: Sequence[Directory],
    ) -> None:
        self._top, self._staging, self._blobs = top, staging, blobs
        # What goes makes room for what comes: a file for a directory of its name, and the reverse.
        gone = sorted((s for s in steps if s.target is None), key=lambda s: s.path, reverse=True)
        come = sorted((s for s in steps if s.target is not None), key=lambda s: s.path)
        self._steps = [*gone, *come]
        self._going = frozenset(step.path for step in gone)
        self._prune = frozenset(prune)
        self._make: Mapping[bytes, Directory] = {d.path: d for d in make}
        self._seen: dict[int, os.stat_result | None] = {}
        self._back: dict[int, Step] = {}
        self._done: list[tuple[int, Step]] = []
        self._already: list[int] = []
        self._conflicts: list[bytes] = []
        self._made: list[bytes] = []
        self._removed: list[Directory] = []

    def run(self) -> Landed:
        """Stage, then commit, all or nothing. Raises OSError with the tree as it was."""
        ready = [(number, step) for number, step in enumerate(self._steps) if self._stage_unless_moved(number, step)]
        if self._conflicts:
            return _stopped(self._conflicts)
        journal = self._plan(ready)
        write_journal(self._staging, journal)
        os.fsync(self._top)
        try:
            for number, step in ready:
                if not self._commit(number, step):
                    take_back(self._top, self._staging, journal, self._done)
                    return _stopped([step.path])
            for directory in sorted(self._make):
                self._make_parents(directory + b"/")
            self._sync()
        except BaseException:
            take_back(self._top, self._staging, journal, self._done)
            raise
        numbers = sorted([*self._already, *(number for number, _ in self._done)])
        return Landed(
            applied=tuple(sorted(self._steps[n].path for n in numbers)),
            conflicts=(),
            back=tuple(self._back[n] for n in numbers),
            made=tuple(self._made),
            removed=tuple(self._removed),
        )

    def _stage_unless_moved(self, number: int, step: Step) -> bool:
        try:
            return self._stage(number, step)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
                raise
            self._conflicts.append(step.path)
            return False

    def _stage(self, number: int, step: Step) -> bool:
        """Check one step and put its new content in place; False where there is nothing left to do."""
        here, info = self._look(step.path)
        blocked = info is not None and here is None and not (step.expect is None and stat.S_ISDIR(info.st_mode))
        if same(here, step.target) and not blocked:
            self._already.append(number)
            self._back[number] = Step(step.path, step.target, step.expect)
            return False
        if blocked or not same(here, step.expect):
            self._conflicts.append(step.path)
            return False
        self._seen[number] = info if here else None
        self._back[number] = way_back(self._top, step, info if here else None, self._blobs)
        if step.target is not None:
            self._write(number, step, step.target, info if here else None)
        return True

    def _look(self, path: bytes) -> tuple[Item | None, os.stat_result | None]:
        try:
            return look(self._top, path)
        except OSError as error:
            if error.errno == errno.ELOOP and any(above in self._going for above in parents(path)):
                return None, None  # the link in the way is about to go
            raise

    def _write(self, number: int, step: Step, target: Item, old: os.stat_result | None) -> None:
        owner = (step.uid, step.gid) if step.exact else owner_for(self._top, step.path, old)
        mode = target.mode if step.exact else mode_for(target, old)
        place = (self._staging, staged(number))
        if target.kind == "l":
            write_link(place, target, owner, self._blobs)
        else:
            write_file(place, target, mode, owner, self._blobs)
            copy_attributes(self._top, step.path, old, place)

    def _plan(self, ready: Sequence[tuple[int, Step]]) -> Journal:
        come = [step.path for _, step in ready if step.target is not None]
        above = {directory for path in come for directory in parents(path)} | set(self._make)
        absent = [d for d in above if not _is_directory(beneath.stat_beneath(self._top, d))]
        standing: list[Directory] = []
        for path in {*self._prune, *come, *(below for into in come for below in self._emptied(into))}:
            info = beneath.stat_beneath(self._top, path)
            if info is not None and stat.S_ISDIR(info.st_mode):
                standing.append(Directory(path, stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid))
        return Journal(tuple(ready), tuple(sorted(absent)), tuple(sorted(standing, key=lambda d: d.path)))

    def _commit(self, number: int, step: Step) -> bool:
        """Do one step; False where something else stands there by now."""
        if step.target is not None and not self._make_parents(step.path):
            return False
        new: beneath.Place = (self._staging, staged(number))
        try:
            with beneath.parent_of(self._top, step.path) as place:
                if step.target is None:
                    beneath.move_new(place, new)
                elif step.expect is None:
                    for directory in (*self._emptied(step.path), step.path):
                        self._remove_directory(directory)
                    beneath.move_new(new, place)
                else:
                    beneath.exchange(new, place, aside(number))
                if step.expect is not None and not self._is_as_seen(number):
                    beneath.move_new(new, place) if step.target is None else beneath.exchange(new, place, aside(number))
                    return False
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.ELOOP, errno.ENOTEMPTY, errno.EISDIR):
                return False
            raise
        self._done.append((number, step))
        if step.target is None:
            for above in parents(step.path):
                if above not in self._prune or not self._remove_directory(above):
                    break
        return True

    def _is_as_seen(self, number: int) -> bool:
        seen = self._seen[number]
        info = os.stat(staged(number), dir_fd=self._staging, follow_symlinks=False)
        return seen is not None and (info.st_ino, info.st_size, info.st_mtime_ns, info.st_mode) == (
            seen.st_ino,
            seen.st_size,
            seen.st_mtime_ns,
            seen.st_mode,
        )

    def _emptied(self, path: bytes) -> tuple[bytes, ...]:
        """The directories below one that a file takes the place of, deepest first; none where a file stays there.

        A view has nothing below a file, so directories that hold nothing more were removed in it.
        """
        found: list[bytes] = []
        pending = [path]
        while pending:
            directory = pending.pop()
            info = beneath.stat_beneath(self._top, directory)
            if info is None or not stat.S_ISDIR(info.st_mode):
                if directory != path and directory not in self._going:
                    return ()
                continue
            found.append(directory)
            fd = beneath.open_beneath(self._top, directory, os.O_RDONLY | os.O_DIRECTORY)
            try:
                pending += [directory + b"/" + os.fsencode(name) for name in os.listdir(fd)]
            finally:
                os.close(fd)
        return tuple(reversed(found[1:]))

    def _remove_directory(self, path: bytes) -> bool:
        """Remove a directory if it is there and empty."""
        try:
            with beneath.parent_of(self._top, path) as (above, name):
                info = os.stat(name, dir_fd=above, follow_symlinks=False)
                os.rmdir(name, dir_fd=above)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENOTEMPTY, errno.EEXIST, errno.ELOOP):
                return False
            raise
        self._removed.append(Directory(path, stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid))
        return True

    def _make_parents(self, path: bytes) -> bool:
        for above in reversed(parents(path)):
            info = beneath.stat_beneath(self._top, above)
            if info is None:
                uid, gid = owner_for(self._top, above, None)
                make_directory(self._top, self._make.get(above, Directory(above, 0o755, uid, gid)))
                self._made.append(above)
            elif not stat.S_ISDIR(info.st_mode):
                return False
        return True

    def _sync(self) -> None:
        for above in {step.path.rpartition(b"/")[0] for _, step in self._done}:
            try:
                fd = beneath.open_beneath(self._top, above, os.O_RDONLY | os.O_DIRECTORY)
            except OSError:
                continue  # gone, or a file by now
            try:
                os.fsync(fd)
            finally:
                os.close(fd)


def _stopped(conflicts: Sequence[bytes]) -> Landed:
    return Landed((), tuple(sorted(conflicts)), (), (), ())


def _is_directory(info: os.stat_result | None) -> bool:
    return info is not None and stat.S_ISDIR(info.st_mode)
