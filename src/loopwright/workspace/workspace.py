"""One view of the user's tree: checkpoints of it, fresh views of exactly what a checkpoint holds, and its landing."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import anyio.to_thread

from loopwright.core.checks import Change, FileChange, Promotion, Ref
from loopwright.core.errors import WorkspaceError
from loopwright.core.ports import Blobs, Mount, Profile, Sandbox
from loopwright.core.running import DEFAULT_LIMITS, Limits
from loopwright.workspace.backing import Backing, make_backing
from loopwright.workspace.content import shown_address
from loopwright.workspace.executor import LazyExecutor
from loopwright.workspace.files import ViewFiles
from loopwright.workspace.git import Git
from loopwright.workspace.ground import Ground
from loopwright.workspace.inputs import ignored_inputs
from loopwright.workspace.journal import Step, recover
from loopwright.workspace.landing import land
from loopwright.workspace.layer import Layer
from loopwright.workspace.layering import changes_of, hides, layer_for_fresh, made_room, pins
from loopwright.workspace.membership import Membership
from loopwright.workspace.names import is_cache, parents, to_text
from loopwright.workspace.promotion import plan, prunable, record, refuse, refuse_repositories
from loopwright.workspace.record import save_delta
from loopwright.workspace.tree import Changes, Item, difference
from loopwright.workspace.undo import undo_now

#: Seconds between two looks at whether the user changed files themselves: a look costs milliseconds, a turn should not.
_LOOK = 2.0


@dataclass(frozen=True)
class Setting:
    """What every view of a session shares."""

    sandbox: Sandbox
    blobs: Blobs
    profile: Profile
    limits: Limits
    plain: bool = False


class View:
    """A Workspace over an overlay (see ADR 3). Made by open_workspace."""

    def __init__(
        self, ground: Ground, setting: Setting, layer: Layer, below: Changes, *, passing: bool = False
    ) -> None:
        self.root = ground.root
        self._ground, self._setting, self._passing = ground, setting, passing
        self._lock = ground.lock
        self._below = below
        self._last: tuple[Layer, Ref, str] | None = None
        self._looked = time.monotonic()
        self._backing = self._make(layer)
        owner = self._backing.owner
        self.files = ViewFiles(self.root, self._backing.tree, (owner.uid, owner.gid), self._members)
        self._membership = self._judge()
        self.executor = LazyExecutor(setting.sandbox, self._place(), setting.profile, setting.limits)

    @property
    def note(self) -> str:
        """What a person should know of how the view was made; "" = nothing."""
        return "; ".join(filter(None, (self._backing.note, self._ground.note)))

    @property
    def base(self) -> Ref:
        """The user's tree as this session took it."""
        return self._ground.base

    def _make(self, layer: Layer) -> Backing:
        setting = self._setting
        return make_backing(self._ground, layer, setting.limits, setting.blobs, plain=setting.plain)

    def _judge(self) -> Membership:
        """Ask git in the view's namespace, so that the view's own .gitignore files count."""
        listing, backing = self._ground.listing, self._backing
        if not listing.git_dir:
            return Membership(listing, None)
        git = Git(self.root, git_dir=listing.git_dir, work_tree=listing.work_tree)
        if backing.mount_namespace is None:
            top = listing.work_tree == self.root
            git = Git(backing.path, git_dir=listing.git_dir, work_tree=backing.path) if top else Git(self.root)
        elif shutil.which("nsenter"):
            spaces = {"--user": backing.user_namespace, "--mount": backing.mount_namespace}
            enter = [f"{flag}=/proc/self/fd/{fd}" for flag, fd in spaces.items() if fd is not None]
            keep = ["--preserve-credentials"] if backing.user_namespace is not None else []
            passed = tuple(fd for fd in spaces.values() if fd is not None)
            git = replace(git, enter=("nsenter", *enter, *keep, "--"), passed=passed)
        return Membership(listing, git)

    def _place(self) -> Mount:
        backing, dropped = self._backing, os.geteuid() == 0
        return Mount(
            path=backing.path,
            at=self.root,
            mount_namespace=backing.mount_namespace,
            user_namespace=backing.user_namespace,
            uid=backing.owner.uid if dropped else None,
            gid=backing.owner.gid if dropped else None,
            git_dirs=self._ground.git_dirs(),
            passing=self._passing,
        )

    def _members(self) -> dict[bytes, Item]:
        with self._lock:
            tree, delta = self._ground.load(self._checkpoint())
            return tree.apply(delta.after)

    async def checkpoint(self) -> Ref:
        """Make what the view holds durable and return its address and tree hash. Raises StoreError."""
        at_once = self._unchanged()
        return at_once if at_once is not None else await anyio.to_thread.run_sync(self._checkpoint)

    def _unchanged(self) -> Ref | None:
        """The last checkpoint, where that is seen at once: most commands change nothing."""
        if self._last is None or self._must_look() or not self._lock.acquire(blocking=False):
            return None
        try:
            layer, ref, base = self._last
            return ref if base == self._ground.address and self._backing.still(layer) else None
        finally:
            self._lock.release()

    def _must_look(self) -> bool:
        return not self._passing and time.monotonic() - self._looked > _LOOK

    def _checkpoint(self) -> Ref:
        with self._lock:
            layer = self._backing.read()
            if self._must_look():
                self._look(layer)
            if self._last and self._last[0] == layer and self._last[2] == self._ground.address:
                return self._last[1]
            ref = self._save(layer)
            self._last = (layer, ref, self._ground.address)
            return ref

    def _look(self, layer: Layer) -> None:
        drift = self._ground.drift(self._ground.now())
        if drift:
            changes = changes_of(layer, self._below, self._ground, self._membership)
            self._ground.follow(drift, {*changes, *layer, *hides(layer, self._ground.tree)})
        self._looked = time.monotonic()

    def _save(self, layer: Layer) -> Ref:
        ground = self._ground
        if not layer and not self._below:
            return ground.base
        changes = changes_of(layer, self._below, ground, self._membership)
        before = {path: ground.keep(path, ground.tree.items[path]) for path in changes if path in ground.tree.items}
        address = save_delta(ground.address, layer, before, changes, self._setting.blobs)
        return Ref(address, ground.tree.hash(changes))

    async def restore(self, ref: Ref) -> None:
        """Make the view hold exactly what it held at ref; what runs in it is ended.

        Raises StoreError, WorkspaceError.
        """
        backing = await anyio.to_thread.run_sync(self._restored, ref)
        old, self._backing = self._backing, backing
        self.files.move(backing.tree, (backing.owner.uid, backing.owner.gid))
        self._membership, self._last = self._judge(), None
        try:
            await self.executor.move(self._place())
        finally:
            old.close()

    def _restored(self, ref: Ref) -> Backing:
        with self._lock:
            tree, delta = self._ground.load(ref)
            layer = dict(delta.layer)
            now = self._ground.now()
            layer |= pins(layer, tree, now, self._ground)
            if self._ground.address != delta.base:
                self._ground.rebase(tree)
            self._below = difference(tree.items, now)
            self._looked = -_LOOK
            return self._make(made_room(layer))

    async def change(self, ref: Ref) -> Change:
        """The difference between ref's base and ref; contents are in the blob store. Raises StoreError."""
        return await anyio.to_thread.run_sync(self._change, ref)

    def _change(self, ref: Ref) -> Change:
        tree, delta = self._ground.load(ref)
        files = tuple(self._file_change(*each) for each in delta.changes)
        return Change(base=tree.hash(), tree=ref.tree, files=files)

    def _file_change(self, path: bytes, before: Item | None, after: Item | None) -> FileChange:
        blobs, shown = self._setting.blobs, after or before
        return FileChange(
            path=to_text(path),
            kind="delete" if after is None else "add" if before is None else "update",
            before=None if before is None else shown_address(before, blobs),
            after=None if after is None else shown_address(after, blobs),
            mode_before=before.mode if before else 0,
            mode_after=after.mode if after else 0,
            link=shown is not None and shown.kind == "l",
        )

    @asynccontextmanager
    async def fresh(self, ref: Ref, patch: Mapping[str, bytes | None] | None = None) -> AsyncIterator[View]:
        """A new view of exactly ref's tracked and unignored files, `patch` laid over; nothing of it lands.

        Raises WorkspaceError where the user changed a file meanwhile whose earlier content is not kept.
        """
        view = await anyio.to_thread.run_sync(self._fresh, ref, dict(patch or {}))
        try:
            yield view
        finally:
            with anyio.CancelScope(shield=True):
                await view.aclose()

    def _fresh(self, ref: Ref, patch: dict[str, bytes | None]) -> View:
        with self._lock:
            now = self._ground.now()
            layer = layer_for_fresh(ref, patch, now, self._ground)
            below = difference(self._ground.tree.items, now)
            return View(self._ground, self._setting, layer, below, passing=True)

    async def stale(self, ref: Ref) -> tuple[str, ...]:
        """Paths in which the user's tree now differs from the base the session was opened with."""
        return await anyio.to_thread.run_sync(self._stale)

    def _stale(self) -> tuple[str, ...]:
        ground = self._ground
        mine = ground.landed.after if ground.landed else {}
        return tuple(sorted(to_text(p) for p in difference(ground.opened.apply(mine), ground.now())))

    async def promote(self, ref: Ref) -> Promotion:
        """Apply what ref changes beyond the last promotion to the user's tree, all or nothing.

        Where the user changed a file meanwhile, it is named in `conflicts` and nothing is applied.
        Raises WorkspaceError, with the tree as it was, for what must not land and what cannot be written.
        """
        return await anyio.to_thread.run_sync(self._promote, ref)

    def _promote(self, ref: Ref) -> Promotion:
        with self._lock:
            ground = self._ground
            tree, delta = ground.load(ref)
            before_ref = ground.landed_ref or ground.base
            before_tree, before = ground.load(before_ref)
            kept = {path: item for path, item, _ in delta.changes if item is not None}
            steps = plan(before.after, delta.after, before_tree.items, tree.items, kept)
            for step in steps:
                refuse(self.root, step.path, step.target, self._setting.blobs)
            refuse_repositories(steps, tree.items)
            prune = prunable(steps, dict(delta.layer))
            caches = ground.caches_below(prune)
            steps += [Step(path, item, None) for path, item in caches.items()]
            above = {above for path in caches for above in parents(path)}
            going = sorted({*prune, *(d for d in above if is_cache(d))})
            landed = land(self.root, steps, self._setting.blobs, going)
            if not landed.conflicts:
                ground.set_landed(ref)
            return record(landed, before_ref, ref, self._setting.blobs)

    async def undo(self, address: str) -> Promotion:
        """Take a promotion of this session back (see undo.undo); a later one starts from there."""
        return await anyio.to_thread.run_sync(self._undo, address)

    def _undo(self, address: str) -> Promotion:
        with self._lock:
            promotion = undo_now(self.root, address, self._setting.blobs)
            if not promotion.conflicts:
                self._ground.set_landed(promotion.ref)
            return promotion

    async def inputs(self) -> dict[str, str]:
        """What is ignored and yet seen by the checks, each with a digest of its listing."""
        return await anyio.to_thread.run_sync(ignored_inputs, self.root)

    async def aclose(self) -> None:
        """End the sandbox and let the view go; the user's tree is left as it is."""
        await self.executor.aclose()
        self.files.move(-1, (-1, -1))
        self._backing.close()
        if not self._passing:
            self._ground.close()


async def open_workspace(
    root: str,
    *,
    sandbox: Sandbox,
    blobs: Blobs,
    profile: Profile = "workspace-write",
    limits: Limits = DEFAULT_LIMITS,
    base: Ref | None = None,
    landed: Ref | None = None,
    plain: bool = False,
) -> View:
    """Return a view of the directory root.

    A session that is taken up again names its `base`, and the checkpoint it `landed` last, if it did. `plain` makes
    the view a copy at a path that every process of the machine can see, for sandboxes that are daemons.
    Raises WorkspaceError where the directory cannot be read or no view of it can be made.
    """
    return await anyio.to_thread.run_sync(_open, root, Setting(sandbox, blobs, profile, limits, plain), base, landed)


def _open(root: str, setting: Setting, base: Ref | None, landed: Ref | None) -> View:
    root = os.path.realpath(root)
    if not Path(root).is_dir():
        raise WorkspaceError(f"{root} is not a directory")
    recover(root)
    ground = Ground(root, setting.blobs, base, landed)
    try:
        below = difference(ground.tree.items, ground.now()) if base is not None else {}
        return View(ground, setting, {}, below)
    except BaseException:
        ground.close()
        raise
