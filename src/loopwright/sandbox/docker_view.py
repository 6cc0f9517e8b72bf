"""What of this machine a container shows, at paths that a daemon of the same machine can bind.

A view lives in a mount namespace of its own, a tree of another owner must be shown as the container user's, and writes
into a plain directory go to a limited layer: as root, all of these are mounted below a directory that only root can
enter, for as long as the container lives.
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
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from loopwright.core.errors import SandboxError
from loopwright.core.ports import Mount, Profile
from loopwright.core.running import Limits
from loopwright.sandbox.binds import identity_files
from loopwright.sandbox.environment import HOME
from loopwright.sandbox.identity import choose_identity
from loopwright.sandbox.keeping import Keeper, Kept
from loopwright.sandbox.metadata import find_sockets, metadata_of
from loopwright.sandbox.places import Place, find_places
from loopwright.sandbox.secrets import find_secrets

_PROGRAM = Path(__file__).with_name("container_mount.py")
_INSIDE = Path(__file__).parent.parent / "inside"
_MNT_DETACH = 2
_SPARE_INODES = 8  # a layer's own directories
_DISK, _INODES = 512 << 20, 100_000


@dataclass(frozen=True)
class Shown:
    """`source` on the daemon's machine is shown at `at`. No source: an empty directory nobody can write."""

    source: str
    at: str
    writable: bool = False


@dataclass(frozen=True)
class Laid:
    """A layer: `upper` takes what is written, `target` is the directory that gets it in the end."""

    upper: str
    target: str


@dataclass(frozen=True)
class View:
    """A mount as a container shows it."""

    root: str
    measured: str  # what is written to as this process sees it, for its free space
    watched: tuple[str, ...]  # writable directories whose file system has no limit of its own
    shown: tuple[Shown, ...]
    user: tuple[int, int]
    limited: bool  # the file system of `measured` ends where the limits on disk and inodes do
    place: str  # the directory below which all of it is mounted
    masks: tuple[str, ...]  # empty directories that were made to keep an absent `.git` absent
    layers: tuple[Laid, ...]
    began: float  # seconds since the epoch


def expose(
    mount: Mount, profile: Profile, limits: Limits, name: str, remapped: bool, caller: Mapping[str, str]
) -> View:
    """Make the mount visible to the daemon. `remapped`: the daemon's root is this process's own user; `caller`: the
    environment of whoever asks.

    Raises SandboxError with what to do where it cannot be.
    """
    root = os.path.normpath(mount.at or mount.path)
    identity = choose_identity(mount)
    user = (0, 0) if remapped else (identity.uid, identity.gid)
    places = find_places(mount, root, profile, identity)
    _check_names(places)
    top = make_place(name)
    masks: list[str] = []
    try:
        sources = _mount(top, mount, places, user, limits)
        shown = [Shown(sources[place], place.at, place.writable) for place in places]
        for place in places:
            if place.writable:
                shown += _metadata(mount, place, sources[place], masks)
            shown += [Shown(os.devnull, f"{place.at}/{path}") for path in find_sockets(mount, place)]
            shown += [Shown("" if directory else os.devnull, path) for path, directory in find_secrets(place, caller)]
        taken = {each.at for each in shown}
        shown += [each for each in _identity(top, *user) if each.at not in taken]
    except BaseException:
        _remove_masks(masks)
        withdraw(top)
        raise
    workspace = next(place for place in places if place.at == root)
    layered = next((place for place in places if place.lower), None)
    limited = layered is not None or mount.mount_namespace is not None
    return View(
        root=root,
        measured=sources[layered or workspace],
        watched=tuple(p.source for p in places if p.writable and not p.lower and not (p == workspace and limited)),
        shown=tuple(shown),
        user=user,
        limited=limited,
        place=top,
        masks=tuple(masks),
        layers=tuple(Laid(f"{top}/layers/{n}/upper", p.source) for n, p in enumerate(p for p in places if p.lower)),
        began=time.time(),
    )


def _check_names(places: Sequence[Place]) -> None:
    for place in places:
        if not place.at.isprintable() and place.at != os.fsencode(place.at).decode(errors="replace"):
            raise SandboxError(f"a container cannot show {place.at!a}: its name is not UTF-8; use --backend bubblewrap")


