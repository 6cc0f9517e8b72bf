"""What a view stands on: an overlay where the kernel has one, else a plain copy, and the reason said."""

from __future__ import annotations

from typing import Protocol

from loopwright.core.errors import WorkspaceError
from loopwright.core.ports import Blobs
from loopwright.core.running import DEFAULT_LIMITS, Limits
from loopwright.workspace.copied import Copied, copy_tree
from loopwright.workspace.ground import Ground
from loopwright.workspace.layer import Layer, write_layer
from loopwright.workspace.overlay import NoOverlay, mount_overlay
from loopwright.workspace.owner import Owner, owner_of

_COPIED = "the view is a copy: {reason}; its disk limit is checked after each command, its inode limit is not enforced"


class Backing(Protocol):
    """A mounted view. It is gone when it is closed."""

    tree: int  # descriptor of its root
    path: str
    owner: Owner
    note: str  # what a person should know of it
    mount_namespace: int | None
    user_namespace: int | None

    def read(self) -> Layer:
        """What it changed of the user's tree; contents are durable when this returns. Raises StoreError."""
        ...

    def still(self, layer: Layer) -> bool:
        """True where it is seen at once, without reading contents, that `read` would give layer again."""
        ...

    def close(self) -> None: ...


def make_backing(ground: Ground, layer: Layer, limits: Limits, blobs: Blobs, *, plain: bool = False) -> Backing:
    """Return a view of the user's tree that holds layer. `plain` asks for a copy at a path every process can see.

    Raises WorkspaceError where it cannot be made, or has no room for the layer.
    """
    owner = owner_of(ground.root)
    disk = limits.disk or DEFAULT_LIMITS.disk or 0
    inodes = limits.inodes or DEFAULT_LIMITS.inodes or 0

    def fill(upper: int) -> None:
        write_layer(upper, layer, owner, blobs, ground.fd)

    try:
        if not plain:
            return mount_overlay(ground.root, owner, disk, inodes, ground.git_dirs(), fill, blobs)
        reason = "asked for"
    except NoOverlay as error:
        reason = str(error)
    except OSError as error:
        raise _no_view(ground.root, error) from None
    try:
        copied = copy_tree(ground.root, owner, disk, blobs, _COPIED.format(reason=reason))
        return _filled(copied, layer, ground)
    except OSError as error:
        raise _no_view(ground.root, error) from None


def _filled(copied: Copied, layer: Layer, ground: Ground) -> Copied:
    try:
        copied.fill(layer, ground.fd)
    except BaseException:
        copied.close()
        raise
    return copied


def _no_view(root: str, error: OSError) -> WorkspaceError:
    return WorkspaceError(f"cannot make a view of {root}: {error.strerror or error}")
