"""What of this machine a container shows, at paths that a daemon of the same machine can bind.

A view lives in a mount namespace of its own, and a tree of root's must be shown as the container user's: as root, both
are put down below a directory only root can enter, for as long as the container lives.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from loopwright.core.errors import SandboxError
from loopwright.core.ports import Mount, Profile
from loopwright.sandbox.binds import identity_files
from loopwright.sandbox.environment import HOME
from loopwright.sandbox.identity import choose_identity
from loopwright.sandbox.metadata import find_metadata

_PROGRAM = Path(__file__).with_name("container_mount.py")
_INSIDE = Path(__file__).parent.parent / "inside"
_MNT_DETACH = 2
_TAKEN = ("/proc", "/dev", "/sys", "/run/loopwright", "/tmp")  # noqa: S108 - the container's own


@dataclass(frozen=True)
class Shown:
    """`source` on the daemon's machine is shown at `at`. No source: an empty directory nobody can write."""

    source: str
    at: str
    writable: bool = False


@dataclass(frozen=True)
class View:
    """A mount as a container shows it; `place` is the directory to be given to `withdraw`."""

    root: str
    tree: str  # the workspace as this process sees it
    shown: tuple[Shown, ...]
    uid: int
    gid: int
    limited: bool  # its file system ends where the limits on disk and inodes do
    place: str
    mask: str  # the empty directory that was made to keep an absent `.git` absent


def expose(mount: Mount, profile: Profile, name: str, remapped: bool) -> View:
    """Make the mount visible to the daemon. `remapped`: the daemon's root is this process's own user.

    Raises SandboxError with what to do where it cannot be.
    """
    root = os.path.normpath(mount.at or mount.path)
    identity = choose_identity(mount)
    uid, gid = (0, 0) if remapped else (identity.uid, identity.gid)
    place = make_place(name)
    try:
        tree = mount.path
        if mount.mount_namespace is not None or identity.mapped:
            tree = f"{place}/tree"
            _mount(mount, tree, (uid, gid) if identity.mapped else None)
        shown = [Shown(tree, root, profile == "workspace-write")]
        shown += [_asked(bind.path, bind.writable and profile == "workspace-write") for bind in mount.extra]
        if profile == "workspace-write":
            shown += _metadata(mount, tree, root)
        shown += _identity(place, uid, gid)
    except BaseException:
        withdraw(place)
        raise
    mask = f"{_beneath(mount, tree)}/.git" if Shown("", f"{root}/.git") in shown else ""
    return View(root, tree, tuple(shown), uid, gid, mount.mount_namespace is not None, place, mask)


def make_place(name: str) -> str:
    """A new directory that nobody but this user can enter. Raises SandboxError."""
    top = Path("/run/loopwright/containers") if os.geteuid() == 0 else _user_directory()
    try:
        top.mkdir(mode=0o700, parents=True, exist_ok=True)
        if top.lstat().st_uid != os.geteuid():
            raise SandboxError(f"{top} belongs to another user: remove it")
        (top / name).mkdir(mode=0o700)
    except OSError as error:
        raise SandboxError(f"{top} cannot be used for what containers show: {error.strerror}") from None
    return str(top / name)


def _user_directory() -> Path:
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return Path(runtime or tempfile.gettempdir()) / f"loopwright-containers-{os.geteuid()}"


def withdraw(place: str) -> None:
    """Unmount what was put down at a place and remove it."""
    libc = ctypes.CDLL(None, use_errno=True)
    for tree in Path(place).glob("tree*"):
        while libc.umount2(os.fsencode(tree), _MNT_DETACH) == 0:  # a mount, and the one over it with other owners
            pass
        with contextlib.suppress(OSError):  # still mounted: nothing in it may be touched
            tree.rmdir()
    shutil.rmtree(f"{place}/etc", ignore_errors=True)
    with contextlib.suppress(OSError):
        Path(place).rmdir()


def left_places() -> list[str]:
    """The places of this user, also of processes that have ended."""
    top = Path("/run/loopwright/containers") if os.geteuid() == 0 else _user_directory()
    with contextlib.suppress(OSError):
        return [str(path) for path in top.iterdir()]
    return []


def _mount(mount: Mount, target: str, shown: tuple[int, int] | None) -> None:
    if os.geteuid() != 0:
        raise SandboxError("a view in another mount namespace cannot be shown to Docker by an ordinary user")
    Path(target).mkdir(mode=0o755)
    job = {
        "source": mount.path,
        "target": target,
        "namespace": mount.mount_namespace,
        "owner": [0, 0] if shown else None,
        "shown": shown,
    }
    held = [mount.mount_namespace] if mount.mount_namespace is not None else []
    argv = [sys.executable, "-I", "-S", str(_PROGRAM), str(_INSIDE)]
    ran = subprocess.run(
        argv, input=json.dumps([job]), pass_fds=held, capture_output=True, text=True, check=False, timeout=30
    )
    if ran.returncode != 0:
        lines = ran.stderr.strip().splitlines() or ["no reason given"]
        raise SandboxError(f"the workspace cannot be shown to Docker: {lines[-1]}")


def _asked(path: str, writable: bool) -> Shown:
    real = os.path.realpath(path)
    if not Path(real).exists():
        raise SandboxError(f"{path} is not there: it cannot be shown in the sandbox")
    if real == "/" or any(real == top or real.startswith(top + "/") for top in _TAKEN[:-1]) or real == _TAKEN[-1]:
        raise SandboxError(f"{path} cannot be shown in the sandbox: name the directory below it that is needed")
    return Shown(real, real, writable)


def _metadata(mount: Mount, tree: str, root: str) -> list[Shown]:
    """Every `.git`, read-only; an absent one at the root stays absent."""
    relative: set[str] = set() if mount.mount_namespace is not None else find_metadata(tree)
    for path in mount.git_dirs:
        relative.add(os.path.relpath(path, root) if os.path.isabs(path) else path)
    if mount.mount_namespace is None and ".git" in relative:
        with contextlib.suppress(OSError):  # the mask that a killed host left
            Path(tree, ".git").rmdir()
            relative.discard(".git")
    shown = [Shown(f"{tree}/{path}", f"{root}/{path}") for path in sorted(relative) if _is_real(f"{tree}/{path}")]
    if ".git" in relative:
        return shown
    # Made here: the runtime would make it as root, whom a mount with other owners does not know.
    Path(_beneath(mount, tree), ".git").mkdir(mode=0o555)
    return [*shown, Shown("", f"{root}/.git")]


def _beneath(mount: Mount, tree: str) -> str:
    """The tree with its own owners."""
    return tree if mount.mount_namespace is not None else mount.path


def _is_real(path: str) -> bool:
    return Path(path).exists() and not Path(path).is_symlink()


def unmask(view: View) -> None:
    """Remove the empty directory that masked an absent `.git`."""
    if view.mask:
        with contextlib.suppress(OSError):
            Path(view.mask).rmdir()


def _identity(place: str, uid: int, gid: int) -> Sequence[Shown]:
    """The few files of /etc that say who is there."""
    etc = Path(place, "etc")
    etc.mkdir(mode=0o755)
    found = []
    for path, content in identity_files(uid, gid, HOME).items():
        file = etc / Path(path).name
        file.write_bytes(content)
        file.chmod(0o644)
        found.append(Shown(str(file), path))
    return found
