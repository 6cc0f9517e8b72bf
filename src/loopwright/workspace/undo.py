"""Taking a promotion back, with nothing but the directory and the address that the promotion left."""

from __future__ import annotations

import anyio.to_thread

from loopwright.core.checks import Promotion
from loopwright.core.ports import Blobs
from loopwright.workspace.landing import land
from loopwright.workspace.promotion import load_undo, record


async def undo(root: str, address: str, blobs: Blobs) -> Promotion:
    """Restore what a promotion replaced, byte for byte; the result's own `undo` does it again.

    All or nothing: where a file was changed since, it is named in `conflicts` and nothing is restored.
    Raises WorkspaceError, with the tree as it was, where it cannot be restored.
    """
    return await anyio.to_thread.run_sync(undo_now, root, address, blobs)


def undo_now(root: str, address: str, blobs: Blobs) -> Promotion:
    """As undo, without an event loop."""
    kept = load_undo(address, blobs)
    landed = land(root, kept.steps, blobs, kept.prune, kept.make, whole=True)
    return record(landed, kept.after, kept.before, blobs)
