"""The user's tree: as the session took it as its base, as it is now, and what the session itself has put there."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterable
from contextlib import suppress

from loopwright.core.checks import Ref
from loopwright.core.errors import StoreError, WorkspaceError
from loopwright.core.ports import Blobs
from loopwright.workspace import beneath
from loopwright.workspace.content import keep_file, keep_link, pieces_of
from loopwright.workspace.git import Listing
from loopwright.workspace.names import is_cache, parents, to_text
from loopwright.workspace.record import Base, Delta, load, save_base
from loopwright.workspace.scan import Digests, list_tree, open_file, read_tree
from loopwright.workspace.tree import Changes, Item, Tree, difference, same


class Ground:
    """Reads the tree below one directory descriptor; writes nothing to it."""

    def __init__(self, root: str, blobs: Blobs, base: Ref | None = None, landed: Ref | None = None) -> None:
        self.root, self.blobs = root, blobs
        self.fd = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
        self.lock = threading.RLock()
        self._digests = Digests()
        self._refused: set[bytes] = set()
        self._kept: dict[bytes, Item] = {}
        self._bases: dict[str, Tree] = {}
        self.landed_ref: Ref | None = None
        self.landed: Delta | None = None  # what of the session was promoted last
        self.listing: Listing = list_tree(root)
        if base is None:
            self.rebase(Tree(read_tree(self.fd, self.listing.paths, self._digests, self._refused)))
        else:
            self.address = base.id
            self.tree, _ = self.load(base)
        self.opened = self.tree
        if landed is not None:
            self.set_landed(landed)

    def set_landed(self, ref: Ref) -> None:
        """Remember which checkpoint the user's tree stands at."""
        self.landed_ref, (_, self.landed) = ref, self.load(ref)

    @property
    def base(self) -> Ref:
        return Ref(self.address, self.tree.hash())

    @property
    def note(self) -> str:
        """Which files are left out, and why; "" = none."""
        if not self._refused:
            return ""
        names = ", ".join(to_text(path) for path in sorted(self._refused)[:3])
        return f"{len(self._refused)} files may not be read and are no part of the tree: {names}"

    def now(self) -> dict[bytes, Item]:
        """The tracked and unignored files as they are at this moment."""
        self.listing = list_tree(self.root)
        return read_tree(self.fd, self.listing.paths, self._digests, self._refused)

    def read(self, paths: Iterable[bytes]) -> dict[bytes, Item]:
        """The items of some paths as they are at this moment."""
        return read_tree(self.fd, paths, self._digests, self._refused)

    def drift(self, now: dict[bytes, Item]) -> Changes:
        """What the user changed since the base was taken, the session's own promotions left out."""
        return difference(self.tree.apply(self.landed.after if self.landed else {}), now)

    def follow(self, drift: Changes, touched: Iterable[bytes]) -> bool:
        """Take the user's changes into the base, except of paths the session touched. True where there were any."""
        own = {*touched, *(self.landed.after if self.landed else {})}
        taken = {path: item for path, item in drift.items() if path not in own}
        if taken:
            self.rebase(Tree(self.tree.apply(taken)))
        return bool(taken)

    def rebase(self, tree: Tree) -> None:
        """Make another tree the base."""
        self.tree, self.address = tree, save_base(tree, self.blobs)
        self._bases[self.address] = tree

    def load(self, ref: Ref) -> tuple[Tree, Delta]:
        """The base of a checkpoint and the checkpoint. Raises StoreError, WorkspaceError."""
        record = load(ref.id, self.blobs)
        delta = Delta(ref.id, (), ()) if isinstance(record, Base) else record
        if delta.base not in self._bases:
            base = load(delta.base, self.blobs)
            if not isinstance(base, Base):
                raise WorkspaceError(f"{ref.id[:12]} is no checkpoint of this session")
            self._bases[delta.base] = Tree(dict(base.items))
        return self._bases[delta.base], delta

    def keep(self, path: bytes, item: Item) -> Item:
        """Make a base file's content durable before a view or a promotion replaces it; returns where it is."""
        known = self._kept.get(path)
        if known is not None and same(known, item):
            return known
        kept = item
        with suppress(OSError), beneath.parent_of(self.fd, path) as (above, name):
            if item.kind == "l":
                kept = keep_link(os.readlink(name, dir_fd=above), self.blobs)
            else:
                fd = open_file(above, name)
                try:
                    if stat.S_ISREG(os.fstat(fd).st_mode):
                        kept = keep_file(fd, item.mode, self.blobs)
                finally:
                    os.close(fd)
        if not same(kept, item):
            return item  # the user changed it meanwhile: its promotion will be a conflict
        self._kept[path] = kept
        return kept

    def caches_below(self, directories: Iterable[bytes]) -> dict[bytes, Item]:
        """The well-known caches in directories, which would keep them from being removed."""
        found: set[bytes] = set()
        for directory in directories:
            with suppress(OSError):
                fd = beneath.open_beneath(self.fd, directory, os.O_RDONLY | os.O_DIRECTORY)
                try:
                    for at, _, files, _ in os.fwalk(b".", dir_fd=fd, follow_symlinks=False):
                        above = directory + b"/" + (at[2:] + b"/" if at != b"." else b"")
                        found.update(above + name for name in files if is_cache(above + name))
                finally:
                    os.close(fd)
        return self.read(found)

    def git_dirs(self) -> tuple[str, ...]:
        """Where repository metadata lies, relative to the root."""
        found = [directory + b"/.git" for directory in self.listing.nested]
        return tuple(os.fsdecode(p) for p in [b".git", *found] if beneath.stat_beneath(self.fd, p) is not None)

    def has_content(self, item: Item) -> bool:
        """True where the content can be written again."""
        try:
            for _ in pieces_of(item, self.blobs):
                pass
        except StoreError:
            return False
        return True

    def caches(self) -> list[bytes]:
        """The well-known caches that lie beside the tree's files."""
        found: list[bytes] = []
        for directory in {b"", *(above for path in self.tree.paths for above in parents(path))}:
            with suppress(OSError):
                fd = beneath.open_beneath(self.fd, directory, os.O_RDONLY | os.O_DIRECTORY)
                try:
                    names = beneath.names_in(fd)
                finally:
                    os.close(fd)
                prefix = directory + b"/" if directory else b""
                found += [prefix + name for name in names if is_cache(prefix + name)]
        return found

    def close(self) -> None:
        """Let the tree go."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