def keep(view: View, kept: Kept) -> None:
    """Bring what was written into layers to the directories below them; nothing may run any more."""
    for laid in view.layers:
        try:
            layer = os.open(laid.upper, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                Keeper(laid.target, view.began, view.user, kept).keep(layer)
            finally:
                os.close(layer)
        except OSError as error:
            kept.fail(laid.target, error)


def take_back(view: View) -> None:
    """Unmount what the container was shown."""
    _remove_masks(view.masks)
    withdraw(view.place)


def make_place(name: str) -> str:
    """A new directory that nobody but this user can enter. Raises SandboxError."""
    top = _top()
    try:
        top.mkdir(mode=0o700, parents=True, exist_ok=True)
        if top.lstat().st_uid != os.geteuid():
            raise SandboxError(f"{top} belongs to another user: remove it")
        (top / name).mkdir(mode=0o700)
    except OSError as error:
        raise SandboxError(f"{top} cannot be used for what containers show: {error.strerror}") from None
    return str(top / name)


def _top() -> Path:
    if os.geteuid() == 0:
        return Path("/run/loopwright/containers")
    return Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir(), f"loopwright-containers-{os.geteuid()}")


def withdraw(place: str) -> None:
    """Unmount what was put down at a place, the last first, and remove the place."""
    libc = ctypes.CDLL(None, use_errno=True)
    for mounted in [*sorted(Path(place).glob("over*")), *sorted(Path(place).glob("tree*")), Path(place, "layers")]:
        while libc.umount2(os.fsencode(mounted), _MNT_DETACH) == 0:  # a mount, and the one over it with other owners
            pass
        with contextlib.suppress(OSError):  # still mounted: nothing in it may be touched
            mounted.rmdir()
    shutil.rmtree(f"{place}/etc", ignore_errors=True)
    with contextlib.suppress(OSError):
        Path(place).rmdir()


def sweep_places() -> None:
    """Withdraw what processes that were killed left."""
    with contextlib.suppress(OSError):
        for place in _top().iterdir():
            pid = place.name.split("-")[1:2]
            if pid and pid[0].isdigit() and not _runs(int(pid[0])):
                withdraw(str(place))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _mount(top: str, mount: Mount, places: Sequence[Place], user: tuple[int, int], limits: Limits) -> dict[Place, str]:
    """Where the daemon finds each place."""
    sources = {place: place.source for place in places}
    jobs = []
    for number, place in enumerate(places):
        namespace = mount.mount_namespace if place.source == mount.path else None
        if namespace is None and not place.owner and not place.lower:
            continue
        if os.geteuid() != 0:
            what = "mount a layer" if place.lower else "show a view in another mount namespace"
            raise SandboxError(f"an ordinary user cannot {what} to Docker: start Loopwright as root for that")
        target, over = f"{top}/tree{number}", f"{top}/over{number}" if place.lower else None
        for made in (target, over):
            if made:
                Path(made).mkdir(mode=0o755)
        jobs.append(
            {"source": place.source, "target": target, "namespace": namespace, "owner": place.owner, "over": over}
        )
        sources[place] = over or target
    if any(job["over"] for job in jobs):
        Path(top, "layers").mkdir(mode=0o755)
    if jobs:
        spare = _SPARE_INODES * len(jobs)
        size = [limits.disk or _DISK, (limits.inodes or _INODES) + spare]
        order = {"jobs": jobs, "user": user, "layers": f"{top}/layers", "limits": size}
        _run(order, [] if mount.mount_namespace is None else [mount.mount_namespace])
    return sources


def _run(order: Mapping[str, object], held: Sequence[int]) -> None:
    argv = [sys.executable, "-I", "-S", str(_PROGRAM), str(_INSIDE)]
    ran = subprocess.run(
        argv, input=json.dumps(order), pass_fds=held, capture_output=True, text=True, check=False, timeout=30
    )
    if ran.returncode != 0:
        lines = ran.stderr.strip().splitlines() or ["no reason given"]
        raise SandboxError(f"the workspace cannot be shown to Docker: {lines[-1]}")


def _metadata(mount: Mount, place: Place, source: str, masks: list[str]) -> list[Shown]:
    """Every `.git`, read-only; an absent one at the top stays absent."""
    own = mount.mount_namespace is None or place.source != mount.path
    if own:
        with contextlib.suppress(OSError):  # the mask that a killed host left
            Path(place.source, ".git").rmdir()
    shown = []
    for path in sorted(metadata_of(mount, place)):
        if Path(source, path).exists() and not Path(source, path).is_symlink():
            shown.append(Shown(f"{source}/{path}", f"{place.at}/{path}"))
    if os.path.lexists(f"{source}/.git") or not Path(source).is_dir():
        return shown
    # Made here: the runtime would make it as root, whom a mount with other owners does not know.
    mask = Path(place.source if own and not place.lower else source, ".git")
    mask.mkdir(mode=0o555)
    if own and not place.lower:
        masks.append(str(mask))
    return [*shown, Shown("", f"{place.at}/.git")]


def _remove_masks(masks: Sequence[str]) -> None:
    for mask in masks:
        with contextlib.suppress(OSError):
            Path(mask).rmdir()


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
