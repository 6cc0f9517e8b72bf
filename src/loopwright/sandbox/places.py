"""What of the user's files a sandbox shows: the workspace, and directories that were asked for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from loopwright.core.errors import SandboxError
from loopwright.core.ports import Bind, Mount, Profile
from loopwright.sandbox.identity import Identity

#: Where directories below a layer are shown to the supervisor, and to nobody once the sandbox stands.
LOWERS = "/run/loopwright/lower"
#: The kernel's and the sandbox's own: nothing of the user's is shown there.
_TAKEN = ("/proc", "/dev", "/sys", "/run/loopwright")
_PRIVATE = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - the sandbox's own


@dataclass(frozen=True)
class Place:
    """`source` is shown at `at`; where `lower` is set, what is written there goes into a layer."""

    source: str
    at: str
    writable: bool
    lower: str = ""
    owner: tuple[int, int] | None = None  # whose files are shown as the sandbox user's own


def find_places(mount: Mount, root: str, profile: Profile, identity: Identity) -> list[Place]:
    """The workspace first, then the directories that were asked for, those above before those below. The profile is the
    workspace's; a directory that was asked for says itself whether it is writable.

    Raises SandboxError for what cannot be shown.
    """
    if taken := _is_taken(root):
        raise SandboxError(f"{root} cannot be the workspace: {taken}")
    writable = profile == "workspace-write"
    owner = (0, 0) if identity.mapped else None
    layered = writable and mount.layered
    places = [Place(mount.path, root, writable, f"{LOWERS}/0" if layered else "", owner)]
    for bind in sorted(_distinct(mount.extra), key=lambda b: b.path):
        path = bind.path
        _check(bind)
        if f"{path}/".startswith(f"{root}/") and (writable or not bind.writable):
            continue  # it is shown as part of the workspace
        lower = f"{LOWERS}/{len(places)}" if bind.writable and mount.layered else ""
        if lower and (root.startswith(path + "/") or any(p.lower and path.startswith(p.at + "/") for p in places)):
            raise SandboxError(f"{path} cannot be writable beside another writable directory that lies in it")
        places.append(Place(path, path, bind.writable, lower, _foreign(path, identity)))
    return sorted(places, key=lambda p: (p.at.count("/"), p.at)) if len(places) > 1 else places


def _distinct(binds: Sequence[Bind]) -> list[Bind]:
    found: dict[str, Bind] = {}
    for bind in binds:
        path = os.path.realpath(bind.path)
        found[path] = Bind(path, bind.writable or (path in found and found[path].writable))
    return list(found.values())


def _check(bind: Bind) -> None:
    path = bind.path
    if not Path(path).exists():
        raise SandboxError(f"{path} is not there: it cannot be shown in the sandbox")
    if taken := _is_taken(path):
        raise SandboxError(f"{path} cannot be shown in the sandbox: {taken}")
    if bind.writable and ".git" in path.lower().split("/"):
        raise SandboxError(f"{path} cannot be writable: a repository's metadata is not, in any sandbox")


def _is_taken(path: str) -> str:
    """Why showing the path would hide what every sandbox has of its own, and what to do; "" where it would not."""
    for top in _TAKEN:
        if path == top or path.startswith(top + "/"):
            return f"every sandbox has a {top} of its own; use a directory elsewhere"
    hidden = next((top for top in (*_TAKEN, *_PRIVATE) if path == "/" or f"{top}/".startswith(path + "/")), "")
    return f"it would hide the sandbox's own {hidden}; name the directory below it that is needed" if hidden else ""


def _foreign(path: str, identity: Identity) -> tuple[int, int] | None:
    """The owner of a tree that root shows as the sandbox user's own; None where nothing has to be changed."""
    status = Path(path).stat()
    if not identity.drop or status.st_uid == identity.uid:
        return None
    return status.st_uid, status.st_gid
