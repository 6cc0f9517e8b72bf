"""A view that is a plain copy of the user's tree: where no overlay can be mounted, or a daemon has to see its path."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from loopwright.core.errors import WorkspaceError
from loopwright.core.ports import Blobs
from loopwright.workspace.content import keep_file, keep_link
from loopwright.workspace.layer import WHITEOUT, Entry, Layer, write_layer
from loopwright.workspace.names import is_cache
from loopwright.workspace.owner import Owner
from loopwright.workspace.scan import Digests, Stamp, stamp

_Found = tuple[bytes, int, bytes, os.stat_result]  # path, open directory, name in it, stat


class Copied:
    """The copy. What it changed is found by comparing it with what it was when it was made."""

    mount_namespace: int | None = None
    user_namespace: int | None = None

    def __init__(self, path: str, owner: Owner, disk: int, blobs: Blobs, note: str) -> None:
        self.path, self.owner, self.note = path, owner, note
        self.tree = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        self._disk, self._blobs = disk, blobs
        self._digests = Digests()
        self._keep = partial(keep_file, blobs=blobs)
        self._first: dict[bytes, Stamp] = {found: stamp(info) for found, _, _, info in self._walk()}

    def fill(self, layer: Layer, lower: int) -> None:
        """Lay a layer over the copy. Raises OSError, StoreError."""
        for path, entry in sorted(layer.items()):
            place = Path(self.path, os.fsdecode(path))
            keeps = entry.kind == "d" and not entry.opaque and place.is_dir() and not place.is_symlink()
            if not keeps and os.path.lexists(place):
                shutil.rmtree(place) if place.is_dir() and not place.is_symlink() else place.unlink()
        wanted = {path: _plain(entry) for path, entry in layer.items() if entry.kind != "w"}
        write_layer(self.tree, wanted, self.owner, self._blobs, lower)

    def read(self) -> Layer:
        """What changed since the copy was made. Raises WorkspaceError where it is more than the disk limit."""
        layer: Layer = {}
        seen: set[bytes] = set()
        for path, directory, name, info in self._walk():
            seen.add(path)
            first = self._first.get(path)
            unchanged = first == stamp(info) or (
                first is not None and stat.S_ISDIR(info.st_mode) and first[2] == info.st_mode
            )
            if not unchanged:
                with suppress(FileNotFoundError):
                    self._add(layer, path, directory, name, info)
        for path in self._first.keys() - seen:
            above = path.rpartition(b"/")[0]
            if not above or above in seen:
                layer[path] = WHITEOUT
        used = sum(entry.item.size for entry in layer.values() if entry.item is not None)
        if used > self._disk:
            raise WorkspaceError(f"the view holds {used} bytes of changes, more than its disk limit of {self._disk}")
        return layer

    def still(self, layer: Layer) -> bool:
        """False: the whole tree would have to be walked."""
        return False

    def _add(self, layer: Layer, path: bytes, directory: int, name: bytes, info: os.stat_result) -> None:
        mode, first = stat.S_IMODE(info.st_mode), self._first.get(path)
        if stat.S_ISREG(info.st_mode):
            layer[path] = Entry("f", mode, self._digests.item(directory, name, info, self._keep))
        elif stat.S_ISDIR(info.st_mode):
            layer[path] = Entry("d", mode, None, first is not None and not stat.S_ISDIR(first[2]))
        elif stat.S_ISLNK(info.st_mode):
            layer[path] = Entry("l", 0, keep_link(os.readlink(name, dir_fd=directory), self._blobs))

    def _walk(self) -> Iterator[_Found]:
        for at, directories, files, fd in os.fwalk(b".", follow_symlinks=False, dir_fd=self.tree):
            above = at[2:] + b"/" if at != b"." else b""
            directories[:] = [n for n in directories if not is_cache(above + n) and above + n != b".git"]
            for name in (*directories, *(n for n in files if not is_cache(above + n) and above + n != b".git")):
                with suppress(FileNotFoundError):
                    yield above + name, fd, name, os.stat(name, dir_fd=fd, follow_symlinks=False)

    def close(self) -> None:
        """Delete the copy."""
        if self.tree >= 0:
            os.close(self.tree)
            self.tree = -1
        shutil.rmtree(self.path, ignore_errors=True)


def _plain(entry: Entry) -> Entry:
    return Entry("d", entry.mode) if entry.kind == "d" else entry


def copy_tree(root: str, owner: Owner, disk: int, blobs: Blobs, note: str) -> Copied:
    """Copy root, sharing the contents with it where the file system can. Raises OSError, WorkspaceError."""
    place = tempfile.mkdtemp(prefix="loopwright-")
    try:
        _copy(root, place)
        if os.geteuid() == 0:
            _give(place, owner)
        Path(place).chmod(0o755 if os.geteuid() == 0 else 0o700)
        return Copied(place, owner, disk, blobs, note)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def _copy(root: str, place: str) -> None:
    attempts: Mapping[str, tuple[str, ...]] = {"sharing": ("--reflink=auto", "--sparse=always"), "plain": ()}
    for flags in attempts.values():
        done = subprocess.run(["cp", "-a", *flags, "--", f"{root}/.", place], capture_output=True, check=False)
        if done.returncode == 0:
            return
    reason = done.stderr.decode(errors="replace").strip().splitlines()
    raise WorkspaceError(f"cannot copy {root}: {reason[-1] if reason else 'cp failed'}")


def _give(place: str, owner: Owner) -> None:
    for _, directories, files, fd in os.fwalk(place, follow_symlinks=False):
        for name in (*directories, *files, "."):
            info = os.stat(name, dir_fd=fd, follow_symlinks=False)
            os.chown(name, *owner.seen(info.st_uid, info.st_gid), dir_fd=fd, follow_symlinks=False)
