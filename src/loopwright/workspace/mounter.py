"""Mounts one view in a namespace of its own, hands the descriptors to its parent, and ends.

Run as a program (`python -I -S mounter.py`), never imported: a process with threads can neither fork safely nor enter a
user namespace. The namespaces live on by the descriptors the parent keeps, and no mount is ever visible to the host.

Protocol on the socket given as argv[1], options as JSON in argv[2]:
    -> "upper" + [upper directory]      the parent fills the upper layer, then answers one byte
    -> "ready" + [tree, mount namespace, user namespace if there is one]
    -> "failed STEP: REASON"
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import json
import os
import socket
import sys
from typing import Any

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    1,
    2,
    4,
    8,
    32,
    4096,
    16384,
    1 << 18,
)
OPEN_TREE_CLONE, AT_EMPTY_PATH, AT_FDCWD = 1, 0x1000, -100
MOVE_MOUNT_F_EMPTY_PATH, MOUNT_ATTR_IDMAP = 4, 0x00100000
SYS_OPEN_TREE, SYS_MOVE_MOUNT, SYS_MOUNT_SETATTR = 428, 429, 442  # the same on every architecture since 2019

libc = ctypes.CDLL(None, use_errno=True)


class MountAttr(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("attr_set", "attr_clr", "propagation", "userns_fd")]


def check(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    done = libc.mount(source.encode(), os.fsencode(target), kind.encode(), ctypes.c_ulong(flags), options.encode())
    check(done, f"mount {kind or 'bind'}")


def bind(source: str, target: str, read_only: bool = False) -> None:
    done = libc.mount(os.fsencode(source), os.fsencode(target), None, ctypes.c_ulong(MS_BIND | MS_REC), None)
    check(done, "bind")
    if read_only:
        # What the mount below forbids must stay forbidden: a user namespace may not lift it. ST_* equal MS_* here.
        kept = os.statvfs(target).f_flag & MS_NOEXEC
        flags = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | kept
        check(libc.mount(None, os.fsencode(target), None, ctypes.c_ulong(flags), None), "read-only bind")


def enter_namespaces(own_user: bool) -> None:
    uid, gid = os.getuid(), os.getgid()
    check(libc.unshare(CLONE_NEWNS | (CLONE_NEWUSER if own_user else 0)), "unshare")
    if own_user:
        write("/proc/self/setgroups", "deny")
        write("/proc/self/uid_map", f"{uid} {uid} 1")
        write("/proc/self/gid_map", f"{gid} {gid} 1")
    check(libc.mount(None, b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None), "make private")


def write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


def mapping(source: int, target: int) -> str:
    """One id seen as another, every other one as itself."""
    low, high = sorted((source, target))
    lines = [f"{source} {target} 1", f"0 0 {low}", f"{low + 1} {low + 1} {high - low - 1}"]
    lines.append(f"{high + 1} {high + 1} {(1 << 32) - 2 - high}")
    return "\n".join(line for line in lines if not line.endswith(" 0"))


def user_namespace(uid: tuple[int, int], gid: tuple[int, int]) -> int:
    """A descriptor of a user namespace that only carries a mapping of ids."""
    ready, done = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        libc.unshare(CLONE_NEWUSER)
        os.write(ready[1], b"x")
        os.read(done[0], 1)
        os._exit(0)
    os.read(ready[0], 1)
    try:
        write(f"/proc/{child}/uid_map", mapping(*uid))
        write(f"/proc/{child}/gid_map", mapping(*gid))
        return os.open(f"/proc/{child}/ns/user", os.O_RDONLY)
    finally:
        os.write(done[1], b"x")
        os.waitpid(child, 0)


def bind_mapped(source: str, target: str, uid: tuple[int, int], gid: tuple[int, int]) -> None:
    """Bind a tree so that its owner appears as another: mount_setattr(2), overlay lowers since Linux 5.19."""
    tree = libc.syscall(SYS_OPEN_TREE, AT_FDCWD, os.fsencode(source), OPEN_TREE_CLONE)
    check(tree, "open_tree")
    attr = MountAttr(attr_set=MOUNT_ATTR_IDMAP, userns_fd=user_namespace(uid, gid))
    done = libc.syscall(SYS_MOUNT_SETATTR, tree, b"", AT_EMPTY_PATH, ctypes.byref(attr), ctypes.sizeof(attr))
    check(done, "map owners")
    moved = libc.syscall(SYS_MOVE_MOUNT, tree, b"", AT_FDCWD, os.fsencode(target), MOVE_MOUNT_F_EMPTY_PATH)
    check(moved, "move_mount")


def mount_overlay(base: str) -> None:
    """Mount the tree, its marks in user.overlay.* where the kernel knows how (Linux 5.11)."""
    layers = f"lowerdir={base}/lower,upperdir={base}/upper,workdir={base}/work,index=off,metacopy=off,xino=off"
    try:
        mount("loopwright", f"{base}/tree", "overlay", MS_NOSUID | MS_NODEV, layers + ",userxattr")
    except OSError:
        mount("loopwright", f"{base}/tree", "overlay", MS_NOSUID | MS_NODEV, layers + ",redirect_dir=nofollow")


def send(sock: socket.socket, text: str, fds: tuple[int, ...] = ()) -> None:
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    with contextlib.suppress(BrokenPipeError):  # who asked for the view is gone, and the view with them
        sock.sendmsg([text.encode("utf-8", "replace")], ancillary)


def open_dir(path: str) -> int:
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY)


def build(sock: socket.socket, want: dict[str, Any]) -> None:
    base, root = want["at"], want["root"]
    mapped = want["tree_uid"] != want["uid"] or want["tree_gid"] != want["gid"]
    enter_namespaces(want["own_user"])
    mount(
        "loopwright", base, "tmpfs", MS_NOSUID | MS_NODEV, f"size={want['size']},nr_inodes={want['inodes']},mode=0755"
    )
    for name in ("lower", "upper", "work", "tree"):
        os.mkdir(f"{base}/{name}", 0o755)
    if mapped:
        bind_mapped(root, f"{base}/lower", (want["tree_uid"], want["uid"]), (want["tree_gid"], want["gid"]))
    else:
        bind(root, f"{base}/lower")
    os.chown(f"{base}/upper", want["uid"], want["gid"])
    os.chmod(f"{base}/upper", want["mode"])
    send(sock, "upper", (open_dir(f"{base}/upper"),))
    if not sock.recv(1):
        return
    mount_overlay(base)
    tree = open_dir(f"{base}/tree")
    # Repository metadata is read-only in every sandbox that binds the tree whole, whatever else it does.
    for path in want["git"]:
        if os.path.lexists(f"{base}/tree/{path}"):
            bind(f"{base}/lower/{path}", f"{base}/tree/{path}", read_only=True)
    # The view also stands at the user's own path here, so that git sees it where its configuration expects it.
    bind(f"{base}/tree", root)
    spaces = [os.open("/proc/self/ns/mnt", os.O_RDONLY)]
    if want["own_user"]:
        spaces.append(os.open("/proc/self/ns/user", os.O_RDONLY))
    send(sock, "ready", (tree, *spaces))


def main() -> None:
    sock = socket.socket(fileno=int(sys.argv[1]))
    try:
        build(sock, json.loads(sys.argv[2]))
    except OSError as error:
        send(sock, f"failed {error.strerror or error}")


if __name__ == "__main__":
    main()
