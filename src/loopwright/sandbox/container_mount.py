"""Puts trees where a daemon of this machine can see them, and as the container's user sees them.

Run as a program (`python -I -S container_mount.py INSIDE`) by root, never imported: a process with threads cannot enter
a mount namespace. What to do comes as JSON on standard input (see docker_view.py). A view's own namespace is entered, a
detached copy of the mount is taken there and put down in ours: the kernel refuses bind mounts across namespaces
(mount(2), EINVAL).
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import Any

_OPEN_TREE, _MOVE_MOUNT = 428, 429  # the same on every architecture
_AT_FDCWD, _AT_RECURSIVE, _OPEN_TREE_CLONE, _MOVE_MOUNT_F_EMPTY_PATH = -100, 0x8000, 1, 4
_CLONE_NEWNS = 0x00020000
_MS_NOSUID, _MS_NODEV = 2, 4

_libc = ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> int:
    """The result of a call of libc. Raises OSError for -1."""
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def detach(source: str, namespace: int | None) -> int:
    """A descriptor of a copy of the mount at source, as seen in a mount namespace."""
    ours = os.open("/proc/self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    try:
        if namespace is not None:
            checked(_libc.setns(namespace, _CLONE_NEWNS), "enter the view's namespace")
        flags = _OPEN_TREE_CLONE | os.O_CLOEXEC | _AT_RECURSIVE
        return checked(_libc.syscall(_OPEN_TREE, _AT_FDCWD, os.fsencode(source), flags), f"open_tree {source}")
    finally:
        if namespace is not None:
            checked(_libc.setns(ours, _CLONE_NEWNS), "come back from the view's namespace")
        os.close(ours)


def put_down(job: dict[str, Any], user: tuple[int, int]) -> None:
    """One tree: `source` at `target` as the user's own where `owner` says whose it is. Raises OSError."""
    tree = detach(job["source"], job["namespace"])
    target = os.fsencode(job["target"])
    try:
        checked(_libc.syscall(_MOVE_MOUNT, tree, b"", _AT_FDCWD, target, _MOVE_MOUNT_F_EMPTY_PATH), "move_mount")
    finally:
        os.close(tree)
    if job["owner"]:
        import ownership

        ownership.show_as_own(target, tuple(job["owner"]), user)


def lay_over(layers_at: str, jobs: list[dict[str, Any]], limits: list[int], user: tuple[int, int]) -> None:
    """A layer over every tree that takes one, all in one file system in memory of limited size. Raises OSError."""
    import layers  # type: ignore[import-not-found]  # a neighbour by name, found below INSIDE

    options = b"size=%d,nr_inodes=%d,mode=0755" % tuple(limits)
    place = os.fsencode(layers_at)
    checked(_libc.mount(b"loopwright", place, b"tmpfs", _MS_NOSUID | _MS_NODEV, options), "mount a layer")
    layers.LAYERS = place
    for number, job in enumerate(jobs):
        os.close(layers.lay(os.fsencode(job["target"]), os.fsencode(job["over"]), number, *user))


def main() -> None:
    """Do what is asked; the first failure is the last line on standard error."""
    sys.path.insert(0, sys.argv[1])
    order = json.load(sys.stdin)
    user = (order["user"][0], order["user"][1])
    try:
        for job in order["jobs"]:
            put_down(job, user)
        over = [job for job in order["jobs"] if job["over"]]
        if over:
            lay_over(order["layers"], over, order["limits"], user)
    except OSError as error:
        sys.exit(str(error.strerror or error))


if __name__ == "__main__":
    main()
