"""Showing somebody's tree as the sandbox user's own: an id-mapped mount (mount_setattr(2), Linux 5.12).

What the user writes there is the owner's on the disk, though no process of the sandbox ever is the owner, or root.
"""

from __future__ import annotations

import os

from kernel import call, checked, number  # type: ignore[import-not-found]  # a neighbour by name, as the programs in here are run

_CLONE_NEWUSER, _PR_SET_DUMPABLE = 0x10000000, 4
_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442  # the same on every architecture
_AT_FDCWD, _AT_EMPTY_PATH, _AT_RECURSIVE = -100, 0x1000, 0x8000
_OPEN_TREE_CLONE, _MOVE_MOUNT_F_EMPTY_PATH = 1, 4
_MOUNT_ATTR_IDMAP = 0x00100000
_EVERY_ID = (1 << 32) - 1


def show_as_own(path: bytes, owner: tuple[int, int], shown: tuple[int, int]) -> None:
    """Mount `path` over itself with the files of `owner` (uid, gid) as `shown`'s; what is mounted below stays.

    Raises OSError where the kernel or the file system cannot.
    """
    flags = _OPEN_TREE_CLONE | os.O_CLOEXEC | _AT_RECURSIVE
    tree = checked(call("syscall", _OPEN_TREE, _AT_FDCWD, path, flags), "open_tree")
    mapping = _mapping(owner, shown)
    try:
        # struct mount_attr: set, clear, propagation, userns_fd
        wanted = number(_MOUNT_ATTR_IDMAP, 8) + bytes(16) + number(mapping, 8)
        checked(call("syscall", _MOUNT_SETATTR, tree, b"", _AT_EMPTY_PATH, wanted, len(wanted)), "map owners")
        checked(call("syscall", _MOVE_MOUNT, tree, b"", _AT_FDCWD, path, _MOVE_MOUNT_F_EMPTY_PATH), "move_mount")
    finally:
        os.close(mapping)
        os.close(tree)


def _mapping(owner: tuple[int, int], shown: tuple[int, int]) -> int:
    """A descriptor of a user namespace that carries the mapping and nothing else."""
    ready, go = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        call("prctl", _PR_SET_DUMPABLE, 1, 0, 0, 0)  # or its parent may not open the namespace
        call("unshare", _CLONE_NEWUSER)
        os.write(ready[1], b"x")
        os.read(go[0], 1)
        os._exit(0)
    try:
        os.read(ready[0], 1)
        for name, source, target in (("uid_map", owner[0], shown[0]), ("gid_map", owner[1], shown[1])):
            with open(f"/proc/{child}/{name}", "w") as file:
                file.write(_lines(source, target))
        return os.open(f"/proc/{child}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.write(go[1], b"x")
        os.waitpid(child, 0)
        for fd in (*ready, *go):
            os.close(fd)


def _lines(source: int, target: int) -> str:
    """One id is shown as another, every other as itself; the other's own is not shown."""
    low, high = sorted((source, target))
    ranges = [(0, 0, low), (low + 1, low + 1, high - low - 1), (high + 1, high + 1, _EVERY_ID - high - 1)]
    ranges.append((source, target, 1))
    return "".join(f"{first} {shown} {count}\n" for first, shown, count in ranges if count > 0)
