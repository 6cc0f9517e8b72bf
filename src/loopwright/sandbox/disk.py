"""How much a command has written: by the free space of the file system its workspace stands on."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loopwright.core.running import Limits, Reason

#: Less than this many bytes free is full.
_FULL = 1 << 16
_MOST_ENTRIES = 500_000


@dataclass(frozen=True)
class Free:
    """Bytes and inodes that are left; inodes None where the file system does not count them."""

    bytes: int
    inodes: int | None


def free(tree: int | str) -> Free:
    """What is left on the file system of a directory, given by name or open."""
    status = os.statvfs(tree)
    return Free(status.f_bavail * status.f_frsize, status.f_favail if status.f_files else None)


class Gauge:
    """Judges one command's writing against its limits.

    A limited layer is full when nothing is left. A plain directory has no such end: there the loss of free space
    since the start gives the suspicion, and the files changed since then give the proof.
    """

    def __init__(self, tree: int, watched: Sequence[str], limits: Limits, limited: bool) -> None:
        self._tree, self._limits, self._limited = tree, limits, limited
        self._watched = {path: free(path) for path in watched}
        self._began = time.time()

    @property
    def exact(self) -> bool:
        """Whether the file system itself is full at the limit, so that no look can come too late."""
        return self._limited and not self._watched

    @property
    def left(self) -> Free:
        """What the workspace's file system has left."""
        return free(self._tree)

    @property
    def room(self) -> int:
        """Bytes that may still be written, at least, where no file system ends at the limit."""
        lost = [before.bytes - free(path).bytes for path, before in self._watched.items()]
        return sys.maxsize if self._limits.disk is None else self._limits.disk - max([0, *lost])

    def judge(self) -> tuple[Reason, str] | None:
        """The limit that was passed, if one was."""
        if self._limited:
            now = self.left
            if now.bytes < _FULL:
                return "disk", f"more than {_size(self._limits.disk)} written: nothing more fits"
            if now.inodes == 0:
                return "inodes", f"more than {self._limits.inodes} files made: nothing more fits"
        return self._judge_plain() if self._watched else None

    def _judge_plain(self) -> tuple[Reason, str] | None:
        disk, inodes = self._limits.disk, self._limits.inodes
        lost = made = 0
        for path, before in self._watched.items():
            now = free(path)
            lost = max(lost, before.bytes - now.bytes)
            made = max(made, (before.inodes or 0) - (now.inodes or 0))
        if not ((disk is not None and lost > disk) or (inodes is not None and made > inodes)):
            return None
        size, count = self._changed()
        if disk is not None and (size > disk or lost > 2 * disk):  # a deleted file may still be held open
            return "disk", f"more than {_size(disk)} written"
        if inodes is not None and count > inodes:
            return "inodes", f"more than {inodes} files made"
        return None

    def _changed(self) -> tuple[int, int]:
        """Bytes and number of what was made or changed since the command began."""
        size = count = 0
        for seen, entry in enumerate(entry for path in self._watched for entry in _walk(path)):
            if seen > _MOST_ENTRIES:
                break
            with contextlib.suppress(OSError):
                status = entry.stat(follow_symlinks=False)
                if status.st_ctime >= self._began - 1:
                    size += status.st_blocks * 512
                    count += 1
        return size, count


def _walk(top: str) -> Iterator[os.DirEntry[str]]:
    stack = [top]
    while stack:
        try:
            entries = list(os.scandir(stack.pop()))
        except OSError:
            continue
        for entry in entries:
            yield entry
            if entry.is_dir(follow_symlinks=False):
                stack.append(entry.path)


def _size(number: int | None) -> str:
    if number is None:
        return "no limit"
    return f"{number >> 20} MiB" if number >= 1 << 20 else f"{number} bytes"
