"""Repository metadata a command must not change: hooks and configuration there would run later, outside."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from loopwright.core.ports import Mount
from loopwright.sandbox.places import Place

_MOST_DIRECTORIES = 20_000
_SKIPPED = frozenset({"node_modules", ".venv", "venv", "__pycache__"})


def metadata_of(mount: Mount, place: Place) -> set[str]:
    """Paths of the repository metadata in a place, relative to it."""
    if place.source != mount.path:
        return find_metadata(place.source)
    named = {_relative(path, mount) for path in mount.git_dirs}
    return named if mount.mount_namespace is not None else named | find_metadata(mount.path)


def metadata_binds(mount: Mount, place: Place, undo: list[Callable[[], None]]) -> list[str]:
    """bubblewrap arguments that make every `.git` read-only and keep an absent one at the top absent.

    The directory that masks an absent `.git` has to exist in the tree: `undo` is given what removes it again.
    """
    seen_here = mount.mount_namespace is None or place.source != mount.path
    mask = Path(place.source, ".git")
    if seen_here:
        _remove_empty(mask)  # the mask that a killed host left
    relative = metadata_of(mount, place)
    words: list[str] = []
    for path in sorted(relative):
        words += ["--ro-bind-try", f"{place.source}/{path}", f"{place.at}/{path}"]
    if ".git" not in relative:
        words += ["--perms", "0555", "--tmpfs", f"{place.at}/.git", "--remount-ro", f"{place.at}/.git"]
        if seen_here:
            undo.append(lambda: _remove_empty(mask))
    return words


def metadata_shields(mount: Mount, place: Place) -> list[tuple[str, str, str]]:
    """The supervisor's steps that do the same over a layer, where nothing has to be made in the tree."""
    relative = {path for path in metadata_of(mount, place) if not Path(place.source, path).is_symlink()}
    steps = [("shield", f"{place.lower}/{path}", f"{place.at}/{path}") for path in sorted(relative)]
    if not os.path.lexists(Path(place.source, ".git")):
        steps.append(("shield", "", f"{place.at}/.git"))
    return steps


def find_metadata(root: str) -> set[str]:
    """Paths of every `.git` below root, relative to it."""
    return {path for path, kind in _walk(root) if kind == "metadata"}


def find_sockets(mount: Mount, place: Place) -> list[str]:
    """Sockets in a place, relative to it, that lead to who listens outside: over a layer or in a view none does."""
    if place.lower or (mount.mount_namespace is not None and place.source == mount.path):
        return []
    return sorted(path for path, kind in _walk(place.source) if kind == "socket")


def _walk(root: str) -> Iterator[tuple[str, str]]:
    """What is special below root: its path relative to root, and whether it is metadata or a socket."""
    pending = [""]
    count = 0
    while pending and count < _MOST_DIRECTORIES:
        above = pending.pop()
        count += 1
        with contextlib.suppress(OSError), os.scandir(os.path.join(root, above)) as entries:
            for entry in entries:
                path = f"{above}{entry.name}"
                if entry.name == ".git":
                    yield path, "metadata"
                    yield from _sockets_in(root, path)
                elif entry.is_dir(follow_symlinks=False):
                    if entry.name not in _SKIPPED:
                        pending.append(f"{path}/")
                elif _is_socket(entry):
                    yield path, "socket"


def _sockets_in(root: str, path: str) -> Iterator[tuple[str, str]]:
    """git's own daemon listens directly in its directory."""
    with contextlib.suppress(OSError), os.scandir(os.path.join(root, path)) as entries:
        for entry in entries:
            if _is_socket(entry):
                yield f"{path}/{entry.name}", "socket"


def _is_socket(entry: os.DirEntry[str]) -> bool:
    if entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False):
        return False
    return stat.S_ISSOCK(entry.stat(follow_symlinks=False).st_mode)


def _relative(path: str, mount: Mount) -> str:
    for top in (mount.path, mount.at):
        if top and path.startswith(top.rstrip("/") + "/"):
            return path[len(top.rstrip("/")) + 1 :]
    return path


def _remove_empty(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.rmdir()
