"""Showing a tree that belongs to root as the sandbox user's own: an id-mapped mount (mount_setattr(2), Linux 5.12).

What the user writes there is root's on the disk, though no process of the sandbox ever is root.
"""

from __future__ import annotations

import ctypes
import os

_libc = ctypes.CDLL(None, use_errno=True)

_CLONE_NEWUSER, _PR_SET_DUMPABLE = 0x10000000, 4
_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442  # the same on every architecture
_AT_FDCWD, _AT_EMPTY_PATH, _AT_RECURSIVE = -100, 0x1000, 0x8000
_OPEN_TREE_CLONE, _MOVE_MOUNT_F_EMPTY_PATH = 1, 4
_MOUNT_ATTR_IDMAP = 0x00100000
_EVERY_ID = (1 << 32) - 1


class _Attributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns")]


def show_as_own(path: bytes, uid: int, gid: int) -> None:
    """Mount `path` over itself with root's files as those of uid and gid; what is mounted below stays as it is.

    Raises OSError where the kernel or the file system cannot.
    """
    tree = _checked(
        _libc.syscall(_OPEN_TREE, _AT_FDCWD, path, _OPEN_TREE_CLONE | os.O_CLOEXEC | _AT_RECURSIVE), "open_tree"
    )
    mapping = _mapping(uid, gid)
    try:
        wanted = _Attributes(_MOUNT_ATTR_IDMAP, 0, 0, mapping)
        size = ctypes.c_size_t(ctypes.sizeof(wanted))
        _checked(_libc.syscall(_MOUNT_SETATTR, tree, b"", _AT_EMPTY_PATH, ctypes.byref(wanted), size), "map owners")
        _checked(_libc.syscall(_MOVE_MOUNT, tree, b"", _AT_FDCWD, path, _MOVE_MOUNT_F_EMPTY_PATH), "move_mount")
    finally:
        os.close(mapping)
        os.close(tree)


def _mapping(uid: int, gid: int) -> int:
    """A descriptor of a user namespace that carries the mapping and nothing else."""
    ready, go = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        _libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)  # or its parent may not open the namespace
        _libc.unshare(_CLONE_NEWUSER)
        os.write(ready[1], b"x")
        os.read(go[0], 1)
        os._exit(0)
    try:
        os.read(ready[0], 1)
        for name, target in (("uid_map", uid), ("gid_map", gid)):
            with open(f"/proc/{child}/{name}", "w") as file:
                file.write(_lines(target))
        return os.open(f"/proc/{child}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.write(go[1], b"x")
        os.waitpid(child, 0)
        for fd in (*ready, *go):
            os.close(fd)


def _lines(target: int) -> str:
    """Root's id is shown as the target, every other as itself; the target's own is not shown."""
    return f"0 {target} 1\n1 1 {target - 1}\n{target + 1} {target + 1} {_EVERY_ID - target - 1}\n"


def _checked(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result
