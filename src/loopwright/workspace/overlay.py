"""A copy-on-write view: an overlay over the user's tree, in a mount namespace that only its descriptors keep alive."""

from __future__ import annotations

import array
import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from loopwright.core.errors import WorkspaceError
from loopwright.core.ports import Blobs
from loopwright.workspace.layer import Reader
from loopwright.workspace.owner import Owner

_MOUNTER = Path(__file__).with_name("mounter.py")
_SPARE_INODES = 64  # the layers' own directories


class NoOverlay(Exception):
    """No overlay can be mounted here; the text is the kernel's reason."""


class Overlay:
    """The descriptors of one mounted view. Closing them is what unmounts it."""

    note = ""

    def __init__(self, upper: int, tree: int, path: str, namespaces: list[int], owner: Owner, blobs: Blobs) -> None:
        self.tree, self.path, self.owner = tree, path, owner
        self.mount_namespace: int | None = namespaces[0]
        self.user_namespace: int | None = namespaces[1] if len(namespaces) > 1 else None
        reader = Reader(upper, blobs)
        self.read, self.still = reader.read, reader.still
        self._held = [upper, tree, *namespaces]

    def close(self) -> None:
        """Unmount; what still runs in the namespace keeps it until it ends."""
        while self._held:
            os.close(self._held.pop())


def mount_point() -> str:
    """An empty directory that stays; each view mounts over it in a namespace of its own."""
    if os.geteuid() == 0:
        places = ["/run/loopwright", "/var/lib/loopwright-views"]
    else:
        places = [f"/run/user/{os.geteuid()}/loopwright", f"{tempfile.gettempdir()}/loopwright-{os.geteuid()}"]
    for place in places:
        try:
            Path(place).mkdir(mode=0o755, parents=True, exist_ok=True)
            info = Path(place).lstat()
        except OSError:
            continue
        if info.st_uid == os.geteuid() and not info.st_mode & 0o022 and stat.S_ISDIR(info.st_mode):
            return place
    raise WorkspaceError(f"no directory to mount the view on: make {places[0]} writable")


def mount_overlay(
    root: str,
    owner: Owner,
    disk: int,
    inodes: int,
    git_dirs: Sequence[str],
    fill: Callable[[int], None],
    blobs: Blobs,
) -> Overlay:
    """Mount a view of root. `fill` writes the upper layer first, given its descriptor.

    Raises NoOverlay with the kernel's reason where it cannot be mounted here, OSError where `fill` has no room.
    """
    at = mount_point()
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
        "git": [path for path in git_dirs if not Path(root, path).is_symlink()],
    }
    upper, tree, *namespaces = _run_mounter(want, fill)
    return Overlay(upper, tree, f"{at}/tree", namespaces, owner, blobs)


def _run_mounter(want: Mapping[str, object], fill: Callable[[int], None]) -> list[int]:
    """The descriptors of the upper layer, the tree, the mount namespace and, if there is one, the user namespace."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        argv = [sys.executable, "-I", "-S", str(_MOUNTER), str(theirs.fileno()), json.dumps(want)]
        child = subprocess.Popen(argv, pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL, cwd="/")
        theirs.close()
        held: list[int] = []
        try:
            held = _receive(ours, 1)
            fill(held[0])
            ours.send(b"x")
            held += _receive(ours, 3)
        except BaseException:
            for fd in held:
                os.close(fd)
            raise
        finally:
            ours.close()
            child.wait()
    return held


def _receive(sock: socket.socket, most: int) -> list[int]:
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
        raise NoOverlay(word.removeprefix("failed ") or "the mounting process ended without a word")
    return list(fds)
