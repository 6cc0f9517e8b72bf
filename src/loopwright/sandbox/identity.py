"""Who commands run as: never root."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from loopwright.core.errors import SandboxError
from loopwright.core.ports import Mount

_NOBODY = 65534
#: What the supervisor needs until it gives up everything; the last to mount something where only the owner comes.
_FOR_SETUP = ("CAP_SETUID", "CAP_SETGID", "CAP_SYS_ADMIN", "CAP_SETPCAP", "CAP_DAC_OVERRIDE")
#: What the layers' file system acts with, on behalf of commands that have passed their own checks.
_FOR_LAYERS = ("CAP_CHOWN", "CAP_FOWNER", "CAP_FSETID")
_CAP_SETUID, _CAP_SYS_ADMIN = 7, 21


@dataclass(frozen=True)
class Identity:
    """`drop`: the supervisor drops root; `drop_first`: root is dropped before bubblewrap; neither: not root."""

    uid: int
    gid: int
    drop: bool = False
    drop_first: bool = False
    mapped: bool = False  # the tree belongs to root: it is shown as this user's own

    def arguments(self, layered: bool) -> list[str]:
        """bubblewrap's arguments for this identity."""
        needed = (*_FOR_SETUP, *_FOR_LAYERS) if layered else _FOR_SETUP
        if self.drop:
            return ["--cap-drop", "ALL", *_kept(*needed)]
        more = ("CAP_SETFCAP", "CAP_SYS_RESOURCE")  # to map the user in the namespace below, to forbid further ones
        return ["--unshare-user", "--uid", "0", "--gid", "0", "--cap-drop", "ALL", *_kept(*needed, *more)]


def _kept(*capabilities: str) -> list[str]:
    return [word for capability in capabilities for word in ("--cap-add", capability)]


def choose_identity(mount: Mount) -> Identity:
    """The mount's owner, as this process may become it. Raises SandboxError rather than stay root."""
    me = os.geteuid()
    if me != 0:
        return Identity(me, os.getegid())
    uid, gid = mount.uid, mount.gid
    if uid is None:
        try:
            owner = Path(mount.path).stat()
        except OSError as error:
            raise SandboxError(f"{mount.path} cannot be shown in a sandbox: {error.strerror}") from None
        uid, gid = owner.st_uid, owner.st_gid
    mapped = uid == 0 and mount.mount_namespace is None
    uid, gid = uid or _NOBODY, gid or _NOBODY
    held = _capabilities()
    if not held >> _CAP_SETUID & 1:
        raise SandboxError("root without CAP_SETUID cannot drop its rights: start Loopwright as an ordinary user")
    if held >> _CAP_SYS_ADMIN & 1:
        return Identity(uid, gid, drop=True, mapped=mapped)
    return Identity(uid, gid, drop_first=True)


def _capabilities() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return int(line.split()[1], 16)
    return 0
