"""A copy-on-write view: an overlay over the user's tree, in a mount namespace that only its descriptors keep alive."""

from __future__ import annotations

import array
import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from loopwright.core.errors import WorkspaceError

#: Who runs commands when Loopwright runs as root on a tree of root's: no account has this number.
UNPRIVILEGED = 65533
_MOUNTER = Path(__file__).with_name("mounter.py")
_SPARE_INODES = 64  # the layers' own directories


@dataclass(frozen=True)
class Owner:
    """Whose the tree is, and who owns the view's files and runs the commands."""

    tree_uid: int
    tree_gid: int
    uid: int
    gid: int

    def seen(self, uid: int, gid: int) -> tuple[int, int]:
        """The owner in the view of what belongs to uid and gid in the tree."""
        return (self.uid if uid == self.tree_uid else uid, self.gid if gid == self.tree_gid else gid)


def owner_of(root: str) -> Owner:
    """Root never runs commands: the tree's owner does, or nobody where that is root as well."""
    info = Path(root).stat()
    if os.geteuid() != 0:
        return Owner(os.geteuid(), os.getegid(), os.geteuid(), os.getegid())
    if info.st_uid != 0:
        return Owner(info.st_uid, info.st_gid, info.st_uid, info.st_gid)
    return Owner(0, info.st_gid, UNPRIVILEGED, UNPRIVILEGED if info.st_gid == 0 else info.st_gid)


@dataclass
class Overlay:
    """The descriptors of one mounted view. Closing them is what unmounts it."""

    upper: int
    tree: int
    path: str  # of the tree inside the namespace
    mount_namespace: int
    user_namespace: int | None
    mark: str  # the attribute that says a directory hides the one below
    owner: Owner
    _closed: bool = field(default=False)

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        for fd in (self.upper, self.tree, self.mount_namespace, self.user_namespace):
            if fd is not None:
                os.close(fd)


def mount_point() -> str:
    """An empty directory that stays; each view mounts over it in a namespace of its own."""
    if os.geteuid() == 0:
        places = ["/run/loopwright", "/var/lib/loopwright-views"]
    else:
        places = [f"/run/user/{os.geteuid()}/loopwright", f"/tmp/loopwright-{os.geteuid()}"]  # noqa: S108 - owner is checked
    for place in places:
        try:
            Path(place).mkdir(mode=0o755, parents=True, exist_ok=True)
            info = Path(place).lstat()
        except OSError:
            continue
        if info.st_uid == os.geteuid() and not info.st_mode & 0o022 and stat.S_ISDIR(info.st_mode):
            return place
    raise WorkspaceError(f"no directory to mount the view on: make {places[0]} writable")


def mount_overlay(root: str, owner: Owner, disk: int, inodes: int, fill: Callable[[int, str], None]) -> Overlay:
    """Mount a view of root. `fill` writes the upper layer first, given its descriptor and the opaque mark's name.

    Raises OSError with the kernel's reason where it cannot be mounted here.
    """
    at, git = mount_point(), Path(root, ".git")
    want = {
        "at": at,
        "root": root,
        "size": disk,
        "inodes": inodes + _SPARE_INODES,
        "uid": owner.uid,
        "gid": owner.gid,
        "tree_uid": owner.tree_uid,
        "tree_gid": owner.tree_gid,
        "own_user": os.geteuid() != 0,
        "mode": Path(root).stat().st_mode & 0o777,
        "git": git.is_dir() and not git.is_symlink(),
    }
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        argv = [sys.executable, "-I", "-S", str(_MOUNTER), str(theirs.fileno()), json.dumps(want)]
        child = subprocess.Popen(argv, pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL, cwd="/")
        theirs.close()
        held: list[int] = []
        try:
            _, held = _receive(ours, 1)
            fill(held[0], "user.overlay.opaque")
            ours.send(b"x")
            word, more = _receive(ours, 3)
            held += more
        except BaseException:
            for fd in held:
                os.close(fd)
            raise
        finally:
            ours.close()
            child.wait()
    upper, tree, spaces = held[0], held[1], held[2:]
    mark = "user.overlay.opaque" if word == "ready user" else "trusted.overlay.opaque"
    return Overlay(upper, tree, f"{at}/tree", spaces[0], spaces[1] if len(spaces) > 1 else None, mark, owner)


def _receive(sock: socket.socket, most: int) -> tuple[str, list[int]]:
    data, ancillary, _, _ = sock.recvmsg(4096, socket.CMSG_SPACE(most * 4))
    fds = array.array("i")
    for level, kind, body in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(body[: len(body) - len(body) % fds.itemsize])
    for fd in fds:
        os.set_inheritable(fd, False)
    word = data.decode()
    if not word.startswith(("upper", "ready")):
        for fd in fds:
            os.close(fd)
        raise OSError(word.removeprefix("failed ") or "the mounter ended without a word")
    return word, list(fds)
